"""Refused lines and events are kept, within bounds, and can be handed in again."""

import base64
import json
import os
import re
import stat

import pytest
import sdk
from harness import Producer, event, until

CLOSED_PORT = "127.0.0.1:1"


def path_of(directory):
    return directory / "dead-letters.ndjson"


def keeping(start, address, tmp_path, **settings):
    daemon = start.daemon(address, {"dead_letter": {"path": str(path_of(tmp_path))}, **settings})
    daemon.dead_letters = path_of(tmp_path)
    return daemon


def kept(path):
    return [json.loads(each) for each in path.read_text().splitlines()]


def wait_written(daemon, count):
    until(lambda: daemon.status()["dead_letter"]["entries"] == count, f"{count} letters are kept")
    return kept(daemon.dead_letters)


def test_nothing_is_kept_unless_it_is_asked_for(start):
    daemon = start.daemon(CLOSED_PORT)
    producer = Producer(daemon, "received")
    producer.send("{")
    producer.wait_acked(1)
    assert daemon.status()["dead_letter"] is None
    assert [each.name for each in daemon.directory.iterdir() if "dead" in each.name] == []


def test_refused_lines_are_kept_with_their_place_and_bytes(start, tmp_path):
    daemon = keeping(start, CLOSED_PORT, tmp_path, socket={"max_event_bytes": 2000},
                     stop={"drain_ms": 1})
    silent = daemon.connect()
    silent.sendall(b'{"type":"hook"}\n{"no":"type"}\n' + b"\xff\xfe\n" + b'{"' + b"x" * 5000 + b"\n")
    letters = wait_written(daemon, 3)
    assert [(each["code"], each["line"]) for each in letters] == [
        ("missing_type", 2), ("invalid_utf8", 3), ("line_too_long", 4)]
    for each in letters:
        assert (each["pid"], each["uid"], each["connection"]) == (os.getpid(), os.getuid(), 1)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", each["time"])
        assert "sequence" not in each and "message_id" not in each
    assert letters[0]["payload"] == '{"no":"type"}' and "truncated" not in letters[0]
    assert base64.b64decode(letters[1]["payload_base64"]) == b"\xff\xfe"
    assert letters[2]["truncated"] and letters[2]["bytes"] == 5002
    assert letters[2]["payload"] == '{"' + "x" * 1022
    second = Producer(daemon, "received")
    second.send(json.dumps({"vibes_ingest": {"ack": "committed"}}), "nonsense")
    second.wait_acked(2)
    assert [(each["connection"], each["line"], each["code"]) for each in wait_written(daemon, 5)[3:]] \
        == [(2, 1, "late_hello"), (2, 2, "invalid_json")]
    assert stat.S_IMODE(daemon.dead_letters.stat().st_mode) == 0o600
    silent.close()
    assert daemon.stop() == 0


@pytest.mark.embedded
def test_an_event_that_iggy_refuses_is_alone_in_the_file_and_its_producer_told(start, tmp_path):
    broker = start.broker()
    daemon = keeping(start, broker.address, tmp_path, batch={"linger_ms": 200})
    daemon.wait_connected()
    # The batch of eight, its first half, the first half of that, and the first event alone.
    broker.control("answer 4022 send_messages 4")
    producer = Producer(daemon, "received")
    lines = [event("s", number) for number in range(8)]
    producer.send(*lines)
    producer.wait_acked(8)
    [letter] = wait_written(daemon, 1)
    daemon.wait_drained()
    told = producer.read()
    assert told["error"]["code"] == "refused_by_iggy" and told["error"]["line"] == 1
    assert letter["code"] == "refused_by_iggy" and letter["status"] == 4022
    assert letter["payload"] == lines[0] and letter["line"] == 1
    assert letter["sequence"] == 1 and re.fullmatch(r"[0-9a-f-]{36}", letter["message_id"])
    stored = [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)]
    assert stored == lines[1:], "the others are there, in order"
    status = daemon.status()
    assert status["losses"]["refused_by_iggy"] == status["losses"]["total"] == 1
    assert status["counters"]["committed_events"] == 7


@pytest.mark.embedded
def test_a_refused_event_is_requeued(start, tmp_path):
    broker = start.broker()
    daemon = keeping(start, broker.address, tmp_path)
    daemon.wait_connected()
    broker.control("answer 4022 send_messages 1")
    line = event("s", 1)
    ended = daemon.run("send", "--socket", daemon.socket, "--ack", "committed", line)
    assert ended.returncode == 65 and "refused_by_iggy" in ended.stderr
    wait_written(daemon, 1)
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter",
                       daemon.dead_letters)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"requeued 1 of 1 entries of {daemon.dead_letters}\n"
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == [line]
    # Refused again: said, and kept once more.
    broker.control("answer 4022 send_messages 1")
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter",
                       daemon.dead_letters)
    assert ended.returncode == 65
    assert "line 1: refused again: refused_by_iggy" in ended.stderr
    assert len(wait_written(daemon, 2)) == 2


