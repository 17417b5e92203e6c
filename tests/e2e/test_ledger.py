"""The ledger adds up at every look, whatever happens, and from one life of the daemon to the next."""

import re
import threading

import pytest
from harness import Producer, adds_up, event, queued_events, until

LIVES = 3
MEMORY = 100  # events
FILLER = "x" * 2_000  # a few hundred events fill the journal


def each_reason_counts_once(status):
    losses = dict(status["losses"])
    return losses.pop("total") == sum(losses.values())


class Auditor:
    """Looks at the status all the time, from a thread of its own."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.looks = 0
        self.failure = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def _look(self):
        before = None
        while not self.ending.is_set():
            try:
                status = self.daemon.status()
            except (OSError, ValueError):
                return  # it has stopped, and is asked for that
            kept = adds_up(status) and each_reason_counts_once(status) and not (
                before and shrinks(before, status))
            if not kept:
                self.failure = (before, status)
                return
            before = status
            self.looks += 1

    def close(self, looks_min=20):
        self.ending.set()
        self.thread.join()
        assert self.failure is None, self.failure
        assert self.looks >= looks_min


def shrinks(before, after):
    return any(after[section][name] < before[section][name]
               for section in ("counters", "losses") for name in before[section])


class Writers:
    """Producers that do not wait for anything, each with sessions of its own."""

    def __init__(self, daemon, life, count=2):
        self.sent = [0] * count
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(daemon, life, which))
                        for which in range(count)]
        for each in self.threads:
            each.start()

    def _write(self, daemon, life, which):
        with daemon.connect() as silent:
            while not self.ending.is_set():
                number = self.sent[which]
                session = f"{life}-{which}-{number % 5}"
                silent.sendall(event(session, number, filler=FILLER).encode() + b"\n")
                self.sent[which] += 1

    def close(self):
        """How many events there were."""
        self.ending.set()
        for each in self.threads:
            each.join()
        return sum(self.sent)


def grows(daemon, section, name, by=1):
    goal = daemon.status()[section][name] + by
    until(lambda: daemon.status()[section][name] >= goal, f"{section}.{name} grows", pause_s=0.002)


def left_behind(daemon, last):
    """What the stop has left in the journal, and what it has lost after this last look: what found no
    room there, and what made room for the newest."""
    ended = " ".join(daemon.log().splitlines()[-2:])
    counts = [re.search(words, ended) for words in (
        r"(\d+) events? stays? in the journal", r"in this run (\d+) events? w\w+ lost")]
    left, lost = [int(each.group(1)) if each else 0 for each in counts]
    return left, lost - last["losses"]["total"]


def trouble(daemon, broker, proxy, policy):
    """Every way in which an event can be lost, and outages between."""
    overflow = "overflow_block_expired" if policy == "block" else f"overflow_{policy}"
    proxy.vanish()
    grows(daemon, "losses", overflow)
    daemon.queue_done("drop", "--all", "--yes")
    proxy.come_back()
    grows(daemon, "counters", "committed_events", 200)
    # Each batch is halved until the refused event is alone.
    broker.control("answer 4022 send_messages 200")
    grows(daemon, "losses", "refused_by_iggy")
    broker.control("behave")
    daemon.queue_done("pause")
    grows(daemon, "losses", overflow)
    daemon.queue_done("resume")
    grows(daemon, "counters", "committed_events", 200)
    proxy.vanish()
    grows(daemon, "losses", overflow)
    until(lambda: queued_events(daemon.status()) > MEMORY, "more than memory holds")


@pytest.mark.embedded
@pytest.mark.parametrize("policy", ["drop_oldest", "drop_newest", "block"])
def test_every_event_is_somewhere_at_every_look_and_over_restarts(start, tmp_path, policy):
    broker = start.broker()
    proxy = start.proxy(broker.address)
    letters = tmp_path / "dead"
    settings = {
        "journal": {"directory": str(tmp_path / "j"), "bytes_max": 1 << 20},
        "socket": {"max_event_bytes": 20_000}, "stop": {"drain_ms": 1},
        "queue": {"overflow": policy, "events_max": MEMORY, "bytes_max": 1 << 20, "stall_ms": 10,
                  "block_ms": 5},
        "batch": {"events_max": 20}, "dead_letter": {"path": str(letters)},
        "iggy": {"backoff_min_ms": 10, "backoff_max_ms": 20, "reply_timeout_ms": 500}}
    received = committed = lost = left = 0
    reasons = {}
    for life in range(LIVES):
        daemon = start.daemon(proxy.address, settings)
        # What a life leaves on disk the next one finds, and nothing else.
        assert daemon.status()["counters"]["recovered_events"] == left
        daemon.wait_connected()
        auditor = Auditor(daemon)
        writers = Writers(daemon, life)
        trouble(daemon, broker, proxy, policy)
        sent = writers.close()
        until(lambda: daemon.status()["counters"]["received_events"] == sent, "all lines are read")
        last = daemon.status()
        assert adds_up(last)
        received += sent
        committed += last["counters"]["committed_events"]
        lost += last["losses"]["total"]
        assert daemon.stop() == 0
        auditor.close()
        left, left_out = left_behind(daemon, last)
        assert left + left_out == queued_events(last)
        lost += left_out
        for reason, count in last["losses"].items():
            reasons[reason] = reasons.get(reason, 0) + count
        assert received == committed + lost + left
        proxy.come_back()
    daemon = start.daemon(proxy.address, settings)
    auditor = Auditor(daemon)
    daemon.wait_drained()
    committed += left
    assert reasons["refused_by_iggy"] > 0 and reasons["dropped_by_operator"] > 0
    assert reasons["left_at_stop"] == reasons["journal_damage"] == 0
    check_topic(daemon, committed)
    requeue(daemon, letters, reasons["refused_by_iggy"])
    check_topic(daemon, committed + reasons["refused_by_iggy"])
    assert adds_up(daemon.status())
    auditor.close(1)


def check_topic(daemon, count):
    """So many different events are in the topic; one that was resent may be there twice."""
    assert len({(each.session, each.number) for each in daemon.tail()}) == count


def requeue(daemon, letters, count):
    """A refused event that is handed in again is received anew."""
    before = daemon.status()["counters"]
    letters.rename(letters.with_suffix(".again"))
    ended = daemon.run("queue", "requeue", "--config", daemon.config, "--dead-letter",
                       letters.with_suffix(".again"))
    assert ended.returncode == 0 and ended.stdout.startswith(f"requeued {count} of "), ended.stderr
    after = daemon.status()["counters"]
    for name in ("received_events", "committed_events"):
        assert after[name] == before[name] + count


def test_what_no_disk_took_is_left_at_the_stop_and_told(start):
    """Without a journal the rest is the loss of this life, and the next one begins with nothing."""
    daemon = start.daemon("127.0.0.1:1", {"stop": {"drain_ms": 1}})
    producer = Producer(daemon, "received")
    producer.send(*(event("s", number) for number in range(30)))
    producer.wait_acked(30)
    status = daemon.status()
    assert status["counters"]["received_events"] == status["queue"]["events"] == 30
    assert daemon.stop() == 0
    told = [producer.read()["error"] for _ in range(30)]
    assert [(each["line"], each["code"]) for each in told] == [
        (number + 1, "stopping") for number in range(30)]
    assert producer.read() is None
    assert "30" in daemon.log().splitlines()[-1]
