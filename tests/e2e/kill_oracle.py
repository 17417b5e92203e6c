"""What a topic must hold after daemons were killed. It is told what producers sent, what was
acknowledged to them, and when a daemon was killed; it knows nothing else of the daemon.

What it holds a topic to is docs/delivery.md:

- every event that was acknowledged at `durable` or `committed` is there;
- of what one session sent to one daemon, the beginning is there, without a hole; and of what was
  acknowledged at `received` only the last moments before a kill may be missing;
- each session is in one partition, in the order sent once repeats are left out;
- an event is there again at most once for each kill that came before its release was on disk, under the
  same message id; and not at all where the server deduplicates;
- what was there at a check with a daemon at rest is there unchanged at every later one.
"""

import collections
import time

PROMISED = ("durable", "committed")


class Event:
    def __init__(self, level, life):
        self.level = level
        self.life = life        # how many kills there were when it was sent
        self.acked_at = None
        self.at_rest = None     # how often it was there when a daemon was at rest

    def is_promised(self):
        return self.level in PROMISED and self.acked_at is not None


class Oracle:
    def __init__(self, deduplicates, last_moments_s=1.0):
        """`last_moments_s`: a release is on disk, and so is an event, so long after its
        acknowledgement. The daemon needs 50 ms and the disk's time; a busy machine needs patience."""
        self.deduplicates = deduplicates
        self.last_moments_s = last_moments_s
        self.sessions = collections.defaultdict(dict)  # session -> number -> Event, as sent
        self.kills = []

    def sent(self, session, number, level):
        assert number not in self.sessions[session], "a number is sent once"
        self.sessions[session][number] = Event(level, len(self.kills))

    def acked(self, session, number):
        self.sessions[session][number].acked_at = time.monotonic()

    def killed(self, at=None):
        self.kills.append(time.monotonic() if at is None else at)

    def count_acked(self):
        """Of what was sent since the last kill."""
        return sum(1 for events in list(self.sessions.values()) for each in list(events.values())
                   if each.life == len(self.kills) and each.acked_at is not None)

    def count_unpromised(self):
        """Of what was sent since the last check: those that nobody was promised."""
        return sum(1 for events in self.sessions.values() for each in events.values()
                   if each.at_rest is None and not each.is_promised())

    def check(self, stored):
        """Complaints about a topic, read while a daemon is at rest: records with partition, offset,
        session, number and id. No complaint: an empty list."""
        found = collections.defaultdict(list)
        for each in sorted(stored, key=lambda one: (one.partition, one.offset)):
            found[each.session].append(each)
        complaints = [f"{session} was never sent" for session in found if session not in self.sessions]
        for session, events in self.sessions.items():
            complaints += [f"{session}: {each}" for each in
                           self._check_session(events, found.get(session, []))]
        return complaints

    def _check_session(self, events, records):
        copies = collections.Counter(each.number for each in records)
        unknown = sorted(number for number in copies if number not in events)
        if unknown:
            return [f"{unknown} were never sent"]
        complaints = list(self._check_order(records))
        ids = {(each.number, each.id) for each in records}
        complaints += [f"{number} is there under several ids"
                       for number, count in collections.Counter(n for n, _ in ids).items() if count > 1]
        there_later = set()  # lives of which something later is there
        for number in sorted(events, reverse=True):
            event = events[number]
            complaints += self._check_event(event, number, copies[number], event.life in there_later)
            if copies[number]:
                there_later.add(event.life)
            event.at_rest = copies[number]
        return complaints

    def _check_order(self, records):
        numbers = [each.number for each in records]
        if len({each.partition for each in records}) > 1:
            yield f"in partitions {sorted({each.partition for each in records})}"
        first = list(dict.fromkeys(numbers))
        behind = [after for before, after in zip(first, first[1:]) if after < before]
        if behind:
            yield f"{behind} came behind later ones"
        steps_back = sum(after <= before for before, after in zip(numbers, numbers[1:]))
        if steps_back > len(self.kills):
            yield f"{steps_back} times back to earlier events, with {len(self.kills)} kills"

    def _check_event(self, event, number, copies, later_is_there):
        if event.at_rest is not None:
            if copies != event.at_rest:
                yield f"{number} was there {event.at_rest} times at rest, and is {copies} times now"
            return
        if copies == 0:
            if later_is_there:
                yield f"{number} is missing, and what the session sent behind it is there"
            elif event.is_promised():
                yield f"{number} is missing, acknowledged as {event.level}"
            elif self._is_long_before(event, self._kills_of(event)[:1]):
                yield f"{number} is missing, acknowledged as received long before the kill"
        elif copies > 1 and self.deduplicates:
            yield f"{number} is there {copies} times, and the server deduplicates"
        elif copies > 1:
            kills = [each for each in self._kills_of(event)
                     if event.level != "committed" or not self._is_long_before(event, [each])]
            if copies > 1 + len(kills):
                yield (f"{number} is there {copies} times, and only {len(kills)} kills came before "
                       "its release had to be on disk")

    def _kills_of(self, event):
        """Those that can have to do with it: it was sent, and not at rest yet."""
        return self.kills[event.life:]

    def _is_long_before(self, event, kills):
        return event.acked_at is not None and any(
            event.acked_at < each - self.last_moments_s for each in kills)
