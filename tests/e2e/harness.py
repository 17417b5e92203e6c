"""What the end-to-end tests start and talk to: the daemon, a broker or real server, a fault proxy."""

import asyncio
import collections
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import threading
import time

BUILD = pathlib.Path(os.environ["VIBES_BUILD_DIR"])
DAEMON = BUILD / "daemon/cli/vibes-ingestd"
KILLABLE = BUILD / "tests/kill/vibes-ingestd-killable"  # the daemon, with places to be killed at
BROKER = BUILD / "tests/broker/vibes-demo-broker"
GENERATION = os.environ.get("VIBES_E2E_GENERATION", "0.8")

FIRST_PARTITION = 1 if GENERATION in ("0.4", "0.5") else 0

# A real server instead of the embedded broker: its address, and the command that starts it there
# when the tests may stop and start it. Without the command outages are made by the fault proxy.
REAL_ADDRESS = os.environ.get("VIBES_IGGY_ADDRESS")
REAL_COMMAND = os.environ.get("VIBES_IGGY_COMMAND")
USERNAME = os.environ.get("VIBES_IGGY_USERNAME", "iggy")
PASSWORD = os.environ.get("VIBES_IGGY_PASSWORD", "iggy")

DEADLINE_S = 60.0


def until(condition, what, deadline_s=DEADLINE_S, pause_s=0.01):
    """Waits for something that can be observed; fails with its name."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(pause_s)


def partition_ids(count):
    """The ids of a topic's partitions in this generation."""
    return range(FIRST_PARTITION, FIRST_PARTITION + count)


def accepts_connections(address):
    host, port = address.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


