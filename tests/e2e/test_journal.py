"""What is in the journal outlasts the daemon, a kill, and an outage longer than memory."""

import collections
import ctypes
import json
import shutil
import subprocess

import harness
import pytest
from harness import DAEMON, Producer, adds_up, event, until


def with_journal(path, **sections):
    """Settings of a daemon whose journal is at the path."""
    made = {"journal": {"directory": str(path)}, "stop": {"drain_ms": 1}}
    for name, keys in sections.items():
        made.setdefault(name, {}).update(keys)
    return made


def without_broker(start):
    """A broker behind a proxy that is away until it comes back."""
    broker = start.broker()
    proxy = start.proxy(broker.address)
    proxy.vanish()
    return broker, proxy


def stored_events(daemon):
    """Every event that Iggy has, read with the program's own `tail`, each partition in order."""
    found = subprocess.run([DAEMON, "tail", "--config", daemon.config, "--json"],
                           capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in found.stdout.splitlines()]


def numbers_by_session(records):
    numbers = collections.defaultdict(list)
    for each in records:
        numbers[each["session"]].append(each["event"]["number"])
    return dict(numbers)


def check_complete(daemon, sessions, count):
    """Each session's events are there once, in order, and no others."""
    expected = {each: list(range(count)) for each in sessions}
    assert numbers_by_session(stored_events(daemon)) == expected


def send_sessions(producer, sessions, count):
    for number in range(count):
        producer.send(*(event(each, number) for each in sessions))


def send_filled(producer, first, end):
    """Events of about half a kibibyte on disk."""
    for number in range(first, end):
        producer.send(event("s", number, filler="x" * 350))
    producer.wait_acked(end - first)


def run_that_leaves(start, proxy, settings, count):
    """A daemon that has ended with so many events of one session in its journal."""
    daemon = start.daemon(proxy.address, settings)
    producer = Producer(daemon, "received")
    send_sessions(producer, ["s"], count)
    producer.wait_acked(count)
    assert daemon.stop() == 0
    return daemon, producer


def test_durable_needs_a_journal(start):
    daemon = start.daemon(start.broker().address)
    producer = Producer(daemon, "durable")
    assert producer.hello["error"]["code"] == "durable_unavailable"
    assert daemon.status()["journal"] is None


def test_a_command_waits_until_its_event_is_durable(start, tmp_path):
    broker, proxy = without_broker(start)
    daemon = start.daemon(proxy.address, with_journal(tmp_path / "j"))
    sent = daemon.run("send", "--socket", daemon.socket, "--ack", "durable", event("s", 0))
    assert sent.returncode == 0, sent.stderr
    assert daemon.status()["journal"]["not_durable_events"] == 0
    memory_only = start.daemon(proxy.address)
    sent = memory_only.run("send", "--socket", memory_only.socket, "--ack", "durable", event("s", 0))
    assert sent.returncode == 1 and "durable_unavailable" in sent.stderr


def test_durable_needs_the_sync_of_every_group(start, tmp_path):
    daemon = start.daemon(start.broker().address,
                          with_journal(tmp_path / "j", journal={"sync": "interval"}))
    assert Producer(daemon, "durable").hello["error"]["code"] == "durable_unavailable"
    assert daemon.status()["journal"]["state"] == "healthy"


@pytest.mark.parametrize("sync", ["every_group", "interval", "never"])
def test_a_killed_daemon_has_lost_nothing(start, tmp_path, sync):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j", journal={"sync": sync})
    first = start.daemon(proxy.address, settings)
    sessions = ["a", "b", "c"]
    producer = Producer(first, "durable" if sync == "every_group" else "received")
    send_sessions(producer, sessions, 200)
    producer.wait_acked(600)
    until(lambda: first.status()["journal"]["live_events"] == 600, "all of it is written")
    first.kill()
    proxy.come_back()
    second = start.daemon(proxy.address, settings)
    assert second.status()["counters"]["recovered_events"] == 600
    second.wait_drained()
    assert adds_up(second.status())
    check_complete(second, sessions, 200)


