"""Operators see and change the queue of a running daemon, and what a stopped one has left on disk."""

import contextlib
import json
import random
import socket
import threading

import pytest
import sdk
from harness import Producer, adds_up, event, until
from test_journal import newer_header

CLOSED_PORT = "127.0.0.1:1"


def listed(daemon, *arguments):
    return [json.loads(each) for each in daemon.queue_done("list", "--json", *arguments).splitlines()]


@pytest.fixture
def waiting(start):
    """Five events in a daemon without an Iggy, and the producer that waits for their commits."""
    daemon = start.daemon(CLOSED_PORT)
    daemon.lines = [event("s", number) for number in range(5)]
    daemon.producer = Producer(daemon)
    daemon.producer.send(*daemon.lines)
    until(lambda: daemon.status()["queue"]["events"] == 5, "five wait")
    return daemon


def test_list_shows_what_waits(waiting):
    events = listed(waiting)
    assert [each["sequence"] for each in events] == [1, 2, 3, 4, 5]
    for each, line in zip(events, waiting.lines):
        assert each["bytes"] == len(line.encode())
        assert each["state"] == "queued" and each["droppable"] and each["partition"] is None
        assert each["session_hash"] == events[0]["session_hash"]
    assert [each["sequence"] for each in listed(waiting, "--limit", "2")] == [1, 2]
    shown = waiting.queue("list", "--limit", "2")
    assert "there is more" in shown.stderr
    table = shown.stdout.splitlines()
    assert table[0].split()[:3] == ["sequence", "age", "ms"] and len(table) == 3
    assert table[1].split()[0] == "1" and table[1].split()[5] == "queued"


def test_show_gives_one_payload(waiting):
    assert waiting.queue_done("show", "3") == waiting.lines[2] + "\n"
    known = json.loads(waiting.queue_done("show", "3", "--json"))
    assert known["payload"] == waiting.lines[2]
    assert known["line"] == 3 and known["connection"] == 1
    gone = waiting.queue("show", "6")
    assert gone.returncode == 1 and "no event of sequence 6 waits" in gone.stderr


def test_export_copies_every_payload_in_order(waiting, tmp_path):
    expected = "".join(each + "\n" for each in waiting.lines)
    assert waiting.queue_done("export") == expected
    path = tmp_path / "copy"
    waiting.queue_done("export", path)
    assert path.read_text() == expected
    again = waiting.queue("export", path)
    assert again.returncode == 73 and "File exists" in again.stderr
    assert waiting.status()["queue"]["events"] == 5, "a copy takes nothing away"


def test_export_goes_through_pages(start):
    daemon = start.daemon(CLOSED_PORT)
    producer = Producer(daemon, "received")
    lines = [event("s", number, pad="x" * 1000) for number in range(2500)]
    producer.send(*lines)
    producer.wait_acked(2500)
    assert daemon.queue_done("export").splitlines() == lines
    assert len(listed(daemon, "--limit", "0")) == 2500
    assert [each["sequence"] for each in listed(daemon, "--limit", "1500")][-1] == 1500


def test_drop_takes_events_and_their_producer_is_told(waiting):
    refused = waiting.queue("drop", "2")
    assert refused.returncode == 64 and "--yes" in refused.stderr
    assert waiting.status()["queue"]["events"] == 5
    assert waiting.queue_done("drop", "2", "4", "--yes") == "dropped 2 events\n"
    told = [waiting.producer.read()["error"] for _ in range(2)]
    assert [(each["line"], each["code"]) for each in told] == [
        (2, "dropped_by_operator"), (4, "dropped_by_operator")]
    again = waiting.queue("drop", "4", "5", "--yes")
    assert again.returncode == 1 and ": 4 [asked " in again.stderr
    assert [each["sequence"] for each in listed(waiting)] == [1, 3]
    assert waiting.status()["losses"]["dropped_by_operator"] == 3
    assert waiting.queue_done("drop", "--all", "--yes") == "dropped 2 events\n"
    status = waiting.status()
    assert status["queue"]["events"] == 0 and adds_up(status)
    until(lambda: "an operator dropped 2 queued events" in waiting.log(), "the log says so")