def test_entries_that_are_no_events_are_told_and_not_sent(start, tmp_path):
    broker = start.broker()
    daemon = keeping(start, broker.address, tmp_path, socket={"max_event_bytes": 2000})
    good = [event("s", number) for number in range(3)]
    letters = [{"code": "unknown_type", "payload": good[0]},
               {"code": "invalid_json", "payload": "{"},
               {"code": "line_too_long", "payload": "{", "truncated": True},
               {"code": "unknown_type", "payload": good[1]},
               {"code": "line_too_long", "payload": event("s", 9, pad="x" * 3000)},
               {"code": "invalid_utf8", "payload_base64": "//4="}]
    path = tmp_path / "todo"
    path.write_text("".join(json.dumps(each) + "\n" for each in letters) + "broken\n\n" +
                    json.dumps({"code": "x", "payload": good[2]}))
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter", path)
    assert ended.returncode == 65
    assert ended.stdout == f"requeued 3 of 8 entries of {path}\n"
    told = ended.stderr.splitlines()
    for line, words in ((2, "still invalid_json"), (3, "only its beginning"), (5, "line_too_long"),
                        (6, "still invalid_utf8"), (7, "not a dead letter")):
        assert any(each.startswith(f"line {line}: ") and words in each for each in told), told
    assert len(told) == 6
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == good
    assert daemon.status()["intake"]["lines_refused"] == 0, "nothing came back"


def test_thousands_of_entries_are_requeued_in_order(start, tmp_path):
    broker = start.broker()
    daemon = start.daemon(broker.address)
    lines = [event("s", number) for number in range(3000)]
    path = tmp_path / "todo"
    path.write_text("".join(json.dumps({"code": "x", "payload": each}) + "\n" for each in lines))
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter", path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("requeued 3000 of 3000")
    assert [each.payload.decode() for each in sdk.read_topic(broker.address, start.stream)] == lines


def test_requeue_keeps_its_deadline_and_says_what_is_known(start, tmp_path):
    daemon = start.daemon(CLOSED_PORT)
    path = tmp_path / "todo"
    path.write_text(json.dumps({"code": "x", "payload": event("s", 1)}) + "\n")
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter", path,
                       "--deadline-ms", "200")
    assert ended.returncode == 75
    assert "0 entries were taken, those from line 1 on are not known to be" in ended.stderr
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--ack", "received",
                       "--dead-letter", path)
    assert ended.returncode == 0
    missing = daemon.run("queue", "requeue", "--socket", daemon.socket, "--dead-letter", "/nowhere")
    assert missing.returncode == 64 and "/nowhere" in missing.stderr


def test_the_file_is_capped_and_old_letters_are_counted(start, tmp_path):
    cap = 65536
    daemon = start.daemon(CLOSED_PORT, {
        "socket": {"max_event_bytes": 4000},
        "dead_letter": {"path": str(path_of(tmp_path)), "bytes_max": cap}})
    silent = daemon.connect()
    count = 400
    for number in range(count):
        silent.sendall(b"{%d %s\n" % (number, b"x" * 500))
    until(lambda: daemon.status()["dead_letter"]["entries"] == count, "all are kept")
    old = tmp_path / "dead-letters.ndjson.1"
    letters = kept(old) + kept(path_of(tmp_path))
    status = daemon.status()["dead_letter"]
    assert status["rotated_entries"] + len(letters) == count
    assert [each["line"] for each in letters] == list(range(count - len(letters) + 1, count + 1))
    assert status["bytes"] == old.stat().st_size + path_of(tmp_path).stat().st_size <= cap
    assert status["dropped_entries"] == 0


def test_a_disk_that_refuses_costs_letters_and_nothing_else(start, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    daemon = start.daemon(CLOSED_PORT, {"dead_letter": {"path": str(folder / "d")},
                                        "stop": {"drain_ms": 1}})
    (folder / "d").unlink()
    folder.rmdir()
    producer = Producer(daemon, "received")
    producer.send("{", event("s", 1))
    producer.wait_acked(2)
    until(lambda: daemon.status()["dead_letter"]["failing"], "status says so")
    error = daemon.status()["dead_letter"]["last_error"]
    assert error["code"] == 2 and "No such file" in error["message"]
    until(lambda: "dead letters are not written to" in daemon.log(), "the log says so")
    # More than the buffer holds while it waits.
    for _ in range(8):
        producer.send("{" + "x" * 900_000)
    producer.wait_acked(10)
    assert daemon.status()["dead_letter"]["dropped_entries"] > 0
    folder.mkdir()
    until(lambda: not daemon.status()["dead_letter"]["failing"], "it goes on by itself")
    status = daemon.status()["dead_letter"]
    assert status["entries"] + status["dropped_entries"] == 9
    assert kept(folder / "d")[0]["payload"] == "{"
    assert daemon.stop() == 0


@pytest.mark.parametrize("path, words", [
    ("none/d", "its directory does not exist"),
    ("folder", "is not a regular file"),
    ("pipe", "is not a regular file"),
])
def test_a_place_where_no_file_can_be_is_one_clear_line(start, tmp_path, path, words):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    daemon = start.daemon(CLOSED_PORT, {"dead_letter": {"path": str(tmp_path / path)}}, wait=False)
    assert daemon.process.wait(60) == 73
    [line] = daemon.log().splitlines()
    assert "[dead_letter] path" in line and words in line