def test_what_comes_after_a_restart_comes_behind(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j", queue={"events_max": 100, "bytes_max": 4 << 20})
    first = start.daemon(proxy.address, settings)
    producer = Producer(first, "durable")
    send_sessions(producer, ["s", "t"], 300)
    producer.wait_acked(600)
    first.kill()
    second = start.daemon(proxy.address, settings)
    producer = Producer(second, "committed")
    for number in range(300, 350):
        producer.send(event("s", number), event("t", number))
    until(lambda: second.status()["counters"]["received_events"] == 100, "all are taken")
    proxy.come_back()
    producer.wait_acked(100)
    second.wait_drained()
    check_complete(second, ["s", "t"], 350)
    assert second.status()["losses"]["total"] == 0


def test_a_backlog_larger_than_memory_comes_back_in_order(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j", queue={"events_max": 200, "bytes_max": 4 << 20,
                                                   "stall_ms": 10})
    daemon = start.daemon(proxy.address, settings)
    sessions = [f"s{n}" for n in range(10)]
    producer = Producer(daemon, "received")
    send_sessions(producer, sessions, 1_000)
    producer.wait_acked(10_000)
    status = daemon.status()
    assert status["queue"]["events"] == 200
    assert status["journal"]["tail_events"] == 9_800
    assert adds_up(status)
    proxy.come_back()
    daemon.wait_drained()
    status = daemon.status()
    assert status["losses"]["total"] == 0
    assert adds_up(status)
    check_complete(daemon, sessions, 1_000)
    assert daemon.stop() == 0


