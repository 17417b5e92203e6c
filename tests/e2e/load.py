"""Producers that go on until they are told to stop, and what a topic has to hold of them then."""

import collections
import threading

from harness import Producer, event, until

WINDOW = 50  # events of a producer that may wait for their acknowledgement


class Load:
    """Each producer sends the events of its sessions in turn, counting from 0, and waits for acks as
    it goes. `now` is asked before each event and behind each ack; what it answered is kept."""

    def __init__(self, daemon, sessions, producers=4, now=lambda: None):
        self.daemon = daemon
        self.now = now
        self.stopping = threading.Event()
        self.sent = {each: [] for each in sessions}   # what `now` was for each event
        self.acked = {each: [] for each in sessions}  # the same, for each acknowledged one
        self.failures = []
        self.threads = [threading.Thread(target=self._guarded, args=(sessions[n::producers],))
                        for n in range(producers)]
        for each in self.threads:
            each.start()

    def _guarded(self, sessions):
        try:
            self._produce(sessions)
        except Exception as failure:  # whoever waits for the load hears of it
            self.failures.append(failure)

    def _produce(self, sessions):
        producer = Producer(self.daemon)
        lines = collections.deque()

        def settle(waiting_max):
            while len(lines) > waiting_max:
                before = producer.acked
                producer.wait_acked(before + 1)
                assert not producer.errors, producer.errors
                for _ in range(producer.acked - before):
                    self.acked[lines.popleft()].append(self.now())

        while not self.stopping.is_set():
            for session in sessions:
                number = len(self.sent[session])
                self.sent[session].append(self.now())
                lines.append(session)
                producer.send(event(session, number))
            settle(WINDOW)
        settle(0)
        producer.close()

    def count_acked(self):
        return sum(map(len, self.acked.values()))

    def flow(self, events=200):
        """Until so many more events are acknowledged."""
        goal = self.count_acked() + events

        def flowed():
            assert not self.failures, self.failures
            return self.count_acked() >= goal

        until(flowed, f"{events} more events are acknowledged; status {self.daemon.status()}")

    def stop(self):
        """Until everything is acknowledged; how many events each session had."""
        self.stopping.set()
        for each in self.threads:
            each.join()
        assert not self.failures, self.failures
        return {session: len(sent) for session, sent in self.sent.items()}


def by_session(stored):
    """The numbers of each session in the order of their offsets, and the partitions it is in."""
    numbers, partitions = collections.defaultdict(list), collections.defaultdict(set)
    for each in sorted(stored, key=lambda one: (one.partition, one.offset)):
        numbers[each.session].append(each.number)
        partitions[each.session].add(each.partition)
    return numbers, partitions


def check_topic(stored, counts, duplicates_max=0):
    """Every event is there, each session in one partition and in order. Repeated events, if some may
    be, repeat what came right before them; how many there are is returned."""
    numbers, partitions = by_session(stored)
    assert set(numbers) == {session for session, count in counts.items() if count}
    for session, found in numbers.items():
        assert len(partitions[session]) == 1, f"{session} is in {partitions[session]}"
        first_seen = list(dict.fromkeys(found))
        assert first_seen == list(range(counts[session])), f"{session}: {found}"
    repeated = len(stored) - sum(counts.values())
    assert repeated <= duplicates_max, f"{repeated} events are there twice"
    return repeated
