#!/usr/bin/env python3
"""Runs the daemon under load for minutes while it and Iggy are restarted in turn, and reads it all back.

tests/soak.sh builds and runs it: 10 minutes, and one or two to read back.

Every producer keeps what is not acknowledged and sends it again on its next connection, as
docs/socket-protocol.md asks of one. Ends nonzero when an event is missing or out of order, when the
daemon says that it lost one, or when memory or descriptors grow. docs/testing.md, "Soak"."""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
arguments.add_argument("--generation", default="0.8", help="what the embedded broker speaks")
arguments.add_argument("--minutes", type=float, default=10)
arguments.add_argument("--rate", type=int, default=20_000, help="events a second, of all producers")
arguments.add_argument("--restart-seconds", type=float, default=20)
arguments.add_argument("--restart", choices=["both", "broker"], default="both",
                       help="`broker` keeps one daemon alive from beginning to end")
arguments.add_argument("--away-seconds", type=float, default=2, help="of the broker at a restart")
arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
options = arguments.parse_args()

os.environ["VIBES_BUILD_DIR"] = str(options.build.resolve())
os.environ["VIBES_E2E_GENERATION"] = options.generation
tests = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(tests / room) for room in ("soak", "e2e", "support")]

import harness  # noqa: E402
from process_figures import descriptor_count, resident_kib  # noqa: E402
from soak_producer import SoakProducer  # noqa: E402

LEVELS = ["durable", "committed", "durable", "committed"]
SESSIONS_EACH = 10
BROKER_BYTES_MAX = 20 << 30
SETTLE_S = 5  # of a daemon's life, before its memory counts
GROWTH_MAX = 1.25
GROWTH_KIB_MAX = 8 << 10


class Watch(threading.Thread):
    """Memory and descriptors of each daemon, once a second: one list of samples for each life."""

    def __init__(self):
        super().__init__(daemon=True)
        self.pid = None
        self.lives = []
        self.ended = threading.Event()

    def begin_life(self, pid):
        self.lives.append([])
        self.pid, self.began = pid, time.monotonic()

    def run(self):
        while not self.ended.wait(1):
            if self.pid is None or time.monotonic() - self.began < SETTLE_S:
                continue
            try:
                sample = resident_kib(self.pid), descriptor_count(self.pid)
            except OSError:
                continue  # it is just being restarted
            self.lives[-1].append(sample)


class Stage:
    """The broker and the daemon, with the same journal from life to life."""

    def __init__(self, place):
        self.place = place
        self.broker = harness.RealServer() if harness.REAL_ADDRESS else harness.EmbeddedBroker(
            place, options.generation, ["--memory-max-bytes", str(BROKER_BYTES_MAX)])
        self.stream = f"vibes-soak-{options.seed}"
        self.watch = Watch()
        self.lost = 0
        self.start_daemon()
        self.watch.start()

    def start_daemon(self):
        self.daemon = harness.Daemon(self.place, self.broker.address, self.stream, {
            "journal": {"directory": str(self.place / "journal")},
            "log": {"level": "warning"}, "stop": {"drain_ms": 500}})
        self.watch.begin_life(self.daemon.process.pid)

    def note_losses(self):
        self.lost += self.daemon.status()["losses"]["total"]

    def restart_broker(self):
        self.broker.stop_cleanly()
        time.sleep(options.away_seconds)
        self.broker.start_again()

    def stop_daemon(self):
        self.note_losses()
        self.watch.pid = None
        assert self.daemon.stop() == 0, self.daemon.log()
        self.start_daemon()

    def kill_daemon(self):
        self.note_losses()
        self.watch.pid = None
        self.daemon.kill()
        self.start_daemon()


def run_restarts(stage, until):
    turns = [stage.restart_broker]
    if options.restart == "both":
        turns = [stage.restart_broker, stage.stop_daemon, stage.restart_broker, stage.kill_daemon]
    count = 0
    while time.monotonic() + options.restart_seconds < until:
        time.sleep(options.restart_seconds)
        turns[count % len(turns)]()
        count += 1
        done = 100 * (1 - (until - time.monotonic()) / (60 * options.minutes))
        print(f"{done:3.0f}% after {turns[(count - 1) % len(turns)].__name__}", flush=True)
    time.sleep(max(0, until - time.monotonic()))
    return count


def read_back(stage, counts):
    """How many events are missing, out of order, and there again, in the order of each session."""
    next_numbers = dict.fromkeys(counts, 0)
    repeated = disordered = 0
    command = [harness.DAEMON, "tail", "--config", stage.daemon.config, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tail:
        for line in tail.stdout:
            event = json.loads(line)
            session, number = event["session"], event["event"]["number"]
            if number == next_numbers[session]:
                next_numbers[session] += 1
            elif number < next_numbers[session]:
                repeated += 1
            else:
                disordered += 1
    assert tail.returncode == 0, "reading back failed"
    missing = sum(count - next_numbers[session] for session, count in counts.items())
    return missing, disordered, repeated


def grows(samples):
    """The most of the last third against that of the first third."""
    third = max(1, len(samples) // 3)
    first, last = max(samples[:third]), max(samples[-third:])
    return last > GROWTH_MAX * first and last - first > GROWTH_KIB_MAX


def report_resources(lives):
    lives = [life for life in lives if life]
    resident = [max(each[0] for each in life) for life in lives]
    descriptors = [max(each[1] for each in life) for life in lives]
    if len(lives) == 1:
        resident, descriptors = ([each[at] for each in lives[0]] for at in (0, 1))
    third = max(1, len(resident) // 3)
    print(f"resident, most of the first third: {max(resident[:third]) / 1024:.1f} MiB, of the last: "
          f"{max(resident[-third:]) / 1024:.1f} MiB; descriptors: {max(descriptors[:third])}, "
          f"{max(descriptors[-third:])} ({len(lives)} lives)")
    return grows(resident) or max(descriptors[-third:]) > max(descriptors[:third]) + 5


def main():
    print(f"seed {options.seed}: {options.rate} events/s for {options.minutes:g} min, a restart "
          f"every {options.restart_seconds:g} s, generation {options.generation}", flush=True)
    with tempfile.TemporaryDirectory(prefix="vs") as place:
        stage = Stage(pathlib.Path(place))
        producers = [SoakProducer(stage, level, options.rate / len(LEVELS), SESSIONS_EACH, index,
                                  options.seed) for index, level in enumerate(LEVELS)]
        began = time.monotonic()
        for each in producers:
            each.start()
        restarts = run_restarts(stage, began + 60 * options.minutes)
        counts = {}
        for each in producers:
            counts.update(each.finish())
        seconds = time.monotonic() - began
        harness.until(lambda: harness.queued_events(stage.daemon.status()) == 0,
                      "everything is with Iggy", deadline_s=300)
        stage.note_losses()
        stage.watch.ended.set()
        missing, disordered, repeated = read_back(stage, counts)
        sent = sum(counts.values())
        print(f"{sent:,} events in {seconds:.0f} s ({sent / seconds:,.0f}/s), {restarts} restarts, "
              f"{sum(each.connections for each in producers)} connections, "
              f"{sum(each.resent for each in producers):,} sent again by producers")
        print(f"{missing} missing, {disordered} out of order, {stage.lost} counted as lost, "
              f"{repeated:,} there again")
        grew = report_resources(stage.watch.lives)
        stage.daemon.close()
        stage.broker.close()
    if missing or disordered or stage.lost or grew:
        sys.exit("the soak failed")


main()
