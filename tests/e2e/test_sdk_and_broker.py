"""The embedded broker is compatible with Iggy and not only with us: the official SDK uses it."""

import json

import harness
import pytest
import sdk

pytestmark = pytest.mark.embedded


def test_the_sdk_creates_sends_and_polls(start):
    broker = start.broker()
    sdk.create_topic(broker.address, "theirs", "things", 3)
    assert sdk.partitions_of(broker.address, "theirs", "things") == 3
    sent = {partition: [f"{partition}-{n} zażółć" for n in range(50)]
            for partition in harness.partition_ids(3)}
    for partition, payloads in sent.items():
        sdk.send(broker.address, "theirs", "things", partition, payloads)
    records = sdk.read_topic(broker.address, "theirs", "things")
    for partition, payloads in sent.items():
        mine = [each for each in records if each.partition == partition]
        assert [each.payload.decode() for each in mine] == payloads
        assert [each.offset for each in mine] == list(range(50))
    assert len({each.id for each in records}) == 150, "ids are made by the server"


def test_the_sdk_hears_of_a_stream_that_exists(start):
    broker = start.broker()
    sdk.create_topic(broker.address, "theirs", "things", 1)
    with pytest.raises(Exception) as told:
        sdk.create_topic(broker.address, "theirs", "things", 1)
    assert "alreadyexists" in str(told.value).lower().replace(" ", "")  # spaced from SDK 0.9 on


def test_the_sdk_is_refused_with_a_wrong_password(start):
    broker = start.broker("--password", "another-one")
    with pytest.raises(Exception) as told:
        sdk.create_topic(broker.address, "theirs", "things", 1)
    assert "credentials" in str(told.value).lower()


clusters = pytest.mark.skipif(harness.GENERATION not in ("0.9", "0.10"),
                              reason="servers before 0.9 know no clusters")


@clusters
def test_the_sdk_finds_its_way_in_a_cluster(start):
    broker = start.broker("--nodes", "3")
    addresses = broker.control("nodes").split()
    assert len(set(addresses)) == 3 and addresses[0] == broker.address
    sdk.create_topic(broker.address, "theirs", "things", 5)
    for partition in range(5):
        sdk.send(broker.address, "theirs", "things", partition, [f"to {partition}"])
    for address in addresses:
        records = sdk.read_topic(address, "theirs", "things")
        assert [each.payload.decode() for each in records] == [f"to {n}" for n in range(5)]


@clusters
def test_the_sdk_follows_what_leads(start):
    broker = start.broker("--nodes", "2")
    sdk.create_topic(broker.address, "theirs", "things", 2)
    broker.control("lead 1")
    if harness.GENERATION == "0.10":
        broker.control("lead-partition theirs things 0 1")
    sdk.send(broker.address, "theirs", "things", 0, ["after the move"])
    sdk.create_topic(broker.address, "theirs", "more", 1)
    [stored] = sdk.read_topic(broker.address, "theirs", "things")
    assert stored.payload == b"after the move"


@pytest.mark.skipif(harness.GENERATION != "0.10", reason="only 0.10 keeps receipts of what it wrote")
def test_the_sdk_sends_once_though_the_answer_was_lost(start):
    broker = start.broker()
    sdk.create_topic(broker.address, "theirs", "things", 1)
    broker.control("cut-after-store 1")
    sdk.send(broker.address, "theirs", "things", 0, ["once"])
    [stored] = sdk.read_topic(broker.address, "theirs", "things")
    assert stored.payload == b"once"
    counted = json.loads(broker.control("stats"))
    assert counted["messages_repeated"] == 1 and counted["requests"]["bind_session"] >= 1


def test_the_sdk_and_the_daemon_share_a_topic(start):
    broker = start.broker()
    sdk.create_topic(broker.address, start.stream, "events", 5)
    daemon = start.daemon(broker.address)
    producer = harness.Producer(daemon)
    producer.send(harness.event("s", 1))
    producer.wait_acked(1)
    [stored] = sdk.read_topic(broker.address, start.stream)
    sdk.send(broker.address, start.stream, "events", stored.partition, ["from elsewhere"])
    shown = daemon.run("tail", "--config", daemon.config, "--json", "--timeout-ms", "200")
    assert shown.returncode == 0, shown.stderr
    assert len(shown.stdout.splitlines()) == 2 and '"text":"from elsewhere"' in shown.stdout
