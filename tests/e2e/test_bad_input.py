"""Bad producers at the socket, each beside a good one that must not notice. What single lines are
refused for is in tests/ingest."""

import os
import random
import socket

import pytest
import sdk
from harness import Producer, event, until
from test_delivery import check_delivery


class GoodNeighbour:
    """Writes before, while and after the others misbehave, and reads everything back at the end."""

    def __init__(self, start, settings=None):
        self.broker = start.broker()
        self.stream = start.stream
        self.daemon = start.daemon(self.broker.address, settings)
        self.producer = Producer(self.daemon)
        self.lines = []
        self.say()

    def say(self, count=20):
        lines = [event("good", len(self.lines) + n) for n in range(count)]
        self.lines += lines
        self.producer.send(*lines)
        self.producer.wait_acked(len(self.lines))

    def finish(self, others=None):
        self.say()
        assert self.producer.errors == []
        records = sdk.read_topic(self.broker.address, self.stream)
        check_delivery(records, {"good": self.lines, **(others or {})})
        assert self.daemon.status()["losses"]["total"] == 0


@pytest.fixture
def good(start):
    return GoodNeighbour(start)


def wait_refused(daemon, code, count):
    until(lambda: daemon.status()["intake"]["refused_by_code"].get(code) == count,
          f"{count} lines refused with {code}")


def test_a_thousand_connections_at_once_are_all_served(good):
    crowd = [Producer(good.daemon) for _ in range(1000)]
    for number, each in enumerate(crowd):
        each.send(event(f"crowd-{number}", 0))
    for each in crowd:
        each.wait_acked(1)
    assert good.daemon.status()["intake"]["connections_open"] == 1001
    for each in crowd:
        each.close()
    good.finish({f"crowd-{n}": [event(f"crowd-{n}", 0)] for n in range(1000)})


def test_producers_beyond_the_limit_wait_and_are_not_refused(start):
    good = GoodNeighbour(start, {"socket": {"connections_max": 5}})
    first = [Producer(good.daemon) for _ in range(4)]
    late = [good.daemon.connect() for _ in range(20)]
    for number, each in enumerate(late):
        each.sendall(event(f"late-{number}", 0).encode() + b"\n")
        each.shutdown(socket.SHUT_WR)
    assert good.daemon.status()["intake"]["connections_open"] == 5
    for each in first:
        each.close()
    for each in late:
        assert each.recv(1) == b"", "read to the end, and a silent producer is never written to"
        each.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == 40, "all were taken")
    good.finish({f"late-{n}": [event(f"late-{n}", 0)] for n in range(20)})


def test_a_peer_that_never_reads_its_answers_is_cut_off(start):
    good = GoodNeighbour(start, {"socket": {"pending_answers_bytes_max": 65536}})
    deaf = good.daemon.connect()
    deaf.sendall(b'{"vibes_ingest":{"ack":"received"}}\n')
    with pytest.raises(OSError):
        while True:
            deaf.sendall(b"{}\n" * 1000)
    until(lambda: good.daemon.status()["intake"]["connections_cut_off"] == 1, "it is cut off")
    deaf.close()
    good.finish()


def test_half_a_line_then_silence_costs_nobody_anything(good):
    slow = good.daemon.connect()
    line = event("slow", 0).encode()
    slow.sendall(line[:30])
    good.say()
    until(lambda: good.daemon.status()["intake"]["partial_line_bytes"] == 30, "it is held")
    slow.sendall(line[30:])
    slow.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + 1,
          "the end of the stream ends the line")
    until(lambda: good.daemon.status()["intake"]["partial_line_bytes"] == 0, "it is given back")
    good.finish({"slow": [line.decode()]})


def test_one_byte_at_a_time_is_as_good_as_any(good):
    lines = [event("drop by drop", n) for n in range(3)]
    slow = good.daemon.connect()
    for byte in ("\r\n".join(lines) + "\n").encode():
        slow.sendall(bytes([byte]))
    slow.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + 3,
          "all were taken")
    good.finish({"drop by drop": lines})


def test_a_line_without_an_end_is_refused_once_and_its_memory_bounded(start):
    good = GoodNeighbour(start, {"socket": {"max_event_bytes": 10000}})
    endless = good.daemon.connect()
    for _ in range(200):
        endless.sendall(b"x" * 100000)
    assert good.daemon.status()["intake"]["partial_line_bytes"] <= 10000
    line = event("endless", 1)
    endless.sendall(b"\n" + line.encode() + b"\n")
    endless.close()
    wait_refused(good.daemon, "line_too_long", 1)
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + 1,
          "the next line is taken")
    good.finish({"endless": [line]})


