"""What the benchmarks set up and take down: the programs that are measured, and their yardsticks."""

import argparse
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

LINGER_MS = 5
EVENT_BYTES = 350
QUEUE_BYTES_MAX = 64 << 20
JOURNAL_BYTES_MAX = 16 << 30  # never full: a full one waits for Iggy

arguments = argparse.ArgumentParser(description="Measures vibes-ingestd beside its yardsticks.")
arguments.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path("bench-results"))
arguments.add_argument("--seconds", type=float, default=5, help="of each measurement")
arguments.add_argument("--iggy", help="host:port of a real server instead of the embedded broker")
arguments.add_argument("--in-flight", type=int, default=4, help="[iggy] requests_in_flight_max")
arguments.add_argument("--producers", type=int, default=8)
arguments.add_argument("--generation", default="0.8", help="what the embedded broker speaks")
arguments.add_argument("--rounds", type=int, default=5, help="of the generations beside each other")
arguments.add_argument("--only", choices=["generations", "acks"], help="measure nothing else")
arguments.add_argument("--journal-mib", type=int, default=1024, help="of the journal to be opened")
options = arguments.parse_args()

TOOL = options.build / "tests/bench/vibes-bench-tool"
BROKER = options.build / "tests/broker/vibes-demo-broker"
JOURNAL = options.build / "tests/bench/vibes-bench-journal"
DAEMON = options.build / "daemon/cli/vibes-ingestd"


def until(condition, what, deadline_s=30):
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within {deadline_s} s: {what}")
        time.sleep(0.01)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Process:
    def __init__(self, *command, **more):
        self.process = subprocess.Popen([str(each) for each in command], **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


class Broker(Process):
    """Fresh for each measurement: it keeps what it gets in memory."""

    def __init__(self, generation):
        super().__init__(BROKER, "--listen", "127.0.0.1:0", "--generation", generation,
                         stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]


class RealServer:
    address = options.iggy

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Daemon(Process):
    def __init__(self, place, address, batch_events, overflow="block", connected=True,
                 in_flight=options.in_flight, journal=None):
        self.socket = place / "events.sock"
        self.admin = place / "admin.sock"
        config = place / "vibes-ingestd.toml"
        config.write_text(f"""
[socket]
path = "{self.socket}"
[iggy]
addresses = ["{address}"]
stream = "vibes-bench"
requests_in_flight_max = {in_flight}
[batch]
events_max = {batch_events}
linger_ms = {LINGER_MS}
[queue]
events_max = 100000000
bytes_max = {QUEUE_BYTES_MAX}
overflow = "{overflow}"
block_ms = 60000
[admin]
socket = "{self.admin}"
[log]
level = "error"
[journal]
directory = "{journal or ""}"
bytes_max = {JOURNAL_BYTES_MAX}
""")
        super().__init__(DAEMON, "run", "--config", config)
        until(self.answers, "the daemon runs")
        if connected:
            until(lambda: self.status()["link"]["state"] == "ready", "the daemon is connected")

    def answers(self):
        try:
            return self.status()
        except OSError:
            return None

    def status(self):
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.admin))
            admin.sendall(b'{"command":"status"}\n')
            return json.loads(admin.makefile().readline())


def load(path, **more):
    wanted = {"seconds": options.seconds, "event-bytes": EVENT_BYTES,
              "producers": options.producers, **more}
    command = [TOOL, "load", "--socket", path]
    for name, value in wanted.items():
        command += [f"--{name}", value]
    return json.loads(subprocess.run([str(each) for each in command], check=True,
                                     capture_output=True, text=True).stdout)


def in_a_place(measure):
    """Runs it in a folder of its own; sockets need a short path."""
    with tempfile.TemporaryDirectory(prefix="vb") as place:
        return measure(pathlib.Path(place))


def server(generation):
    return RealServer() if options.iggy else Broker(generation)
