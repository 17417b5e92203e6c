"""A link that is slow, but moves: everything arrives, once."""

import json
import time

import harness
import pytest
import sdk
from harness import Producer, event, until
from slow_link import SlowLink


def offer(daemon, events):
    """So many events of some sessions, in the queue when this returns."""
    producer = Producer(daemon, "received")
    lines = [event(f"session-{n % 16}", n, padding="x" * 300) for n in range(events)]
    producer.send(*lines)
    producer.wait_acked(events)
    producer.close()
    return lines


# What is queued takes some 15 s, seven times reply_timeout_ms. A batch of all that one partition has
# takes longer than that: sent as it is, it would be sent again for ever.
@pytest.mark.parametrize("in_flight", [4, 1] if harness.REAL_ADDRESS else
                         [1] if harness.GENERATION in ("0.5", "0.7", "0.9") else [4])
def test_everything_arrives_once_over_a_slow_link(start, in_flight):
    broker = start.broker()
    link = start._keep(SlowLink(broker.address, bytes_per_s=100_000))
    daemon = start.daemon(link.address, {"iggy": {"reply_timeout_ms": 2000,
                                                  "requests_in_flight_max": in_flight}})
    daemon.wait_connected()
    lines = offer(daemon, 3000)
    before = time.monotonic()
    until(lambda: harness.queued_events(daemon.status()) == 0, "the queue is empty")
    assert time.monotonic() - before > 6, "the link was not slow"
    status = daemon.status()
    assert status["counters"]["committed_events"] == len(lines)
    assert status["counters"]["resent_events"] == 0
    assert status["link"]["connections"] == 1
    stored = sdk.read_topic(broker.address, start.stream)
    assert sorted(each.payload for each in stored) == sorted(each.encode() for each in lines)
    sessions = {}
    for each in sorted(stored, key=lambda record: (record.partition, record.offset)):
        told = json.loads(each.payload)
        sessions.setdefault(told["session_id"], []).append(told["number"])
    for numbers in sessions.values():
        assert numbers == sorted(numbers)


def test_a_link_that_carries_next_to_nothing_is_given_up(start):
    broker = start.broker()
    link = start._keep(SlowLink(broker.address, bytes_per_s=100_000))
    daemon = start.daemon(link.address, {"iggy": {"reply_timeout_ms": 1000}})
    daemon.wait_connected()
    link.bytes_per_s = 500  # half a KiB in each reply_timeout_ms
    offer(daemon, 1000)
    until(lambda: daemon.status()["link"]["last_error"], "the silence is noticed", deadline_s=20)
    assert daemon.status()["counters"]["returned_batches"] > 0
    link.bytes_per_s = 10_000_000
    daemon.wait_drained()
