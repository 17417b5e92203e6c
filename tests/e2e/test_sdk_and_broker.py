"""The embedded broker is compatible with Iggy and not only with us: the official SDK uses it."""

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