def test_a_stop_leaves_on_disk_what_iggy_does_not_have(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first, producer = run_that_leaves(start, proxy, settings, 500)
    assert "500 events stay in the journal" in first.log()
    assert producer.read() is None, "nothing was lost, so nothing is said"
    proxy.come_back()
    second = start.daemon(proxy.address, settings)
    second.wait_drained()
    check_complete(second, ["s"], 500)
    assert second.stop() == 0
    third = start.daemon(proxy.address, settings)
    assert third.status()["counters"]["recovered_events"] == 0


def test_a_stop_does_not_wait_for_a_disk_that_never_answers(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first = start.daemon(proxy.address, settings, program=harness.KILLABLE,
                         environment={"VIBES_HANG_AT": "journal_sync_before:3"})
    producer = Producer(first, "received")
    send_sessions(producer, ["s"], 50)
    producer.wait_acked(50)
    assert first.stop() == 0
    assert "which does not answer" in first.log()
    proxy.come_back()
    second = start.daemon(proxy.address, settings)
    second.wait_drained()
    written = second.status()["counters"]["recovered_events"]
    assert written > 0, "the disk had been given something"
    check_complete(second, ["s"], written)


def test_a_stop_does_not_wait_for_a_page_that_never_comes(start, tmp_path):
    broker, proxy = without_broker(start)
    daemon = start.daemon(proxy.address, with_journal(tmp_path / "j", queue={"events_max": 10}),
                          program=harness.KILLABLE,
                          environment={"VIBES_HANG_AT": "journal_read_before:1"})
    producer = Producer(daemon, "received")
    send_sessions(producer, ["s"], 50)
    producer.wait_acked(50)
    until(lambda: daemon.status()["journal"]["live_events"] == 50, "all of it is written")
    listed = daemon.queue("list")
    assert listed.returncode == 1, "the disk does not answer"
    assert daemon.stop() == 0
    assert "which does not answer" in daemon.log()


def test_only_one_daemon_has_a_journal(start, tmp_path):
    broker = start.broker()
    start.daemon(broker.address, with_journal(tmp_path / "j"))
    second = start.daemon(broker.address, with_journal(tmp_path / "j", journal={"lock_wait_ms": 50}),
                          wait=False)
    assert second.process.wait(30) == 73
    assert "another daemon keeps its journal there" in second.log()


def test_a_journal_of_a_newer_version_is_left_alone(start, tmp_path):
    broker = start.broker()
    first = start.daemon(broker.address, with_journal(tmp_path / "j"))
    producer = Producer(first, "committed")
    producer.send(event("s", 0))
    producer.wait_acked(1)
    assert first.stop() == 0
    segments = sorted((tmp_path / "j").glob("*.segment"))
    header = bytearray(segments[-1].read_bytes())
    newer = newer_header(header)
    segments[-1].write_bytes(newer)
    second = start.daemon(broker.address, with_journal(tmp_path / "j"))
    assert second.status()["journal"]["state"] == "off"
    until(lambda: "nothing of it was touched" in second.log(), "the log says so")
    assert segments[-1].read_bytes() == newer
    producer = Producer(second, "committed")
    producer.send(event("s", 1))
    producer.wait_acked(1)


def newer_header(segment):
    library = ctypes.CDLL("libxxhash.so.0")  # the one that the daemon is linked with
    library.XXH3_64bits.restype = ctypes.c_uint64
    segment[8:12] = (2).to_bytes(4, "little")
    checksum = library.XXH3_64bits(bytes(segment[:56]), ctypes.c_size_t(56))
    segment[56:64] = checksum.to_bytes(8, "little")
    return bytes(segment)


def test_a_directory_that_goes_away_stops_nothing(start, tmp_path):
    broker, proxy = without_broker(start)
    daemon = start.daemon(proxy.address, with_journal(tmp_path / "j"))
    producer = Producer(daemon, "durable")
    producer.send(event("s", 0))
    producer.wait_acked(1)
    shutil.rmtree(tmp_path / "j")
    (tmp_path / "j").write_text("in the way")
    # Files that are open go on: only the next one finds its directory gone.
    kept = {"content": "x" * 900_000}
    number = 1

    def is_written_or_trouble():
        journal = daemon.status()["journal"]
        return journal["state"] == "failed" or journal["not_durable_events"] == 0

    while daemon.status()["journal"]["state"] == "healthy":
        assert number < 40, "the trouble is noticed"
        producer.send(event("s", number, **kept))
        number += 1
        until(lambda: daemon.status()["counters"]["received_events"] == number, "it is taken")
        until(is_written_or_trouble, "it is on disk, or the trouble is noticed")
    assert Producer(daemon, "durable").hello["error"]["code"] == "durable_unavailable"
    until(lambda: "kept in memory only" in daemon.log(), "the log says so")
    producer.send(event("s", number))
    number += 1
    (tmp_path / "j").unlink()
    until(lambda: daemon.status()["journal"]["state"] == "healthy", "it is opened again")
    producer.wait_acked(number)
    daemon.kill()
    proxy.come_back()
    second = start.daemon(proxy.address, with_journal(tmp_path / "j"))
    second.wait_drained()
    check_complete(second, ["s"], number)


def test_a_directory_that_is_not_there_at_the_start_is_waited_for(start, tmp_path):
    broker, proxy = without_broker(start)
    daemon = start.daemon(proxy.address, with_journal(tmp_path / "later" / "j"))
    assert daemon.status()["journal"]["state"] == "failed"
    producer = Producer(daemon, "received")
    send_sessions(producer, ["s"], 50)
    producer.wait_acked(50)
    (tmp_path / "later").mkdir()
    until(lambda: daemon.status()["journal"]["live_events"] == 50, "it is written after all")
    daemon.kill()
    proxy.come_back()
    second = start.daemon(proxy.address, with_journal(tmp_path / "later" / "j"))
    second.wait_drained()
    check_complete(second, ["s"], 50)


SMALL = {"socket": {"max_event_bytes": 20_000}, "queue": {
    "events_max": 50, "bytes_max": 1 << 20, "stall_ms": 10, "block_ms": 5}}


@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "block"])
def test_a_full_disk_does_what_the_policy_says(start, tmp_path, policy):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j", journal={"bytes_max": 1 << 20}, **SMALL)
    settings["queue"] = {**settings["queue"], "overflow": policy}
    daemon = start.daemon(proxy.address, settings)
    producer = Producer(daemon, "received")
    filler = "x" * 2_000
    for number in range(1_000):
        producer.send(event("s", number, filler=filler))
    producer.wait_acked(1_000)
    until(lambda: daemon.status()["counters"]["received_events"] == 1_000, "all lines are settled")
    if policy == "drop_oldest":
        # What is in memory alone goes on dropping the oldest, until the disk has it.
        until(lambda: daemon.status()["journal"]["not_durable_events"] == 0, "all of it is written")
    status = daemon.status()
    assert adds_up(status)
    assert status["journal"]["bytes"] <= 1 << 20
    lost = status["losses"]["total"]
    assert 300 < lost < 900
    proxy.come_back()
    daemon.wait_drained()
    numbers = numbers_by_session(stored_events(daemon))["s"]
    kept = range(lost, 1_000) if policy == "drop_oldest" else range(1_000 - lost)
    assert numbers == list(kept)
    assert adds_up(daemon.status())


