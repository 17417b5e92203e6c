"""Clusters and sessions, of which servers know from 0.9 on: leaders that move, nodes that go, sessions
and producers that are forgotten, always under load."""

import harness
import pytest
import sdk
from harness import Producer, event, until
from load import Load, check_topic

pytestmark = [pytest.mark.embedded,
              pytest.mark.skipif(harness.GENERATION not in ("0.9", "0.10"),
                                 reason="older servers know no clusters and sessions")]
only_0_9 = pytest.mark.skipif(harness.GENERATION != "0.9", reason="sends go to one leader in 0.9")
only_0_10 = pytest.mark.skipif(harness.GENERATION != "0.10", reason="0.10 alone has it")

SESSIONS = [f"session-{n}" for n in range(20)]


class Cluster:
    def __init__(self, start):
        self.broker = start.broker("--nodes", "3")
        self.nodes = self.broker.control("nodes").split()
        self.stream = start.stream

    def control(self, command):
        return self.broker.control(command)

    def lead_partition(self, partition, node):
        self.control(f"lead-partition {self.stream} events {partition} {node}")

    def lead_all_partitions(self, node):
        for partition in harness.partition_ids(8):
            self.lead_partition(partition, node)


@pytest.fixture
def cluster(start):
    return Cluster(start)


def started(start, address, **iggy):
    """A daemon that names its events' producer to servers that know producers: what is read back is
    read with its own tail."""
    addresses = address if isinstance(address, list) else [address]
    daemon = start.daemon(addresses[0], {
        "iggy": {"addresses": addresses, "producer_identity": True, "backoff_max_ms": 100, **iggy},
        "queue": {"overflow": "block", "block_ms": 60000}})
    daemon.wait_connected()
    return daemon


def further_nodes(daemon):
    return {each["address"]: each["state"] for each in daemon.status()["link"]["further_nodes"]}


def until_leads(daemon, address):
    until(lambda: (daemon.status()["link"]["state"], daemon.status()["link"]["address"]) ==
          ("ready", address), f"the link is at {address}")


def until_branches(daemon, addresses):
    until(lambda: further_nodes(daemon) == {each: "ready" for each in addresses},
          f"one ready link to each of {addresses}, not {further_nodes(daemon)}")


def finish(daemon, load, duplicates_max=0):
    counts = load.stop()
    status = daemon.status()
    assert status["losses"]["total"] == 0
    assert status["queue"]["events"] == 0
    assert status["counters"]["committed_events"] == sum(counts.values())
    return check_topic(daemon.tail(), counts, duplicates_max)


def resent(daemon):
    return daemon.status()["counters"]["resent_events"]


def test_a_follower_alone_in_the_settings_leads_to_the_leader(start, cluster):
    daemon = started(start, cluster.nodes[2])
    until_leads(daemon, cluster.nodes[0])
    until(lambda: "another node leads" in daemon.log(), "the log says so")
    assert daemon.status()["link"]["failed_attempts"] == 0
    assert daemon.status()["link"]["last_error"] is None
    producer = Producer(daemon)
    producer.send(*(event(each, 0) for each in SESSIONS))
    producer.wait_acked(len(SESSIONS))
    check_topic(daemon.tail(), {each: 1 for each in SESSIONS})


def test_a_leader_that_moves_under_load_is_followed(start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=100)
    load = Load(daemon, SESSIONS)
    load.flow()
    for node in (1, 2, 0, 2, 1, 0, 1):
        cluster.control(f"lead {node}")
        until_leads(daemon, cluster.nodes[node])
        load.flow()
    # What is on its way is answered before the link moves.
    finish(daemon, load)


@only_0_9
def test_a_leader_that_has_moved_often_while_nothing_was_sent_is_found_for_the_next_event(
        start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=100)
    # So many moves look like a cluster that does not agree on a leader, and no more are followed.
    for node in (1, 2, 0):
        cluster.control(f"lead {node}")
        until_leads(daemon, cluster.nodes[node])
    cluster.control("lead 1")
    producer = Producer(daemon)
    producer.send(event("s", 0))
    producer.wait_acked(1)
    assert daemon.status()["link"]["address"] == cluster.nodes[1]


@only_0_9
def test_a_refused_send_alone_makes_the_link_look_for_the_leader(start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=3600000)
    load = Load(daemon, SESSIONS)
    load.flow()
    for node in (1, 2, 0):
        cluster.control(f"lead {node}")
        load.flow()
        until_leads(daemon, cluster.nodes[node])
    finish(daemon, load)


