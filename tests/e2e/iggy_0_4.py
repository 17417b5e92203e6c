"""A client for servers 0.4, for which there is no official Python SDK: as much of one as the tests
use, with its names. It is written from docs/wire.md and shares nothing with the daemon."""

import asyncio
import struct

ERRORS = {3: "InvalidCommand", 40: "Unauthenticated", 42: "InvalidCredentials",
          1010: "StreamNameNotFound", 1012: "StreamNameAlreadyExists",
          2011: "TopicNameNotFound", 2013: "TopicNameAlreadyExists", 3007: "PartitionNotFound"}


class PollingStrategy:
    class Offset:
        def __init__(self, value):
            self.value = value


class SendMessage:
    def __init__(self, data):
        self.data = data.encode() if isinstance(data, str) else data


class ReceivedMessage:
    def __init__(self, offset, identity, payload):
        self._offset, self._id, self._payload = offset, identity, payload

    def offset(self):
        return self._offset

    def id(self):
        return self._id

    def payload(self):
        return self._payload


class Details:
    """Of a stream or a topic, whose replies have the same fields at the front."""

    def __init__(self, body):
        self.id, self.created_us, self.partitions_count = struct.unpack_from("<IQI", body)


def _short(text):
    raw = text.encode()
    return bytes([len(raw)]) + raw


def _name(text):
    return b"\x02" + _short(text)


class IggyClient:
    def __init__(self, address):
        self.address = address

    async def connect(self):
        host, port = self.address.rsplit(":", 1)
        self.reader, self.writer = await asyncio.open_connection(host, int(port))

    async def _ask(self, command, body=b""):
        self.writer.write(struct.pack("<II", 4 + len(body), command) + body)
        status, length = struct.unpack("<II", await self.reader.readexactly(8))
        if status:
            raise RuntimeError(ERRORS.get(status, f"status {status}"))
        return await self.reader.readexactly(length)

    async def login_user(self, username, password):
        await self._ask(38, _short(username) + _short(password) + bytes(8))

    async def get_stream(self, stream):
        body = await self._ask(200, _name(stream))
        return Details(body) if body else None

    async def create_stream(self, stream):
        await self._ask(202, struct.pack("<I", 0) + _short(stream))

    async def get_topic(self, stream, topic):
        body = await self._ask(300, _name(stream) + _name(topic))
        return Details(body) if body else None

    async def create_topic(self, stream, topic, partitions):
        # No compression; never expires, unlimited, the server's own number of copies.
        fixed = struct.pack("<IIBQQB", 0, partitions, 1, 2**64 - 1, 2**64 - 1, 0)
        await self._ask(302, _name(stream) + fixed + _short(topic))

    async def send_messages(self, stream, topic, partition, messages):
        body = _name(stream) + _name(topic) + b"\x02\x04" + struct.pack("<I", partition)
        for each in messages:
            body += bytes(16) + struct.pack("<II", 0, len(each.data)) + each.data
        await self._ask(101, body)

    async def poll_messages(self, stream, topic, partition, strategy, count, auto_commit):
        consumer = b"\x01\x01\x04" + struct.pack("<I", 1)
        body = await self._ask(100, consumer + _name(stream) + _name(topic) + struct.pack(
            "<IBQIB", partition, 1, strategy.value, count, auto_commit))
        at = 16
        messages = []
        while at < len(body):
            offset, state, _, identity, _, headers = struct.unpack_from("<QBQ16sII", body, at)
            assert state == 1, f"message {offset} is not available"
            at += 41 + headers
            [size] = struct.unpack_from("<I", body, at)
            payload = body[at + 4:at + 4 + size]
            assert len(payload) == size, "the last message is cut short"
            at += 4 + size
            messages.append(ReceivedMessage(offset, int.from_bytes(identity, "little"), payload))
        assert struct.unpack_from("<I", body, 12) == (len(messages),)
        return messages