def test_the_same_batch_is_formed_again_after_a_kill(start, tmp_path):
    if harness.GENERATION != "0.10" or harness.REAL_ADDRESS:
        pytest.skip("0.10 alone recognises a resend after a restart")
    broker = start.broker()
    proxy = start.proxy(broker.address)
    settings = with_journal(tmp_path / "j", iggy={"producer_identity": True},
                            batch={"events_max": 50})
    first = start.daemon(proxy.address, settings)
    producer = Producer(first, "committed")
    send_sessions(producer, ["s", "t"], 20)
    producer.wait_acked(40)
    # Iggy stores what comes now, and its answer is lost together with the daemon.
    proxy.hold_answers()
    before = broker.control("stats")
    for number in range(20, 60):
        producer.send(event("s", number), event("t", number))
    until(lambda: broker.control("stats") != before, "Iggy has stored something")
    first.kill()
    proxy.let_answers_go()
    second = start.daemon(proxy.address, settings)
    second.wait_drained()
    numbers = numbers_by_session(stored_events(second))
    assert {each: sorted(set(of)) for each, of in numbers.items()} == {
        "s": list(range(60)), "t": list(range(60))}
    assert numbers == {"s": list(range(60)), "t": list(range(60))}, "nothing stands twice"
    assert second.status()["counters"]["resent_events"] > 0


def with_lowered_cap(path):
    return with_journal(path, journal={"bytes_max": 1_500_000}, queue={"stall_ms": 10},
                        socket={"max_event_bytes": 65_536})


def test_a_lowered_cap_drops_only_what_makes_room_and_the_next_run_says_so(start, tmp_path):
    """Three megabytes on disk and half of that allowed: one new event costs one or two old ones."""
    broker, proxy = without_broker(start)
    first = start.daemon(proxy.address, with_journal(tmp_path / "j"))
    assert first.status()["previous_run"] is None
    send_filled(Producer(first, "durable"), 0, 6_000)
    assert first.stop() == 0
    assert "lost" not in first.log()
    lowered = with_lowered_cap(tmp_path / "j")
    second = start.daemon(proxy.address, lowered)
    status = second.status()
    assert status["previous_run"]["clean"] is True
    assert status["previous_run"]["events_left"] == 6_000
    assert status["previous_run"]["losses"]["total"] == 0
    send_filled(Producer(second, "durable"), 6_000, 6_001)
    status = second.status()
    lost = status["losses"]["overflow_drop_oldest"]
    assert 1 <= lost <= 2
    assert status["losses"]["total"] == lost and adds_up(status)
    assert second.stop() == 0
    last = second.log().splitlines()[-1]
    assert f"{6_001 - lost} events stay in the journal" in last
    assert f"(overflow_drop_oldest {lost})" in last
    third = start.daemon(proxy.address, lowered)
    status = third.status()
    assert status["previous_run"]["losses"]["overflow_drop_oldest"] == lost
    assert status["previous_run"]["events_left"] == 6_001 - lost
    assert status["losses"]["total"] == 0 and adds_up(status)
    proxy.come_back()
    third.wait_drained()
    assert numbers_by_session(stored_events(third)) == {"s": list(range(lost, 6_001))}