@pytest.mark.parametrize("addresses", [slice(0, 3), slice(0, 1)])
def test_a_leader_that_vanishes_is_replaced_by_the_next(start, cluster, addresses):
    daemon = started(start, cluster.nodes[addresses], topology_refresh_ms=100)
    load = Load(daemon, SESSIONS)
    load.flow()
    leader = 0
    for following in (1, 2, 0):
        if harness.GENERATION == "0.10":
            cluster.lead_all_partitions(following)
        cluster.control(f"lead {following}")
        cluster.control(f"vanish-node {leader}")
        until_leads(daemon, cluster.nodes[following])
        load.flow()
        cluster.control(f"come-back-node {leader}")
        leader = following
    # In 0.9 a session ends with its connection, and what was on its way may be there already.
    finish(daemon, load, resent(daemon) if harness.GENERATION == "0.9" else 0)


@only_0_10
def test_each_node_that_leads_partitions_gets_one_connection(start, cluster):
    daemon = started(start, cluster.nodes[0])
    until_branches(daemon, cluster.nodes[1:])
    load = Load(daemon, SESSIONS)
    load.flow(1000)
    assert finish(daemon, load) == 0
    opened = harness.json.loads(cluster.control("stats"))["connections_open"]
    assert opened == 3, "tail has closed its own"


