"""Events from the socket reach the broker whole, in order, through outages."""

import collections
import json
import threading

import harness
import pytest
import sdk
from harness import Producer, event, until


def check_delivery(records, sent, duplicates_allowed=False):
    """Each session in one partition, in order, byte for byte, none missing."""
    seen = collections.defaultdict(list)
    partitions = collections.defaultdict(set)
    for each in records:
        session = json.loads(each.payload)["session_id"]
        seen[session].append(each)
        partitions[session].add(each.partition)
    assert set(seen) == set(sent)
    for session, lines in sent.items():
        assert len(partitions[session]) == 1, f"{session} is in {partitions[session]}"
        got = [each.payload for each in sorted(seen[session], key=lambda r: r.offset)]
        if duplicates_allowed:
            got = list(dict.fromkeys(got))
        assert got == [each.encode() for each in lines], f"{session} differs"


def produce(daemon, sessions, goes_on, sent):
    """One producer: its sessions' events in turn, as long as it is to go on, then waits until all are
    committed."""
    lines = {each: [] for each in sessions}
    sent.update(lines)
    producer = Producer(daemon)
    number = 0
    while goes_on(number):
        for each in sessions:
            lines[each].append(event(each, number))
        producer.send(*(lines[each][number] for each in sessions))
        number += 1
    producer.wait_acked(number * len(sessions))
    producer.close()


def run_producers(daemon, goes_on, producers=4, sessions_each=5):
    """`goes_on` is asked before each event of a session, with its number."""
    sent = {}
    threads = [threading.Thread(target=produce, args=(
        daemon, [f"session-{p}-{s}" for s in range(sessions_each)], goes_on, sent))
        for p in range(producers)]
    for each in threads:
        each.start()
    return sent, threads