def test_pause_holds_events_back_and_resume_sends_them(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    daemon.queue_done("pause")
    assert daemon.status()["queue"]["paused"]
    producer = Producer(daemon)
    lines = [event("s", number) for number in range(20)]
    producer.send(*lines)
    until(lambda: daemon.status()["queue"]["events"] == 20, "they wait")
    # A ping or two later they still do.
    events = listed(daemon)
    assert all(each["state"] == "queued" and each["partition"] is not None for each in events)
    assert daemon.status()["counters"]["committed_events"] == 0
    daemon.queue_done("resume")
    producer.wait_acked(20)
    assert not daemon.status()["queue"]["paused"]
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == lines


def test_a_stop_sends_what_a_pause_held_back(start):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    daemon.wait_connected()
    daemon.queue_done("pause")
    producer = Producer(daemon)
    producer.send(event("s", 1))
    until(lambda: daemon.status()["queue"]["events"] == 1, "it waits")
    assert daemon.stop() == 0
    assert len(sdk.read_topic(broker.address, start.stream)) == 1


def test_the_overflow_policy_applies_to_a_paused_queue(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"queue": {"events_max": 10, "stall_ms": 100}})
    daemon.wait_connected()
    daemon.queue_done("pause")
    producer = Producer(daemon, "received")
    producer.send(*(event("s", number) for number in range(25)))
    producer.wait_acked(25)
    status = daemon.status()
    assert status["losses"]["overflow_drop_oldest"] == 15 and adds_up(status)
    daemon.queue_done("resume")
    daemon.wait_drained()
    assert [json.loads(each.payload)["number"] for each in sdk.read_topic(
        broker.address, start.stream)] == list(range(15, 25))


@pytest.mark.embedded
def test_what_is_with_iggy_may_not_be_dropped(start):
    broker = start.broker()
    daemon = start.daemon(broker.address, {"iggy": {"reply_timeout_ms": 60_000}})
    daemon.wait_connected()
    broker.control("stall")
    producer = Producer(daemon)
    producer.send(event("s", 1))
    until(lambda: daemon.status()["queue"]["in_flight"] == 1, "it is on its way")
    producer.send(event("s", 2))
    until(lambda: daemon.status()["queue"]["events"] == 2, "the second waits")
    assert [(each["state"], each["droppable"]) for each in listed(daemon)] == [
        ("in_flight", False), ("queued", True)]
    ended = daemon.queue("drop", "1", "--yes")
    assert ended.returncode == 1 and "Iggy may have them" in ended.stderr
    assert daemon.queue_done("drop", "--all", "--yes") == "dropped 1 events\n"
    assert [each["sequence"] for each in listed(daemon)] == [1]


def test_queue_without_a_daemon_says_so(tmp_path, start):
    daemon = start.daemon(CLOSED_PORT)
    for action in (["list"], ["pause"], ["resume"], ["export"], ["show", "1"],
                   ["drop", "1", "--yes"]):
        ended = daemon.run("queue", action[0], "--admin-socket", tmp_path / "none", *action[1:])
        assert ended.returncode == 69, action
        assert len(ended.stderr.splitlines()) == 1 and "is the daemon running?" in ended.stderr


@pytest.fixture
def spilled(start, tmp_path):
    """A daemon without an Iggy and with memory for 100 events; 2900 more are on disk only."""
    settings = {"journal": {"directory": str(tmp_path / "j")}, "stop": {"drain_ms": 1},
                "queue": {"events_max": 100, "bytes_max": 4 << 20, "stall_ms": 10}}
    daemon = start.daemon(CLOSED_PORT, settings)
    daemon.settings = settings
    daemon.journal = tmp_path / "j"
    daemon.lines = [event(f"s-{number % 7}", number, pad="x" * 1000) for number in range(3000)]
    daemon.producer = Producer(daemon, "durable")
    daemon.producer.send(*daemon.lines)
    daemon.producer.wait_acked(3000)
    assert daemon.status()["journal"]["tail_events"] == 2900
    return daemon