class FaultProxy:
    """A TCP relay in a thread that can vanish, lead elsewhere, and swallow the server's next answer."""

    def __init__(self, target):
        self.target = target
        self.loop = asyncio.new_event_loop()
        self.streams = set()
        self.server = None
        self.era = 0  # ends when all connections are cut
        self.swallow = False
        self.holding = False
        self.released = asyncio.Event()
        self.bytes_up = 0
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.port = self._call(self._listen(0))
        self.address = f"127.0.0.1:{self.port}"

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def _listen(self, port):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        era = self.era
        host, port = self.target.rsplit(":", 1)
        try:
            up_reader, up_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        if era != self.era:
            writer.transport.abort()
            up_writer.transport.abort()
            return
        pair = {writer, up_writer}
        self.streams |= pair

        async def pump(source, sink, upwards):
            try:
                while data := await source.read(65536):
                    if upwards:
                        self.bytes_up += len(data)
                    elif self.holding:
                        await self.released.wait()
                        break
                    elif self.swallow:
                        self.swallow = False
                        break
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            for each in pair:
                each.transport.abort()

        await asyncio.gather(pump(reader, up_writer, True), pump(up_reader, writer, False))
        self.streams -= pair

    async def _cut(self):
        self.era += 1
        for each in list(self.streams):
            each.transport.abort()
        await asyncio.sleep(0)

    async def _vanish(self):
        self.server.close()
        await self._cut()

    async def _lead_to(self, target):
        self.target = target
        await self._cut()

    def vanish(self):
        self._call(self._vanish())

    def come_back(self):
        self._call(self._listen(self.port))

    def cut(self):
        """All connections end; new ones are taken."""
        self._call(self._cut())

    def lead_to(self, target):
        """Another server stands behind the address from now on."""
        self._call(self._lead_to(target))

    def swallow_next_answer(self):
        """The server gets the next request and answers; the answer and the link are lost."""
        self.swallow = True

    def hold_answers(self):
        """The server gets requests and answers; no answer arrives any more, and links stay."""
        self.holding = True

    async def _let_answers_go(self):
        self.holding = False
        self.released.set()

    def let_answers_go(self):
        """The links whose answers were held break; new ones are whole."""
        self._call(self._let_answers_go())

    async def _end(self):
        await self._vanish()
        relaying = asyncio.all_tasks() - {asyncio.current_task()}
        for each in relaying:
            each.cancel()
        await asyncio.gather(*relaying, return_exceptions=True)

    def close(self):
        self._call(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


class EmbeddedBroker:
    """Our in-memory broker as a process of its own."""

    real = False

    def __init__(self, directory, generation=GENERATION, arguments=()):
        self.control_path = str(directory / "broker.control")
        self.process = subprocess.Popen(
            [BROKER, "--listen", "127.0.0.1:0", "--generation", generation,
             "--control", self.control_path, *arguments],
            stdout=subprocess.PIPE, text=True)
        line = ""
        while "listening on" not in line:
            line = self.process.stdout.readline()
            assert line, "the broker ended before it listened"
        self.address = line.rsplit(" ", 1)[1].strip()

    def control(self, command):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(self.control_path)
            control.sendall(command.encode() + b"\n")
            answer = control.makefile().readline()
        assert answer.startswith("ok"), f"{command}: {answer}"
        return answer[3:].strip()

    def stop_cleanly(self):
        self.control("vanish clean")

    def start_again(self):
        self.control("come-back")

    def close(self):
        self.process.terminate()
        assert self.process.wait(10) == 0


class RealServer:
    """A server of the operator's, started and stopped by a command when there is one."""

    real = True

    def __init__(self):
        self.address = REAL_ADDRESS
        self.process = None
        if REAL_COMMAND:
            self.start_again()
        until(lambda: accepts_connections(self.address), f"a server at {self.address}")

    def stop_cleanly(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)

    def start_again(self):
        self.process = subprocess.Popen(shlex.split(REAL_COMMAND), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        until(lambda: accepts_connections(self.address), f"a server at {self.address}")

    def close(self):
        if self.process:
            self.stop_cleanly()


Stored = collections.namedtuple("Stored", "partition offset session number id")


class Daemon:
    """vibes-ingestd with settings of its own in a directory of its own."""

    def __init__(self, directory, address, stream, settings=None, environment=None, wait=True,
                 program=DAEMON, **popen):
        self.directory = directory
        self.stream = stream
        self.socket = str(directory / "events.sock")
        self.admin = str(directory / "admin.sock")
        self.config = directory / "vibes-ingestd.toml"
        self.log_path = directory / "daemon.log"
        sections = {
            "socket": {"path": self.socket},
            "iggy": {"addresses": [address], "stream": stream, "username": USERNAME,
                     "password": PASSWORD, "backoff_max_ms": 500},
            "admin": {"socket": self.admin},
        }
        if GENERATION == "0.10":
            # The official Python client that reads back (0.9.1.dev5) refuses batches that name
            # their producer; tests of just that turn it on, and read with the daemon's own tail.
            sections["iggy"]["producer_identity"] = False
        for section, keys in (settings or {}).items():
            sections.setdefault(section, {}).update(keys)
        self.config.write_text(to_toml(sections))
        self.config.chmod(0o600)  # it holds a password
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([program, "run", "--config", self.config],
                                            env={**os.environ, **(environment or {})},
                                            **{"stderr": log, **popen})
        if wait:
            until(lambda: self.alive() and os.path.exists(self.admin) and self.answers(),
                  "the daemon takes events")

    def alive(self):
        code = self.process.poll()
        assert code is None, f"the daemon ended with {code}: {self.log()}"
        return True

    def answers(self):
        try:
            return self.status()
        except (OSError, ValueError):
            return None

    def log(self):
        return self.log_path.read_text()

    def status(self):
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(10)
            admin.connect(self.admin)
            admin.sendall(b'{"command":"status"}\n')
            return json.loads(admin.makefile().readline())

    def connect(self):
        producer = socket.socket(socket.AF_UNIX)
        producer.settimeout(DEADLINE_S)
        producer.connect(self.socket)
        return producer

    def wait_connected(self):
        until(lambda: self.status()["link"]["state"] == "ready", "the link is ready")

    def wait_drained(self):
        until(lambda: queued_events(self.status()) == 0, "the queue is empty")

    def tail(self, address=None):
        """What `tail` finds in the topic, at this address or the configured one: (partition, offset,
        session, number, id) of each event, in the order of offsets within a partition."""
        changed = {"VIBES_INGESTD_IGGY_ADDRESSES": address} if address else {}
        ended = self.run("tail", "--config", self.config, "--json", "--timeout-ms", "100",
                         env={**os.environ, **changed})
        assert ended.returncode == 0, ended.stderr
        return [Stored(each["partition"], each["offset"], each["session"],
                       each["event"]["number"], each["id"])
                for each in map(json.loads, ended.stdout.splitlines())]

    def run(self, *arguments, **options):
        """Another command of the program, with this daemon's settings."""
        return subprocess.run([DAEMON, *arguments], capture_output=True, text=True, timeout=60,
                              **options)

    def queue(self, *arguments):
        """`queue` on this daemon: a subcommand and what belongs to it."""
        return self.run("queue", arguments[0], "--admin-socket", self.admin, *arguments[1:])

    def queue_done(self, *arguments):
        """The same where it has to succeed: what it prints."""
        ended = self.queue(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        self.process.kill()
        return self.process.wait(60)

    def close(self):
        if self.process.poll() is None:
            self.kill()


def queued_events(status):
    """In memory and, with a journal, on disk only."""
    tail = status["journal"]["tail_events"] if status["journal"] else 0
    return status["queue"]["events"] + tail


def adds_up(status):
    """The sum of docs/delivery.md: no event is nowhere, and none is counted twice."""
    counters = status["counters"]
    return (counters["received_events"] + counters["recovered_events"] ==
            counters["committed_events"] + queued_events(status) + status["losses"]["total"])


def to_toml(sections):
    def value(of):
        if isinstance(of, bool):
            return "true" if of else "false"
        if isinstance(of, list):
            return "[" + ", ".join(value(each) for each in of) + "]"
        return json.dumps(of) if isinstance(of, str) else str(of)

    return "\n".join(f"[{name}]\n" + "".join(f"{key} = {value(of)}\n" for key, of in keys.items())
                     for name, keys in sections.items())


class Producer:
    """A connection that sent a hello and reads its answers."""

    def __init__(self, daemon, level="committed"):
        self.socket = daemon.connect()
        self.answers = self.socket.makefile("rb")
        self.acked = 0
        self.errors = []
        self.send(json.dumps({"vibes_ingest": {"ack": level}}))
        self.hello = self.read()

    def send(self, *lines):
        self.socket.sendall(b"".join(
            (each if isinstance(each, bytes) else each.encode()) + b"\n" for each in lines))

    def read(self):
        line = self.answers.readline()
        return json.loads(line) if line else None

    def wait_acked(self, count):
        while self.acked < count:
            answer = self.read()
            assert answer is not None, f"closed after ack {self.acked} of {count}"
            if "error" in answer:
                self.errors.append(answer["error"])
            else:
                assert answer["ack"] > self.acked, "acks only grow"
                self.acked = answer["ack"]
        return self

    def close(self):
        self.answers.close()
        self.socket.close()


def event(session, number, **more):
    return json.dumps({"type": "user_input", "session_id": session, "number": number,
                       "content": "zażółć \"gęślą\" \\ jaźń", "source": "cli", **more},
                      ensure_ascii=False)
