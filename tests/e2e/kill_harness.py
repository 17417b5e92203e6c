"""A topic, a journal, and one daemon after the other on it, with producers that go on until it dies."""

import collections
import json
import math
import os
import random
import select
import signal
import socket
import subprocess
import threading
import time

import harness
from harness import DAEMON, DEADLINE_S, KILLABLE, event, until
from kill_oracle import Oracle

SEED = int(os.environ.get("VIBES_TEST_SEED") or random.randrange(2**32))

NO_IGGY = "127.0.0.1:1"
LEVELS = ("committed", "durable", "received", "durable")
SESSIONS_OF_A_PRODUCER = 3
WINDOW = 30           # events of a producer that may wait for their acknowledgement
AHEAD = 300           # that a producer may be in front of the slowest one: the journal is never full
OUTAGE_EVENTS = 300   # that a producer sends while there is no Iggy
FILLER = "x" * 300    # so that the journal's segments are full soon
DEDUPLICATES = harness.GENERATION == "0.10"


def places():
    """All places at which the killable program can be killed, as it lists them itself."""
    listed = subprocess.run([KILLABLE], capture_output=True, text=True, timeout=60, check=True,
                            env={**os.environ, "VIBES_KILL_AT": "list"})
    return listed.stdout.split()


class Pace:
    """Keeps producers together, so that those who wait for little do not fill the journal."""

    def __init__(self, producers):
        self.sent = [0] * producers
        self.changed = threading.Condition()

    def went_on(self, producer, events):
        with self.changed:
            self.sent[producer] += events
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.sent[producer] <= min(self.sent) + AHEAD)

    def ended(self, producer):
        with self.changed:
            self.sent[producer] = math.inf
            self.changed.notify_all()


class Load:
    """Producers of all levels that tell the oracle what they do, until their daemon is gone."""

    def __init__(self, oracle, daemon, events_max=None):
        self.oracle = oracle
        self.daemon = daemon
        self.events_max = events_max
        self.failures = []
        self.pace = Pace(len(LEVELS))
        self.threads = [threading.Thread(target=self._guarded, args=(self._produce, index, level))
                        for index, level in enumerate(LEVELS)]
        for each in self.threads:
            each.start()

    def refuse_lines(self):
        """One more producer, all of whose lines are refused."""
        self.threads.append(threading.Thread(target=self._guarded, args=(self._produce_bad_lines,)))
        self.threads[-1].start()

    def _guarded(self, task, *arguments):
        try:
            task(*arguments)
        except Exception as failure:  # whoever waits for the load hears of it
            self.failures.append(failure)

    def _connect(self):
        """None when the daemon is gone before it took the connection."""
        producer = socket.socket(socket.AF_UNIX)
        producer.settimeout(DEADLINE_S)

        def connected():
            try:
                producer.connect(self.daemon.socket)
                return "yes"
            except OSError:
                return self.daemon.process.poll() is not None and "gone"

        return producer if until(connected, "a daemon, or its end", pause_s=0.002) == "yes" else None

    def _produce(self, index, level):
        try:
            if connection := self._connect():
                with connection:
                    talk = Talk(self.oracle, connection, level)
                    sessions = [f"{level}-{index}-{n}" for n in range(SESSIONS_OF_A_PRODUCER)]
                    talk.go_on(sessions, self.events_max, lambda sent: self.pace.went_on(index, sent))
                    self.pace.ended(index)
                    talk.hear_the_rest()
        finally:
            self.pace.ended(index)

    def _produce_bad_lines(self):
        connection = self._connect()
        if connection:
            with connection:
                answers = connection.makefile("rb")
                try:
                    connection.sendall(b'{"vibes_ingest":{"ack":"received"}}\n')
                    while answers.readline():
                        connection.sendall(b"{" + b"x" * 900 + b"\n")
                except ConnectionError:
                    pass

    def join(self):
        for each in self.threads:
            each.join()
        assert not self.failures, self.failures


class Talk:
    """One producer's connection, and what was acknowledged on it."""

    def __init__(self, oracle, connection, level):
        self.oracle = oracle
        self.connection = connection
        self.level = level
        self.unacked = collections.deque()
        self.acked = 0
        self.rest = b""
        self.greeted = False

    def go_on(self, sessions, events_max, went_on):
        count = 0
        waits = events_max is None or self.level != "committed"  # that may not come in an outage
        try:
            self.connection.sendall(json.dumps({"vibes_ingest": {"ack": self.level}}).encode() + b"\n")
            while events_max is None or count < events_max:
                lines = b""
                for session in sessions:
                    number = len(self.oracle.sessions[session])
                    self.oracle.sent(session, number, self.level)
                    self.unacked.append((session, number))
                    lines += event(session, number, filler=FILLER).encode() + b"\n"
                    count += 1
                self.connection.sendall(lines)
                went_on(len(sessions))
                while self.read(wait=waits and len(self.unacked) > WINDOW):
                    pass
        except ConnectionError:
            pass

    def hear_the_rest(self):
        """Until the daemon is gone: what it wrote before that counts."""
        try:
            while self.read(wait=True):
                pass
        except ConnectionError:
            pass

    def read(self, wait):
        """Answers that are here; with `wait`, that come. False: none."""
        if not wait and not select.select([self.connection], [], [], 0)[0]:
            return False
        data = self.connection.recv(65536)
        if not data:
            return False
        *lines, self.rest = (self.rest + data).split(b"\n")
        for each in map(json.loads, lines):
            self.take(each)
        return True

    def take(self, answer):
        if not self.greeted:
            assert answer.get("vibes_ingest", {}).get("ack") == self.level, answer
            self.greeted = True
            return
        assert "ack" in answer, f"at level {self.level}: {answer}"
        while self.acked < answer["ack"]:
            self.oracle.acked(*self.unacked.popleft())
            self.acked += 1