def test_what_is_on_disk_only_is_seen_like_the_rest(spilled):
    events = listed(spilled, "--limit", "0")
    assert [each["sequence"] for each in events] == list(range(1, 3001))
    assert [each["state"] for each in events] == ["queued"] * 100 + ["on_disk"] * 2900
    assert all(each["droppable"] for each in events)
    for each, line in zip(events, spilled.lines):
        assert each["bytes"] == len(line.encode()) and each["age_ms"] >= 0
    assert [each["sequence"] for each in listed(spilled, "--limit", "150")] == list(range(1, 151))
    assert spilled.queue_done("export").splitlines() == spilled.lines
    for number in (100, 101, 3000):
        assert spilled.queue_done("show", str(number)) == spilled.lines[number - 1] + "\n"
    assert json.loads(spilled.queue_done("show", "2000", "--json"))["state"] == "on_disk"
    assert spilled.status()["journal"]["tail_events"] == 2900, "looking takes nothing away"


def test_what_is_on_disk_only_is_dropped_like_the_rest(spilled, start):
    assert spilled.queue_done("drop", "50", "150", "2950", "--yes") == "dropped 3 events\n"
    status = spilled.status()
    assert status["losses"]["dropped_by_operator"] == 3 and adds_up(status)
    told = [spilled.producer.read()["error"] for _ in range(2)]
    assert [(each["line"], each["code"]) for each in told] == [
        (50, "dropped_by_operator"), (150, "dropped_by_operator")]
    again = spilled.queue("drop", "150", "151", "--yes")
    assert again.returncode == 1 and ": 150 [asked " in again.stderr
    assert len(listed(spilled, "--limit", "0")) == 2996
    until(lambda: spilled.status()["journal"]["live_events"] == 2996, "they are released")
    spilled.kill()
    second = start.daemon(CLOSED_PORT, spilled.settings)
    assert second.status()["counters"]["recovered_events"] == 2996
    assert second.queue_done("drop", "--all", "--yes") == "dropped 2996 events\n"
    status = second.status()
    assert status["queue"]["events"] == status["journal"]["tail_events"] == 0 and adds_up(status)
    until(lambda: second.status()["journal"]["live_events"] == 0, "they are released")


def test_a_disk_that_does_not_give_events_back_now_may_later(spilled, start):
    kept = {each: each.with_suffix(".away") for each in spilled.journal.glob("*.segment")}
    for each, away in kept.items():
        each.rename(away)
    ended = spilled.queue("list", "--json", "--limit", "0")
    assert ended.returncode == 1 and "2900 events on disk could not be read" in ended.stderr
    assert len(ended.stdout.splitlines()) == 100
    ended = spilled.queue("show", "2000")
    assert ended.returncode == 1 and "the disk does not give it back" in ended.stderr
    for each, away in kept.items():
        away.rename(each)
    assert spilled.queue_done("export").splitlines() == spilled.lines
    assert adds_up(spilled.status())


def offline(daemon, *arguments):
    return daemon.run("queue", arguments[0], "--journal", daemon.journal, *arguments[1:])


def files_in(directory):
    return {each.name: each.read_bytes() for each in directory.iterdir()}


@pytest.fixture
def left(start, tmp_path):
    """A daemon that was stopped before it had an Iggy; five events are in its journal."""
    settings = {"journal": {"directory": str(tmp_path / "j")}, "stop": {"drain_ms": 1}}
    daemon = start.daemon(CLOSED_PORT, settings)
    daemon.settings = settings
    daemon.journal = tmp_path / "j"
    daemon.lines = [event("s", number) for number in range(5)]
    producer = Producer(daemon, "durable")
    producer.send(*daemon.lines)
    producer.wait_acked(5)
    return daemon


