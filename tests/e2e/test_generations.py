"""Servers of several generations behind one address: found out, followed, and none of them misled."""

import itertools

import harness
import pytest
import sdk
from harness import EmbeddedBroker, Producer, event, until
from load import Load, by_session

pytestmark = pytest.mark.embedded

GENERATIONS = ("0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10")

# Where these sessions belong among 8 partitions that count from 0: known from real servers
# (docs/wire.md, "Partitioning").
ANCHORS = {"sess-0": 2, "sess-1": 2, "sess-2": 3}
SESSIONS = [*ANCHORS, *(f"session-{n}" for n in range(13))]


def partition_of(place, generation):
    """Of a remainder: before 0.6 partitions count from 1, and remainder 0 is the last one."""
    return place if generation not in ("0.4", "0.5") else place or 8


class Swaps:
    """Brokers behind one address, one after the other; none is ended, so that all can be read."""

    def __init__(self, start, generations):
        self.generations = generations
        self.brokers = [start.broker(generation=each) for each in generations]
        self.proxy = start.proxy(self.brokers[0].address)
        self.current = 0

    def next(self):
        """The other server is there at once, or after a time in which none is."""
        self.current += 1
        outage = self.current % 2 == 0
        if outage:
            self.proxy.vanish()
        self.proxy.lead_to(self.brokers[self.current].address)
        if outage:
            self.proxy.come_back()


def check_link(daemon, generation, swaps):
    def connected():
        link = daemon.status()["link"]
        told = (link["generation"] or "").split("-")
        return link["state"] == "ready" and generation in told and link

    link = until(connected, f"connected to {generation}")
    # 0.4 does not tell which it is.
    assert link["server_version"] == ("" if generation == "0.4" else f"{generation}.0")
    assert link["address"] == swaps.proxy.address
    said = "connected to Iggy at" if generation == "0.4" else f"connected to Iggy {generation}."
    visits = swaps.generations[:swaps.current + 1].count(generation)
    until(lambda: daemon.log().count(said) == visits, f"the log says so {visits} times")


def check_swaps(swaps, daemon, load, counts):
    """`load.now` was the index of the broker behind the address."""
    stored = [by_session(daemon.tail(each.address)) for each in swaps.brokers]
    places = {}
    for generation, (_, partitions) in zip(swaps.generations, stored):
        for session, found in partitions.items():
            assert len(found) == 1, f"{session} is in {found} of {generation}"
            place = found.pop() % 8 if generation in ("0.4", "0.5") else found.pop()
            assert places.setdefault(session, place) == place, f"{session} in {generation}"
    assert places.items() >= ANCHORS.items()
    repeated = 0
    for session, count in counts.items():
        # Which servers have each event: those that it was sent to until one acknowledged it.
        holders = [[] for _ in range(count)]
        reached = 0  # the first number that no earlier server has
        for server, (numbers, _) in enumerate(stored):
            here = numbers.get(session, [])
            assert here == sorted(set(here)), f"{session} in server {server}: {here}"
            # All that is new follows without a gap; what is not was not acknowledged before.
            assert [each for each in here if each >= reached] == list(
                range(reached, max([reached - 1, *here]) + 1))
            reached = max([reached - 1, *here]) + 1
            for number in here:
                holders[number].append(server)
        assert reached == count, f"{session}: {count} were acknowledged, {reached} are there"
        for number, servers in enumerate(holders):
            sent, acked = load.sent[session][number], load.acked[session][number]
            assert sent <= servers[0] and servers[-1] <= acked, (
                f"{session} {number}: sent to {sent}, acknowledged at {acked}, is in {servers}")
        acknowledged_by = [servers[-1] for servers in holders]
        assert acknowledged_by == sorted(acknowledged_by), f"{session}: {acknowledged_by}"
        repeated += sum(map(len, holders)) - count
    assert repeated <= daemon.status()["counters"]["resent_events"]


def check_with_the_sdk(swaps, daemon):
    """The official client of the generation under test finds the same."""
    for generation, broker in zip(swaps.generations, swaps.brokers):
        if generation == harness.GENERATION:
            theirs = [(each.partition, each.offset) for each in
                      sdk.read_topic(broker.address, daemon.stream)]
            assert sorted(theirs) == sorted(each[:2] for each in daemon.tail(broker.address))


def swap_under_load(start, generations):
    swaps = Swaps(start, generations)
    daemon = start.daemon(swaps.proxy.address,
                          {"queue": {"overflow": "block", "block_ms": 60000}})
    check_link(daemon, generations[0], swaps)
    load = Load(daemon, SESSIONS, now=lambda: swaps.current)
    load.flow()
    for generation in generations[1:]:
        swaps.next()
        check_link(daemon, generation, swaps)
        load.flow()
    counts = load.stop()
    assert daemon.status()["losses"]["total"] == 0
    check_swaps(swaps, daemon, load, counts)
    check_with_the_sdk(swaps, daemon)
    assert daemon.stop() == 0


@pytest.mark.skipif(harness.GENERATION not in ("0.8", "0.9", "0.10"),
                    reason="run with the SDKs that can read some of it back")
def test_five_rounds_of_other_generations_under_load_lose_and_double_nothing(start):
    swap_under_load(start, ["0.8"] + ["0.9", "0.10", "0.8"] * 5)


@pytest.mark.skipif(harness.GENERATION not in ("0.4", "0.5", "0.6"),
                    reason="run with the clients that can read some of it back")
def test_old_generations_are_swapped_under_load_too(start):
    swap_under_load(start, ["0.5", "0.6", "0.4", "0.9", "0.5"])


@pytest.mark.parametrize("wanted", ["auto", harness.GENERATION])
def test_the_link_is_soon_ready_whether_the_generation_is_set_or_found(start, wanted):
    proxy = start.proxy(start.broker().address)
    daemon = start.daemon(proxy.address, {"iggy": {"generation": wanted}})
    daemon.wait_connected()
    assert daemon.status()["link"]["last_error"] is None
    took_ms = [daemon.status()["link"]["handshake_ms"]]
    for connections in range(2, 7):
        proxy.cut()
        link = until(lambda: [each for each in [daemon.status()["link"]]
                              if each["connections"] == connections], "it is back")[0]
        took_ms.append(link["handshake_ms"])
    # The machine may be busy at times.
    assert min(took_ms) < 100, took_ms


@pytest.mark.skipif(harness.GENERATION not in ("0.9", "0.10"), reason="older servers name no versions")
@pytest.mark.parametrize("wanted", ["auto", harness.GENERATION])
def test_a_server_newer_than_known_is_one_line_and_a_slow_retry(start, wanted):
    broker = start.broker("--protocol-version", "0.13.0")
    daemon = start.daemon(broker.address, {"iggy": {"generation": wanted, "backoff_max_ms": 400}})
    until(lambda: "it accepts 0.13.0" in daemon.log(), "the log names the server's version")
    until(lambda: daemon.status()["link"]["failed_attempts"] >= 3, "it is tried again")
    status = daemon.status()["link"]
    assert "it accepts 0.13.0" in status["last_error"]["message"]
    assert daemon.log().count("it accepts") == 1, daemon.log()
    # Half of the longest pause lies between two attempts, and an attempt is two connections.
    assert status["failed_attempts"] <= daemon.status()["uptime_ms"] / 200 + 1
    connections = harness.json.loads(broker.control("stats"))["connections_accepted"]
    assert connections <= 2 * daemon.status()["link"]["failed_attempts"] + 2
    producer = Producer(daemon, "received")
    producer.send(event("s", 1))
    producer.wait_acked(1)
    assert daemon.status()["queue"]["events"] == 1