class World:
    """Lives of daemons, each on what the one before has left."""

    def __init__(self, start, directory, name, deduplicates=DEDUPLICATES):
        self.random = random.Random(f"{SEED} {name}")
        print(f"VIBES_TEST_SEED={SEED}")
        self.start = start
        self.address = start.broker().address
        self.directory = directory
        self.oracle = Oracle(deduplicates)
        self.settings = {
            "journal": {"directory": str(directory / "journal"), "bytes_max": 4 << 20},
            # Memory is small, so that much is on disk only; and so are the files of dead letters.
            "queue": {"events_max": 200},
            "socket": {"max_event_bytes": 8_000},
            "dead_letter": {"path": str(directory / "dead-letters"), "bytes_max": 1 << 16},
            "stop": {"drain_ms": self.random.choice([1, 300])},
        }
        if harness.GENERATION == "0.10":
            self.settings["iggy"] = {"producer_identity": True}

    def daemon(self, address=None, **options):
        return self.start.daemon(address or self.address, self.settings, **options)

    def die_at(self, place, times):
        """A daemon that kills itself under load at this place, and has to come there."""
        daemon = self.daemon(program=KILLABLE, wait=False,
                             environment={"VIBES_KILL_AT": f"{place}:{times}"})
        load = Load(self.oracle, daemon)
        if place.startswith("dead_letter"):
            load.refuse_lines()
        if place.startswith(("stop", "drain")):
            until(lambda: self.oracle.count_acked() > 100 or load.failures, "the load flows")
            daemon.process.send_signal(signal.SIGTERM)
        try:
            ended = daemon.process.wait(DEADLINE_S / 2)
        except subprocess.TimeoutExpired:
            ended = "nothing"
            daemon.close()
        killed_at = time.monotonic()
        load.join()
        self.oracle.killed(killed_at)
        assert ended == -signal.SIGKILL, f"{place}:{times} ended with {ended}: {daemon.log()}"

    def die_at_random(self, after_s):
        """A daemon that is killed from outside, so long after it was started."""
        daemon = self.daemon(wait=False)
        load = Load(self.oracle, daemon)
        time.sleep(after_s)
        self.kill(daemon, load)

    def outage(self):
        """A daemon without an Iggy, killed when it has a backlog."""
        daemon = self.daemon(NO_IGGY)
        load = Load(self.oracle, daemon, OUTAGE_EVENTS)
        promised = OUTAGE_EVENTS * sum(level != "committed" for level in LEVELS)
        until(lambda: self.oracle.count_acked() >= promised or load.failures,
              f"a backlog is there: {daemon.status()}", deadline_s=10)
        self.kill(daemon, load)

    def kill(self, daemon, load=None):
        assert daemon.process.poll() is None, f"it ended before it was killed: {daemon.log()}"
        at = time.monotonic()
        daemon.kill()
        if load:
            load.join()
        # Only now: what producers still sent until they noticed was sent to this daemon.
        self.oracle.killed(at)

    def leave_a_write_unfinished(self):
        """What a write leaves that was cut short: bytes behind the last record that are none."""
        last = max((self.directory / "journal").glob("*.segment"))
        with open(last, "ab") as file:
            file.write(b"\x40\x00\x00\x00\x01" + b"\x00" * 20)

    def check(self):
        """A daemon sends what is left; then the topic is read back, and the daemon killed at rest."""
        daemon = self.daemon()

        def at_rest():
            status = daemon.status()
            journal = status["journal"]
            return (status["queue"]["events"] == journal["tail_events"] == journal["live_events"] == 0
                    and status)

        status = until(at_rest, f"everything is with Iggy and released: {daemon.status()}")
        # Numbers of which the journal says nothing; promised to nobody (docs/delivery.md).
        assert status["losses"]["total"] == status["losses"]["journal_damage"], status["losses"]
        assert status["losses"]["total"] <= self.oracle.count_unpromised(), status["losses"]
        assert status["journal"]["damaged_bytes"] == status["journal"]["failures"] == 0
        complaints = self.oracle.check(daemon.tail())
        assert not complaints, f"VIBES_TEST_SEED={SEED}: " + "\n".join(complaints[:20])
        self.check_dead_letters()
        self.kill(daemon)

    def check_dead_letters(self):
        for path in self.directory.glob("dead-letters*"):
            for line in path.read_text().splitlines():
                json.loads(line)