def test_a_directory_is_seen_without_a_daemon_and_not_changed(left, tmp_path):
    assert left.stop() == 0
    before = files_in(left.journal)
    shown = offline(left, "list", "--json")
    assert shown.returncode == 0 and shown.stderr == ""
    events = [json.loads(each) for each in shown.stdout.splitlines()]
    assert [each["sequence"] for each in events] == [1, 2, 3, 4, 5]
    for each, line in zip(events, left.lines):
        assert each["bytes"] == len(line.encode())
        assert each["state"] == "on_disk" and each["droppable"] and each["partition"] is None
    table = offline(left, "list", "--limit", "2")
    assert len(table.stdout.splitlines()) == 3 and "there is more" in table.stderr
    assert offline(left, "show", "3").stdout == left.lines[2] + "\n"
    assert offline(left, "show", "6").returncode == 1
    assert offline(left, "export").stdout == "".join(each + "\n" for each in left.lines)
    copy = tmp_path / "copy"
    assert offline(left, "export", copy).returncode == 0
    assert copy.read_text().splitlines() == left.lines
    named = left.run("queue", "show", "--journal", "auto", "--config", left.config, "3")
    assert named.stdout == left.lines[2] + "\n", named.stderr
    assert files_in(left.journal) == before


def test_what_is_dropped_from_a_directory_is_not_sent_by_the_next_start(left, start):
    assert left.stop() == 0
    assert offline(left, "drop", "2", "4", "--yes").stdout == "dropped 2 events\n"
    again = offline(left, "drop", "4", "5", "--yes")
    assert again.returncode == 1 and again.stderr.rstrip().endswith(": 4")
    broker = start.broker()
    second = start.daemon(broker.address, left.settings)
    assert second.status()["counters"]["recovered_events"] == 2
    second.wait_drained()
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == [
        left.lines[0], left.lines[2]]


def test_a_directory_that_a_daemon_uses_is_left_to_it(left):
    for action in (["list"], ["export"], ["show", "1"], ["drop", "1", "--yes"]):
        ended = offline(left, *action)
        assert ended.returncode == 73, action
        assert "a running daemon is asked without --journal" in ended.stderr
    assert left.status()["journal"]["live_events"] == 5


def test_a_directory_that_is_no_journal_is_told(start, tmp_path, left):
    assert left.stop() == 0
    for directory, code, said in ((tmp_path / "none", 64, "is no directory"),
                                  (tmp_path, 64, "holds no journal")):
        ended = left.run("queue", "list", "--journal", directory)
        assert (ended.returncode, said in ended.stderr) == (code, True), ended.stderr
        assert not (directory / "lock").exists()
    for action in (["pause"], ["resume"], ["requeue", "--dead-letter", "x"]):
        ended = offline(left, *action)
        assert ended.returncode == 64 and "need a running daemon" in ended.stderr


def test_damage_in_a_directory_is_told_and_costs_no_neighbour(left):
    assert left.stop() == 0
    segment = sorted(left.journal.glob("*.segment"))[-1]
    whole = segment.read_bytes()
    damaged = bytearray(whole)
    damaged[damaged.index(left.lines[1].encode())] ^= 1
    segment.write_bytes(damaged)
    ended = offline(left, "export")
    assert ended.returncode == 0
    assert ended.stdout.splitlines() == left.lines[:1] + left.lines[2:]
    assert "1 events are lost to damage" in ended.stderr and "damaged bytes" in ended.stderr
    segment.write_bytes(whole + bytes(10))
    ended = offline(left, "export")
    assert (ended.returncode, ended.stderr) == (0, ""), "what was not finished is no damage"
    assert ended.stdout.splitlines() == left.lines
    assert segment.read_bytes() == whole + bytes(10)


def test_a_directory_of_a_newer_version_is_left_alone(left):
    assert left.stop() == 0
    segment = sorted(left.journal.glob("*.segment"))[-1]
    segment.write_bytes(newer_header(bytearray(segment.read_bytes())))
    before = files_in(left.journal)
    for action in (["list"], ["drop", "--all", "--yes"]):
        ended = offline(left, *action)
        assert ended.returncode == 1 and "newer version" in ended.stderr
    assert files_in(left.journal) == before


