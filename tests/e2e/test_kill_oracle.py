"""The oracle of the kill tests complains of what must not be, and of nothing else."""

import time

import pytest
from harness import Stored
from kill_oracle import Oracle


def topic(*numbers, session="s", partition=0, ids=None):
    """A partition that holds these numbers in this order."""
    return [Stored(partition, offset, session, number, ids[offset] if ids else f"id-{number}")
            for offset, number in enumerate(numbers)]


def told(level="committed", sent=5, acked=5, deduplicates=False):
    """An oracle that was told of one session: so many sent, the first so many of them acknowledged."""
    oracle = Oracle(deduplicates)
    for number in range(sent):
        oracle.sent("s", number, level)
    for number in range(acked):
        oracle.acked("s", number)
    return oracle


def only(complaints):
    [complaint] = complaints
    return complaint


@pytest.mark.parametrize("level", ["received", "durable", "committed"])
def test_a_whole_topic_is_right(level):
    oracle = told(level)
    oracle.killed()
    assert oracle.check(topic(0, 1, 2, 3, 4)) == []


@pytest.mark.parametrize("level", ["durable", "committed"])
def test_a_promised_event_must_be_there(level):
    oracle = told(level)
    oracle.killed()
    assert f"4 is missing, acknowledged as {level}" in only(oracle.check(topic(0, 1, 2, 3)))


@pytest.mark.parametrize("level", ["durable", "committed"])
def test_what_was_not_acknowledged_may_be_missing(level):
    oracle = told(level, acked=3)
    oracle.killed()
    assert oracle.check(topic(0, 1, 2)) == []


def test_a_whole_session_that_is_missing_is_noticed():
    oracle = told(sent=1, acked=1)
    oracle.killed()
    assert "0 is missing" in only(oracle.check([]))


def test_the_last_received_events_may_be_missing():
    oracle = told("received")
    oracle.killed()
    assert oracle.check(topic(0, 1, 2)) == []


def test_received_events_of_long_before_the_kill_must_be_there():
    oracle = told("received", acked=4)
    oracle.killed(time.monotonic() + 2)
    assert "3 is missing" in only(oracle.check(topic(0, 1, 2)))


@pytest.mark.parametrize("level", ["received", "durable", "committed"])
def test_nothing_may_be_missing_before_what_is_there(level):
    oracle = told(level, acked=0)
    oracle.killed()
    assert "2 is missing, and what the session sent behind it" in only(oracle.check(topic(0, 1, 3, 4)))


def test_what_another_daemon_was_sent_may_begin_anew():
    oracle = told("received", sent=3, acked=3)
    oracle.killed()
    oracle.sent("s", 3, "received")
    assert oracle.check(topic(0, 3)) == []


def test_disorder_is_noticed():
    oracle = told()
    oracle.killed()
    assert "[1] came behind later ones" in only(oracle.check(topic(0, 2, 1, 3, 4)))


def test_events_of_a_later_daemon_may_not_come_first():
    oracle = told(sent=2, acked=2)
    oracle.killed()
    oracle.sent("s", 2, "committed")
    assert "[1] came behind later ones" in only(oracle.check(topic(0, 2, 1)))


def test_a_session_in_two_partitions_is_noticed():
    oracle = told(acked=0)
    complaint = only(oracle.check(topic(0, 1) + [Stored(1, 0, "s", 2, "id-2")]))
    assert "in partitions [0, 1]" in complaint


def test_what_nobody_sent_is_noticed():
    assert "[7] were never sent" in only(told(acked=0).check(topic(0, 7)))
    assert "t was never sent" in told(acked=0).check(topic(0, session="t"))[0]


def test_a_kill_may_repeat_the_last_events():
    oracle = told()
    oracle.killed()
    assert oracle.check(topic(0, 1, 2, 3, 2, 3, 4)) == []


def test_nothing_is_repeated_where_the_server_deduplicates():
    oracle = told(deduplicates=True)
    oracle.killed()
    assert "4 is there 2 times, and the server deduplicates" in only(
        oracle.check(topic(0, 1, 2, 3, 4, 4)))


def test_nothing_is_repeated_without_a_kill():
    complaints = told().check(topic(0, 1, 2, 3, 4, 4))
    assert any("4 is there 2 times, and only 0 kills" in each for each in complaints)


def test_one_kill_repeats_once():
    oracle = told()
    oracle.killed()
    complaints = oracle.check(topic(0, 1, 2, 3, 4, 4, 4))
    assert any("4 is there 3 times, and only 1 kills" in each for each in complaints)


def test_what_was_committed_long_before_the_kill_is_not_repeated():
    oracle = told()
    oracle.killed(time.monotonic() + 2)
    assert "4 is there 2 times, and only 0 kills" in only(oracle.check(topic(0, 1, 2, 3, 4, 4)))


def test_a_kill_repeats_nothing_that_was_sent_later():
    oracle = told(sent=2, acked=2)
    oracle.killed()
    oracle.sent("s", 2, "durable")
    assert "2 is there 2 times" in only(oracle.check(topic(0, 1, 2, 2)))


def test_repeats_come_in_order():
    oracle = told()
    oracle.killed()
    assert "2 times back to earlier events" in only(oracle.check(topic(0, 1, 2, 3, 4, 4, 3)))


def test_a_repeat_has_the_id_of_the_first():
    oracle = told(sent=1, acked=1)
    oracle.killed()
    assert "0 is there under several ids" in only(oracle.check(topic(0, 0, ids=["a", "b"])))


@pytest.mark.parametrize("later", [(0, 1, 2), (0, 1, 2, 3, 3), (0, 1, 2, 3, 4)])
def test_what_was_there_at_rest_stays_as_it_is(later):
    oracle = told("received")
    oracle.killed()
    assert oracle.check(topic(0, 1, 2, 3)) == []
    oracle.killed()
    oracle.killed()
    assert "times at rest, and is" in only(oracle.check(topic(*later)))