def test_several_producers_at_once_deliver_every_byte_in_order(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    sent, threads = run_producers(daemon, lambda number: number < 500)
    for each in threads:
        each.join()
    records = sdk.read_topic(broker.address, start.stream)
    check_delivery(records, sent)
    assert len({each.id for each in records}) == len(records), "ids are unique"
    assert sdk.partitions_of(broker.address, start.stream) == 8
    counters = daemon.status()["counters"]
    assert counters["committed_events"] == counters["received_events"] == len(records)
    assert daemon.stop() == 0


def test_ten_clean_stops_of_the_broker_lose_and_double_nothing(start):
    broker = start.broker()
    proxied = broker.real and not harness.REAL_COMMAND
    proxy = start.proxy(broker.address) if proxied else None
    daemon = start.daemon(proxy.address if proxied else broker.address,
                          {"queue": {"overflow": "block", "block_ms": 60000}})
    over = threading.Event()
    # Producers write all the time: a thousand events a second.
    sent, threads = run_producers(daemon, lambda number: not over.wait(0.02))
    for stop in range(10):
        before = daemon.status()["counters"]["committed_events"]
        until(lambda: daemon.status()["counters"]["committed_events"] > before, "events flow")
        (proxy.vanish if proxied else broker.stop_cleanly)()
        until(lambda: daemon.status()["link"]["state"] != "ready", "the outage is noticed")
        (proxy.come_back if proxied else broker.start_again)()
        daemon.wait_connected()
    assert all(each.is_alive() for each in threads)
    over.set()
    for each in threads:
        each.join()
    records = sdk.read_topic(broker.address, start.stream)
    # A cut link may have swallowed an answer. A server that stops cleanly answers first, but for a
    # real 0.9, which ends its connections in the middle of a send.
    unanswered = proxied or (broker.real and harness.GENERATION == "0.9")
    check_delivery(records, sent, duplicates_allowed=unanswered)
    assert daemon.status()["link"]["connections"] >= 11
    assert daemon.status()["losses"]["total"] == 0


def test_a_lost_answer_repeats_at_most_its_batch_under_the_same_ids(start):
    broker = start.broker()
    proxy = start.proxy(broker.address)
    daemon = start.daemon(proxy.address, {"iggy": {"heartbeat_ms": 3600000}})
    daemon.wait_connected()
    producer = Producer(daemon)
    lines = [event("one-session", n) for n in range(50)]
    proxy.swallow_next_answer()
    producer.send(*lines)
    producer.wait_acked(50)
    records = sdk.read_topic(broker.address, start.stream)
    check_delivery(records, {"one-session": lines}, duplicates_allowed=True)
    ids = collections.defaultdict(set)
    for each in records:
        ids[each.payload].add(each.id)
    assert all(len(each) == 1 for each in ids.values()), "a repeated event keeps its id"
    repeated = len(records) - 50
    resent = daemon.status()["counters"]["resent_events"]
    assert resent > 0
    if harness.GENERATION == "0.10":
        # The session goes on, and the same request gets the answer that was lost.
        assert repeated == 0
    else:
        assert 0 < repeated <= resent


@pytest.mark.embedded
@pytest.mark.skipif(harness.GENERATION in ("0.9", "0.10"),
                    reason="from 0.9 on servers compare no message ids")
def test_a_broker_that_deduplicates_has_no_event_twice_even_after_a_lost_answer(start):
    broker = start.broker("--deduplicate")
    proxy = start.proxy(broker.address)
    daemon = start.daemon(proxy.address, {"iggy": {"heartbeat_ms": 3600000}})
    daemon.wait_connected()
    producer = Producer(daemon)
    lines = [event("one-session", n) for n in range(50)]
    proxy.swallow_next_answer()
    producer.send(*lines)
    producer.wait_acked(50)
    records = sdk.read_topic(broker.address, start.stream)
    assert [each.payload for each in records] == [each.encode() for each in lines]
    assert daemon.status()["counters"]["resent_events"] > 0


def test_an_outage_at_start_is_waited_out(start):
    broker = start.broker()
    proxy = start.proxy(broker.address)
    proxy.vanish()
    daemon = start.daemon(proxy.address)
    producer = Producer(daemon, "received")
    lines = [event("early", n) for n in range(100)]
    producer.send(*lines)
    producer.wait_acked(100)
    status = daemon.status()
    assert status["queue"]["events"] == 100
    assert "running" in status["link"]["last_error"]["message"]
    proxy.come_back()
    daemon.wait_drained()
    check_delivery(sdk.read_topic(broker.address, start.stream), {"early": lines})


LOSS_REASONS = {"drop_oldest": "overflow_drop_oldest", "drop_newest": "overflow_drop_newest",
                "block": "overflow_block_expired"}


def fill_in_an_outage(proxy, daemon, producer, lines):
    """Writes more than the queue holds while Iggy is away; the numbers of the lines that are lost."""
    proxy.vanish()
    until(lambda: daemon.status()["link"]["state"] != "ready", "the outage is noticed")
    answered, refused = producer.acked, len(producer.errors)
    producer.send(*lines)
    producer.wait_acked(answered + len(lines))
    lost = daemon.status()["losses"]["total"]
    while len(producer.errors) < lost:
        producer.errors.append(producer.read()["error"])
    assert {each["code"] for each in producer.errors} == {"dropped_by_overflow"}
    return sorted(each["line"] - 1 - answered for each in producer.errors[refused:])


@pytest.mark.parametrize("policy,kept", [("drop_oldest", range(150, 250)),
                                         ("drop_newest", range(0, 100)),
                                         ("block", range(0, 100))])
def test_a_full_queue_drops_exactly_what_its_policy_says_in_one_outage_after_another(
        start, policy, kept):
    broker = start.broker()
    proxy = start.proxy(broker.address)
    daemon = start.daemon(proxy.address, {
        "queue": {"events_max": 100, "overflow": policy, "stall_ms": 50, "block_ms": 1}})
    daemon.wait_connected()
    producer = Producer(daemon, "received")
    arrived = []
    for outage in range(1, 4):
        lines = [event("full", 1000 * outage + n) for n in range(250)]
        lost = fill_in_an_outage(proxy, daemon, producer, lines)
        assert lost == sorted(set(range(250)) - set(kept))
        status = daemon.status()
        assert status["queue"]["events"] == 100
        assert status["losses"][LOSS_REASONS[policy]] == status["losses"]["total"] == 150 * outage
        assert status["counters"]["received_events"] == 250 * outage
        assert status["counters"]["committed_events"] == len(arrived)
        proxy.come_back()
        daemon.wait_drained()
        arrived += [lines[n] for n in kept]
        check_delivery(sdk.read_topic(broker.address, start.stream), {"full": arrived})
    assert daemon.status()["counters"]["committed_events"] == 300


@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "block"])
def test_the_cap_in_bytes_is_as_hard_as_that_in_events(start, policy):
    broker = start.broker()
    proxy = start.proxy(broker.address)
    daemon = start.daemon(proxy.address, {
        "socket": {"max_event_bytes": 1024},
        "queue": {"bytes_max": 65536, "overflow": policy, "stall_ms": 50, "block_ms": 1}})
    daemon.wait_connected()
    proxy.vanish()
    until(lambda: daemon.status()["link"]["state"] != "ready", "the outage is noticed")
    producer = Producer(daemon, "received")
    lines = [event("full", 1000 + n) for n in range(500)]  # all of one size
    producer.send(lines[0])
    producer.wait_acked(1)
    room = 65536 // daemon.status()["queue"]["bytes"]
    assert 1 < room < 500
    producer.send(*lines[1:])
    producer.wait_acked(500)
    status = daemon.status()
    assert status["queue"]["events"] == room
    assert status["losses"][LOSS_REASONS[policy]] == status["losses"]["total"] == 500 - room
    proxy.come_back()
    daemon.wait_drained()
    check_delivery(sdk.read_topic(broker.address, start.stream),
                   {"full": lines[-room:] if policy == "drop_oldest" else lines[:room]})