@contextlib.contextmanager
def answering(path, answers):
    """Something that is no daemon of ours answers here, each connection with the next of these."""
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()

        def answer():
            for said in answers:
                connection, _ = other.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(said + b"\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield
        thread.join(60)
        assert not thread.is_alive()


def test_an_answer_of_something_else_is_told(start, tmp_path):
    path = str(tmp_path / "s")
    daemon = start.daemon(CLOSED_PORT)
    with answering(path, (b"{}", b'{"events":[{}],"next":null}', b"[]", b"hello")):
        for code in (1, 1, 69, 69):
            ended = daemon.run("queue", "list", "--admin-socket", path)
            assert ended.returncode == code
            assert len(ended.stderr.splitlines()) == 1


def test_text_from_outside_adds_no_line_to_the_table(waiting, tmp_path):
    path = str(tmp_path / "s")
    listed = [json.loads(each) for each in waiting.queue_done("list", "--json").splitlines()]
    listed[0] |= {"message_id": "a\n9\x1b[2J", "state": "on\ndisk\u202e"}
    page = {"events": listed, "next": None, "last": listed[-1]["sequence"]}
    with answering(path, [json.dumps(page).encode()] * 2):
        table = waiting.run("queue", "list", "--admin-socket", path).stdout
        assert len(table.splitlines()) == 1 + len(listed)
        assert "a\\n9\\u001b[2J" in table and "on\\ndisk\\u202e" in table
        for_programs = waiting.run("queue", "list", "--json", "--admin-socket", path).stdout
        assert json.loads(for_programs.splitlines()[0]) == listed[0]


@pytest.mark.embedded
def test_the_ledger_is_right_at_every_look_while_everything_happens(start, tmp_path):
    broker = start.broker()
    path = tmp_path / "d"
    daemon = start.daemon(broker.address, {
        "queue": {"events_max": 500, "stall_ms": 50}, "batch": {"events_max": 50},
        "iggy": {"backoff_min_ms": 10, "backoff_max_ms": 50}, "dead_letter": {"path": str(path)}})
    daemon.wait_connected()
    count = 6000

    def write():
        silent = daemon.connect()
        for number in range(count):
            silent.sendall((event(f"s-{number % 7}", number) + "\n").encode())
            if number % 100 == 0:
                silent.sendall(b"{ no event\n")
        silent.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for each in writers:
        each.start()
    choose = random.Random(4022)
    looks = 0
    while any(each.is_alive() for each in writers) or looks < 50:
        what = choose.randrange(6)
        if what == 0:
            broker.control("answer 4022 send_messages 30")
        elif what == 1:
            broker.control("vanish")
            broker.control("come-back")
        elif what == 2:
            daemon.queue("pause")
        elif what == 3:
            daemon.queue("drop", "--all", "--yes")
        else:
            daemon.queue("resume")
        for _ in range(5):
            status = daemon.status()
            assert adds_up(status), status
            looks += 1
    for each in writers:
        each.join()
    broker.control("behave")
    daemon.queue("resume")
    until(lambda: daemon.status()["counters"]["received_events"] == 2 * count, "all were read")
    daemon.wait_drained()
    # One at least, whatever came of those above.
    broker.control("answer 4022 send_messages 1")
    daemon.run("send", "--socket", daemon.socket, "--ack", "committed", event("s", count))
    received = 2 * count + 1
    refused = daemon.status()["losses"]["refused_by_iggy"]
    until(lambda: daemon.status()["dead_letter"]["entries"] == refused + 2 * count // 100,
          "each refused event and line is kept")
    status = daemon.status()
    assert adds_up(status) and status["queue"]["events"] == 0
    assert refused > 0
    again = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter", path)
    assert again.stdout.startswith(f"requeued {refused} of "), again.stderr
    status = daemon.status()
    assert adds_up(status)
    assert status["counters"]["received_events"] == received + refused
