"""Reading back, and writing, with the official SDK of the server's generation: what it sees is what
counts. 0.4 has none, and is read with a client of the tests' own (iggy_0_4.py)."""

import asyncio

import harness

if harness.GENERATION == "0.4":
    from iggy_0_4 import IggyClient, PollingStrategy, SendMessage
else:
    import apache_iggy
    from apache_iggy import IggyClient, PollingStrategy, SendMessage


class Record:
    def __init__(self, partition, message):
        self.partition = partition
        self.offset = message.offset()
        self.id = message.id()
        self.payload = message.payload()


async def _connect(address):
    client = IggyClient(address)
    await client.connect()
    await client.login_user(harness.USERNAME, harness.PASSWORD)
    return client


async def _poll(client, stream, topic, partition, offset):
    strategy = PollingStrategy.Offset(value=offset)
    if harness.GENERATION in ("0.9", "0.10"):
        return await client.poll_messages(stream, topic, consumer=apache_iggy.Consumer.Single("reader"),
                                          polling_strategy=strategy, count=1000,
                                          auto_commit=False, partition_id=partition)
    return await client.poll_messages(stream, topic, partition, strategy, 1000, False)


async def _read_topic(address, stream, topic):
    client = await _connect(address)
    details = await client.get_topic(stream, topic)
    assert details is not None, f"no topic {stream}/{topic}"
    records = []
    for partition in harness.partition_ids(details.partitions_count):
        offset = 0
        while True:
            got = await _poll(client, stream, topic, partition, offset)
            if not got:
                break
            records += [Record(partition, each) for each in got]
            offset = records[-1].offset + 1
    return records


async def _partitions(address, stream, topic):
    client = await _connect(address)
    details = await client.get_topic(stream, topic)
    return details.partitions_count


async def _create(address, stream, topic, partitions):
    client = await _connect(address)
    if await client.get_stream(stream) is None:
        await client.create_stream(stream)
    if harness.GENERATION == "0.10":
        options = apache_iggy.TopicOptions(partitions_count=partitions)
        await client.create_topic(stream, topic, options)
    else:
        await client.create_topic(stream, topic, partitions)


async def _send(address, stream, topic, partition, payloads):
    client = await _connect(address)
    await client.send_messages(stream, topic, partition, [SendMessage(each) for each in payloads])


def read_topic(address, stream, topic="events"):
    """Every record of the topic, in offset order within each partition."""
    return asyncio.run(_read_topic(address, stream, topic))


def partitions_of(address, stream, topic="events"):
    return asyncio.run(_partitions(address, stream, topic))


def create_topic(address, stream, topic, partitions):
    asyncio.run(_create(address, stream, topic, partitions))


def send(address, stream, topic, partition, payloads):
    asyncio.run(_send(address, stream, topic, partition, payloads))
