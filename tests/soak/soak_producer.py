"""A producer that goes on over restarts of the daemon: what is not acknowledged is sent again."""

import collections
import json
import select
import socket
import threading
import time

TICK_S = 0.01
WAITING_MAX = 100_000  # events without an ack; then it waits, whatever the rate
FILLER = "x" * 60


class SoakProducer(threading.Thread):
    """Sends the events of its sessions in turn, numbered from 0, at a steady rate."""

    def __init__(self, stage, level, rate, sessions, index, seed):
        super().__init__(daemon=True)
        self.stage = stage
        self.level = level
        self.rate = rate
        self.sessions = [f"soak-{seed}-{index}-{n}" for n in range(sessions)]
        self.made = 0
        self.waiting = collections.deque()  # lines that are not acknowledged
        self.acked = 0                      # of this connection
        self.answers = b""
        self.socket = None
        self.connections = 0
        self.resent = 0
        self.failure = None
        self.stopping = threading.Event()

    def finish(self):
        """Until everything is acknowledged; how many events each session had."""
        self.stopping.set()
        self.join(300)
        assert not self.is_alive(), f"{len(self.waiting)} events at {self.level} are never acked"
        if self.failure:
            raise self.failure
        share, more = divmod(self.made, len(self.sessions))
        return {each: share + (n < more) for n, each in enumerate(self.sessions)}

    def run(self):
        try:
            began = time.monotonic()
            while not self.stopping.is_set() or self.waiting:
                if self.socket is None:
                    self.connect()
                due = int((time.monotonic() - began) * self.rate) - self.made
                if not self.stopping.is_set() and len(self.waiting) < WAITING_MAX and due > 0:
                    self.send(self.make(min(due, 2_000)))
                self.take_answers()
        except Exception as failure:  # whoever finishes it hears of it
            self.failure = failure

    def make(self, count):
        lines = []
        for _ in range(count):
            number, which = divmod(self.made, len(self.sessions))
            lines.append(b'{"type":"user_input","session_id":"%s","number":%d,"content":"%s"}\n' % (
                self.sessions[which].encode(), number, FILLER.encode()))
            self.made += 1
        self.waiting.extend(lines)
        return lines

    def connect(self):
        """Tries again until a daemon takes it; what was not acknowledged goes first."""
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(self.stage.daemon.socket)
            made.sendall(b'{"vibes_ingest":{"ack":"%s"}}\n' % self.level.encode())
            hello = b""
            while not hello.endswith(b"\n"):
                piece = made.recv(1)
                if not piece:
                    raise ConnectionError("closed at the hello")
                hello += piece
        except OSError:
            made.close()
            time.sleep(TICK_S)
            return
        assert b"error" not in hello, hello
        made.setblocking(False)
        self.socket, self.acked, self.answers = made, 0, b""
        self.connections += 1
        if self.waiting:
            self.resent += len(self.waiting)
            self.send(list(self.waiting))

    def send(self, lines):
        """Reads answers while it writes: a daemon that cannot answer does not read."""
        rest = memoryview(b"".join(lines))
        while rest and self.socket is not None:
            try:
                rest = rest[self.socket.send(rest[:65_536]):]
            except BlockingIOError:
                self.take_answers()
            except OSError:
                self.lose_connection()

    def take_answers(self):
        if self.socket is None:
            return
        if not select.select([self.socket], [], [], TICK_S)[0]:
            return
        try:
            piece = self.socket.recv(65_536)
        except OSError:
            piece = b""
        if not piece:
            return self.lose_connection()
        *whole, self.answers = (self.answers + piece).split(b"\n")
        for line in whole:
            answer = json.loads(line)
            # A daemon that stops tells what it does not promise; it is sent again like the rest.
            if "error" in answer and answer["error"]["code"] != "stopping":
                raise AssertionError(f"refused: {line}")
            for _ in range(answer.get("ack", self.acked) - self.acked):
                self.waiting.popleft()
                self.acked += 1

    def lose_connection(self):
        self.socket.close()
        self.socket = None