@only_0_10
def test_partitions_that_move_under_load_are_followed(start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=3600000)
    load = Load(daemon, SESSIONS)
    load.flow()
    for turn in range(12):
        for partition in harness.partition_ids(8):
            if (partition + turn) % 3 == 0:
                cluster.lead_partition(partition, (partition + turn) // 3 % 3)
        load.flow()
    for node in (2, 0, 1):
        cluster.lead_all_partitions(node)
        load.flow()
        until_branches(daemon, [cluster.nodes[node]] if node else [])
    finish(daemon, load)


@only_0_10
def test_a_further_node_that_vanishes_loses_and_doubles_nothing(start, cluster):
    daemon = started(start, cluster.nodes[0])
    load = Load(daemon, SESSIONS)
    load.flow()
    for node in (1, 2, 1):
        cluster.control(f"vanish-node {node}")
        until(lambda: further_nodes(daemon).get(cluster.nodes[node]) != "ready", "it is missed")
        if node == 2:
            for partition in harness.partition_ids(8):
                cluster.lead_partition(partition, partition % 2)
            load.flow()
        cluster.control(f"come-back-node {node}")
        load.flow()
    until_branches(daemon, cluster.nodes[1:2])
    finish(daemon, load)


@only_0_10
def test_a_leader_that_moves_takes_further_links_along(start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=100)
    load = Load(daemon, SESSIONS)
    load.flow()
    for node in (1, 2, 0, 1):
        cluster.control(f"lead {node}")
        until_leads(daemon, cluster.nodes[node])
        until_branches(daemon, [each for each in cluster.nodes if each != cluster.nodes[node]])
        load.flow()
    finish(daemon, load)


@only_0_10
@pytest.mark.parametrize("nodes", [1, 3])
def test_another_incarnation_of_a_partition_is_learnt(start, nodes):
    broker = start.broker("--nodes", str(nodes))
    daemon = started(start, broker.address, topology_refresh_ms=3600000)
    load = Load(daemon, SESSIONS)
    for turn in range(8):
        load.flow()
        for partition in harness.partition_ids(8):
            if partition % 4 == turn % 4:
                broker.control(f"incarnate {start.stream} events {partition}")
    load.flow()
    finish(daemon, load)


@pytest.mark.parametrize("nodes", [1, 3])
@pytest.mark.parametrize("reason", [13, 1, 12])
def test_an_eviction_under_load_is_followed_by_another_login(start, nodes, reason):
    broker = start.broker("--nodes", str(nodes))
    daemon = started(start, broker.address)
    load = Load(daemon, SESSIONS)
    load.flow()
    for _ in range(5):
        before = daemon.status()["link"]["connections"]
        broker.control(f"evict {reason}")
        until(lambda: daemon.status()["link"]["connections"] > before, "it is back")
        load.flow()
    # The producer's name lets 0.10 drop what it has, in whatever session it comes.
    finish(daemon, load, resent(daemon) if harness.GENERATION == "0.9" else 0)


@pytest.mark.parametrize("nodes", [1, 3])
def test_sessions_that_are_forgotten_under_load_begin_anew(start, nodes):
    broker = start.broker("--nodes", str(nodes))
    daemon = started(start, broker.address)
    load = Load(daemon, SESSIONS)
    load.flow()
    for _ in range(5):
        before = daemon.status()["link"]["connections"]
        broker.control("forget-sessions")
        until(lambda: daemon.status()["link"]["connections"] > before, "it has logged in again")
        load.flow()
    finish(daemon, load, resent(daemon) if harness.GENERATION == "0.9" else 0)


@only_0_10
def test_a_session_that_only_further_nodes_miss_begins_anew(start, cluster):
    daemon = started(start, cluster.nodes[0], topology_refresh_ms=3600000)
    load = Load(daemon, SESSIONS)
    cluster.lead_all_partitions(1)
    until_branches(daemon, [cluster.nodes[1]])
    load.flow()
    cluster.control("forget-sessions")
    until(lambda: daemon.status()["link"]["connections"] == 2, "the home link has logged in again")
    load.flow()
    finish(daemon, load)


@only_0_10
@pytest.mark.parametrize("nodes", [1, 3])
def test_producers_that_are_forgotten_under_load_begin_another_epoch(start, nodes):
    broker = start.broker("--nodes", str(nodes))
    daemon = started(start, broker.address)
    load = Load(daemon, SESSIONS)
    for _ in range(6):
        load.flow()
        broker.control("forget-producers")
    load.flow()
    finish(daemon, load)


@only_0_10
def test_an_answer_lost_together_with_the_session_doubles_nothing(start):
    broker = start.broker()
    daemon = started(start, broker.address, heartbeat_ms=3600000)
    producer = Producer(daemon)
    sent = 0
    for turn in range(5):
        lines = [event("one-session", n) for n in range(sent, sent + 50)]
        sent += 50
        broker.control("refuse")
        broker.control("cut-after-store 1")
        producer.send(*lines)
        until(lambda: daemon.status()["counters"]["returned_batches"] > turn, "the link is cut")
        broker.control("forget-sessions")
        broker.control("behave")
        producer.wait_acked(sent)
    check_topic(daemon.tail(), {"one-session": sent})
    assert resent(daemon) > 0


@only_0_10
@pytest.mark.parametrize("status", [0, 59])
def test_an_answer_that_is_for_another_send_is_no_acknowledgement(start, status):
    # Twice: neither the first answer nor that to the repetition says that the events are there.
    broker = start.broker()
    daemon = started(start, broker.address)
    broker.control(f"answer {status} send_messages 2")
    producer = Producer(daemon)
    producer.send(*(event("s", n) for n in range(10)))
    producer.wait_acked(10)
    check_topic(daemon.tail(), {"s": 10})


@only_0_10
def test_an_answer_lost_on_a_further_node_doubles_nothing(start, cluster):
    daemon = started(start, cluster.nodes[0])
    until_branches(daemon, cluster.nodes[1:])
    load = Load(daemon, SESSIONS)
    for _ in range(10):
        load.flow(100)
        cluster.control("cut-after-store 2")
    load.flow()
    assert resent(daemon) > 0
    finish(daemon, load)


@only_0_10
def test_a_stop_drains_what_further_nodes_lead(start, cluster):
    daemon = started(start, cluster.nodes[0])
    until_branches(daemon, cluster.nodes[1:])
    cluster.control("vanish")
    until(lambda: daemon.status()["link"]["state"] != "ready", "the outage is noticed")
    producer = Producer(daemon)
    producer.send(*(event(each, 0) for each in SESSIONS))
    until(lambda: daemon.status()["queue"]["events"] == len(SESSIONS), "all are queued")
    daemon.process.send_signal(harness.signal.SIGTERM)
    until(lambda: "stopping:" in daemon.log(), "the stop has begun")
    cluster.control("come-back")
    assert daemon.process.wait(60) == 0
    assert "every event that was taken has been settled" in daemon.log(), daemon.log()
    check_topic(daemon.tail(), {each: 1 for each in SESSIONS})


@only_0_10
def test_a_stop_of_a_paused_daemon_drains_what_further_nodes_lead(start, cluster):
    daemon = started(start, cluster.nodes[0])
    until_branches(daemon, cluster.nodes[1:])
    daemon.queue_done("pause")
    producer = Producer(daemon)
    producer.send(*(event(each, 0) for each in SESSIONS))
    until(lambda: daemon.status()["queue"]["events"] == len(SESSIONS), "all are queued")
    assert daemon.stop() == 0
    assert "every event that was taken has been settled" in daemon.log(), daemon.log()
    check_topic(daemon.tail(), {each: 1 for each in SESSIONS})


def test_the_official_client_reads_what_went_through_moves(start, cluster):
    daemon = start.daemon(cluster.nodes[0], {"iggy": {"topology_refresh_ms": 100}})
    daemon.wait_connected()
    load = Load(daemon, SESSIONS)
    load.flow()
    cluster.control("lead 1")
    until_leads(daemon, cluster.nodes[1])
    load.flow()
    finish(daemon, load)
    theirs = [(each.partition, each.offset, each.payload.decode())
              for each in sdk.read_topic(cluster.nodes[1], start.stream)]
    assert sorted(each[:2] for each in theirs) == sorted(each[:2] for each in daemon.tail())
