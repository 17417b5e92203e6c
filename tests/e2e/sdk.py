"""Reading back, and writing, with the official SDK: what it sees is what counts."""

import asyncio

from apache_iggy import IggyClient, PollingStrategy, SendMessage

import harness


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


async def _read_topic(address, stream, topic):
    client = await _connect(address)
    details = await client.get_topic(stream, topic)
    assert details is not None, f"no topic {stream}/{topic}"
    records = []
    for partition in range(details.partitions_count):
        offset = 0
        while True:
            got = await client.poll_messages(stream, topic, partition,
                                             PollingStrategy.Offset(value=offset), 1000, False)
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