def test_half_lines_of_many_producers_share_one_limit(start):
    good = GoodNeighbour(start, {"socket": {"partial_lines_bytes_max": 65536,
                                            "max_event_bytes": 30000}})
    many = [good.daemon.connect() for _ in range(10)]
    for each in many:
        each.sendall(b'{"type":"' + b"x" * 20000)
    read = 10 * 20009
    until(lambda: good.daemon.status()["intake"]["bytes_read"] > read, "all of it was read")
    assert 0 < good.daemon.status()["intake"]["partial_line_bytes"] <= 65536
    for each in many:
        each.close()
    until(lambda: good.daemon.status()["intake"]["connections_open"] == 1, "all were served")
    refused = good.daemon.status()["intake"]["refused_by_code"]
    # What fitted was cut off in the middle of its line; the others had been given up before.
    assert refused["partial_lines_full"] >= 6
    assert refused["partial_lines_full"] + refused["invalid_json"] == 10
    assert good.daemon.status()["intake"]["partial_line_bytes"] == 0
    good.finish()


def test_noise_is_refused_line_by_line(good):
    seed = int(os.environ.get("VIBES_TEST_SEED", random.randrange(2**32)))
    print("seed", seed)
    noise = random.Random(seed)
    lines = 0
    for _ in range(20):
        bytes_of_noise = noise.randbytes(noise.randrange(1, 50000))
        lines += sum(1 for each in bytes_of_noise.split(b"\n") if each.strip(b" \t\r"))
        noisy = good.daemon.connect()
        noisy.sendall(bytes_of_noise + b"\n")
        noisy.close()
        good.say(1)
    until(lambda: good.daemon.status()["intake"]["lines_refused"] >= lines, "all were refused")
    intake = good.daemon.status()["intake"]
    assert intake["lines_refused"] == lines
    assert set(intake["refused_by_code"]) <= {"invalid_json", "invalid_utf8", "not_an_object",
                                              "trailing_bytes"}
    assert sum(intake["refused_by_code"].values()) == lines
    good.finish()


def test_a_producer_that_vanishes_without_waiting_loses_nothing_it_wrote(good):
    lines = [event("gone", n) for n in range(1000)]
    gone = good.daemon.connect()
    gone.sendall(("\n".join(lines) + "\n").encode())
    gone.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + 1000,
          "all were taken")
    good.finish({"gone": lines})


@pytest.mark.parametrize("level", ["received", "committed"])
def test_a_producer_that_vanishes_without_reading_its_answers_loses_nothing_it_wrote(good, level):
    lines = [event("gone", n) for n in range(1000)]
    gone = good.daemon.connect()
    gone.sendall(("\n".join(['{"vibes_ingest":{"ack":"%s"}}' % level, *lines]) + "\n").encode())
    gone.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + 1000,
          "all were taken")
    good.finish({"gone": lines})


def test_what_was_written_before_a_cut_is_taken(start):
    good = GoodNeighbour(start, {"socket": {"pending_answers_bytes_max": 4096}})
    line = event("deaf", 1)
    deaf = good.daemon.connect()
    deaf.sendall(b'{"vibes_ingest":{"ack":"received"}}\n')
    whole = 0
    with pytest.raises(OSError):
        while True:
            # A refused line, then an event: a send that is cut in the middle counts as not written.
            deaf.sendall(b"{}\n" + line.encode() + b"\n")
            whole += 1
    until(lambda: good.daemon.status()["intake"]["connections_open"] == 1, "it is read to its end")
    status = good.daemon.status()
    assert status["intake"]["connections_cut_off"] == 1
    taken = status["counters"]["received_events"] - len(good.lines)
    assert taken >= whole > 0
    deaf.close()
    until(lambda: good.daemon.status()["counters"]["committed_events"] == len(good.lines) + taken,
          "all are committed")
    good.finish({"deaf": [line] * taken})


@pytest.mark.parametrize("hello, code", [
    ('{"vibes_ingest":{"ack":"soon"}}', "bad_hello"),
    ('{"vibes_ingest":{"ack":"received","more":1}}', "bad_hello"),
    ('{"vibes_ingest":{"ack":"durable"}}', "durable_unavailable"),
])
def test_a_hello_that_cannot_be_honoured_is_answered_and_closed(good, hello, code):
    peer = good.daemon.connect()
    peer.sendall(hello.encode() + b"\n" + event("never", 1).encode() + b"\n")
    answer = peer.makefile().read()
    assert f'"code":"{code}"' in answer and len(answer.splitlines()) == 1
    peer.close()
    good.finish()