def test_a_topic_of_another_partition_count_is_used_as_it_is(start):
    broker = start.broker()
    sdk.create_topic(broker.address, start.stream, "events", 3)
    daemon = start.daemon(broker.address)
    sent, threads = run_producers(daemon, lambda number: number < 50, producers=1,
                                  sessions_each=20)
    for each in threads:
        each.join()
    records = sdk.read_topic(broker.address, start.stream)
    check_delivery(records, sent)
    assert {each.partition for each in records} == set(harness.partition_ids(3))
    assert daemon.status()["link"]["partitions"] == 3


def test_a_stream_may_have_capitals_and_blanks_in_its_name(start):
    broker = start.broker()
    name = f"Vibes {start.stream}"
    daemon = start.daemon(broker.address, {"iggy": {"stream": name}})
    producer = Producer(daemon)
    producer.send(event("s", 1))
    producer.wait_acked(1)
    # 0.4 stores names in lower case, with a dot for blanks, and looks them up as they are given.
    stored = name.lower().replace(" ", ".") if harness.GENERATION == "0.4" else name
    assert len(sdk.read_topic(broker.address, stored)) == 1


@pytest.mark.embedded
def test_a_topic_that_grows_is_noticed_while_events_flow(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"iggy": {"topology_refresh_ms": 100}})
    daemon.wait_connected()
    producer = Producer(daemon)
    producer.send(*(event(f"s{n}", n) for n in range(100)))
    producer.wait_acked(100)
    broker.control(f"set-partitions {start.stream} events 16")
    until(lambda: daemon.status()["link"]["partitions"] == 16, "16 partitions are known")
    producer.send(*(event(f"s{n}", n) for n in range(100)))
    producer.wait_acked(200)
    records = sdk.read_topic(broker.address, start.stream)
    assert len(records) == 200
    assert max(each.partition for each in records) > max(harness.partition_ids(8))
    until(lambda: "now has 16 partitions" in daemon.log(), "the log says so")


@pytest.mark.embedded
def test_a_stream_that_is_wiped_is_made_again(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    producer = Producer(daemon)
    producer.send(event("a", 1))
    producer.wait_acked(1)
    broker.control("forget")
    producer.send(event("a", 2))
    producer.wait_acked(2)
    assert [json.loads(each.payload)["number"]
            for each in sdk.read_topic(broker.address, start.stream)] == [2]


@pytest.mark.embedded
def test_an_event_that_the_broker_refuses_is_alone_in_its_loss(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    producer = Producer(daemon)
    # 64 events of one partition: seven halvings find one that is refused each time.
    broker.control("answer 4022 101 7")
    lines = [event("x", n) for n in range(64)]
    producer.send(*lines)
    producer.wait_acked(64)
    lost = [each["line"] - 1 for each in producer.errors]
    assert [each["code"] for each in producer.errors] == ["refused_by_iggy"] * len(lost)
    check_delivery(sdk.read_topic(broker.address, start.stream),
                   {"x": [each for n, each in enumerate(lines) if n not in lost]})
    assert daemon.status()["losses"]["refused_by_iggy"] == len(lost) > 0