def test_a_burst_under_a_lowered_cap_is_durable_and_costs_about_one_for_one(start, tmp_path):
    broker, proxy = without_broker(start)
    first = start.daemon(proxy.address, with_journal(tmp_path / "j"))
    send_filled(Producer(first, "durable"), 0, 6_000)
    assert first.stop() == 0
    second = start.daemon(proxy.address, with_lowered_cap(tmp_path / "j"))
    send_filled(Producer(second, "durable"), 6_000, 9_000)
    status = second.status()
    lost = status["losses"]["overflow_drop_oldest"]
    assert lost < 3_000 * 5 / 4
    assert status["losses"]["total"] == lost and adds_up(status)
    assert second.stop() == 0
    third = start.daemon(proxy.address, with_lowered_cap(tmp_path / "j"))
    assert third.status()["previous_run"]["losses"]["total"] == lost
    proxy.come_back()
    third.wait_drained()
    assert numbers_by_session(stored_events(third)) == {"s": list(range(lost, 9_000))}


def test_what_was_lost_is_known_after_a_kill_too(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first = start.daemon(proxy.address, settings)
    producer = Producer(first, "durable")
    send_sessions(producer, ["s"], 10)
    producer.wait_acked(10)
    first.queue_done("drop", "--all", "--yes")
    until(lambda: "dropped_by_operator 10" in first.log(), "the loss is said")
    note = tmp_path / "j" / "last-run"
    until(lambda: json.loads(note.read_text())["losses"]["dropped_by_operator"] == 10, "it is noted")
    first.kill()
    second = start.daemon(proxy.address, settings)
    run = second.status()["previous_run"]
    assert run["clean"] is False
    assert run["losses"]["dropped_by_operator"] == 10
    assert second.status()["losses"]["total"] == 0


def test_a_backlog_that_goes_to_another_topic_is_said(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first, _ = run_that_leaves(start, proxy, settings, 10)
    same = start.daemon(proxy.address, settings)
    assert same.stop() == 0
    assert "taken for topic" not in same.log()
    elsewhere = start.daemon(proxy.address, {**settings, "iggy": {"topic": "others"}})
    said = (f"10 queued events were taken for topic events of stream {first.stream}, "
            f"and will go to topic others of stream {first.stream}")
    until(lambda: said in elsewhere.log(), "it is said")
    proxy.come_back()
    elsewhere.wait_drained()
    assert numbers_by_session(stored_events(elsewhere)) == {"s": list(range(10))}


def test_a_damaged_note_of_the_last_run_is_ignored_with_a_word(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first = start.daemon(proxy.address, settings)
    assert first.stop() == 0
    note = tmp_path / "j" / "last-run"
    assert json.loads(note.read_text())["clean"] is True
    for damage in ("{", "x" * 5_000, "\0\0\0"):
        note.write_text(damage)
        again = start.daemon(proxy.address, settings)
        assert again.status()["previous_run"] is None
        until(lambda: "note" in again.log() and "cannot be read" in again.log(), "it is said")
        assert again.status()["journal"]["state"] == "healthy"
        assert again.stop() == 0
    listed = first.run("queue", "list", "--journal", str(tmp_path / "j"))
    assert listed.returncode == 0, listed.stderr
    assert listed.stderr == ""


def test_the_oldest_age_goes_on_over_a_restart(start, tmp_path):
    broker, proxy = without_broker(start)
    settings = with_journal(tmp_path / "j")
    first = start.daemon(proxy.address, settings)
    producer = Producer(first, "durable")
    producer.send(event("s", 0))
    producer.wait_acked(1)
    until(lambda: first.status()["queue"]["oldest_age_ms"] > 1_500, "it has waited for a while")
    first.stop()
    second = start.daemon(proxy.address, settings)
    assert second.status()["queue"]["oldest_age_ms"] > 1_500
