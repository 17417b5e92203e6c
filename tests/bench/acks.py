"""What each level of acknowledgement costs, and what the journal's disk allows."""

import json
import pathlib
import statistics
import subprocess
import tempfile
import time

from stage import JOURNAL, Daemon, in_a_place, load, options, server, until

SILENT = "silent, memory only"
RECEIVED = "received, memory only"
COMMITTED = "committed, memory only"
DURABLE = "durable, every_group"
# name: level, whether there is a journal
LEVELS = {
    SILENT: ("none", False),
    RECEIVED: ("received", False),
    COMMITTED: ("committed", False),
    "silent, every_group": ("none", True),
    DURABLE: ("durable", True),
    "committed, every_group": ("committed", True),
}


def on_disk(measure):
    """With a folder on the disk that the results go to."""
    with tempfile.TemporaryDirectory(prefix="journal-", dir=options.out) as place:
        return measure(pathlib.Path(place).resolve())


def measure_level(level, has_journal):
    """Events a second until Iggy has committed the last of them, whatever the acks say."""
    def run(place, disk):
        journal = disk / "journal" if has_journal else None
        with server(options.generation) as broker, Daemon(place, broker.address, 5000,
                                                          journal=journal) as daemon:
            sent = load(daemon.socket, ack=level)
            ended = time.monotonic()
            until(lambda: daemon.status()["counters"]["committed_events"] == sent["events"],
                  "all of it is committed", deadline_s=120)
            seconds = sent["seconds"] + time.monotonic() - ended
            status = daemon.status()
            assert status["losses"]["total"] == 0, "nothing may be dropped"
            found = {"events_per_second": sent["events"] / seconds, "p50_us": sent["p50_us"],
                     "p99_us": sent["p99_us"]}
            if has_journal:
                of = status["journal"]
                found["written_share"] = of["written_bytes"] / sent["events"]
                found["write_bytes"] = of["written_bytes"] / max(1, of["jobs"])
            return found
    return on_disk(lambda disk: in_a_place(lambda place: run(place, disk)))


def measure_outage():
    """Durable acks while Iggy is away: every event goes over the disk."""
    def run(place, disk):
        with Daemon(place, "127.0.0.1:1", 5000, connected=False,
                    journal=disk / "journal") as daemon:
            sent = load(daemon.socket, ack="durable")
            of = daemon.status()["journal"]
            return {"events_per_second": sent["events"] / sent["seconds"],
                    "bytes_per_event": of["written_bytes"] / sent["events"],
                    "write_bytes": of["written_bytes"] / max(1, of["jobs"])}
    return on_disk(lambda disk: in_a_place(lambda place: run(place, disk)))


def journal_bench(*arguments):
    def run(disk):
        command = [JOURNAL, "--directory", disk / "bench", *arguments]
        out = subprocess.run([str(each) for each in command], check=True, capture_output=True,
                             text=True).stdout
        return {each["what"]: each for each in map(json.loads, out.splitlines())}
    return on_disk(run)


def measure():
    """In turns, so that what else the machine does falls on all of them. What the disk can do is
    measured right beside the outage, with writes of the size that the daemon's had."""
    rounds = []
    for _ in range(options.rounds):
        one = {name: measure_level(*what) for name, what in LEVELS.items()}
        outage = measure_outage()
        raw = journal_bench("--raw-bytes", int(outage["write_bytes"]))["raw"]
        outage["raw_events_per_second"] = (raw["mb_per_second"] * 1e6 / outage["bytes_per_event"])
        outage["raw_mb_per_second"] = raw["mb_per_second"]
        rounds.append({"levels": one, "outage": outage})
    return rounds


def measure_storage():
    return journal_bench("--mib", options.journal_mib)


def report(rounds, storage):
    print(f"\n{'level, journal':30}{'events/s':>12}{'of silent':>10}{'p50 ms':>10}{'p99 ms':>10}"
          f"   (medians of {len(rounds)} rounds)")
    for name in LEVELS:
        each = [one["levels"][name] for one in rounds]
        ratios = [one["levels"][name]["events_per_second"] /
                  one["levels"][SILENT]["events_per_second"] for one in rounds]
        median = {what: statistics.median(of[what] for of in each)
                  for what in ("events_per_second", "p50_us", "p99_us")}
        print(f"{name:30}{median['events_per_second']:12,.0f}{statistics.median(ratios):10.3f}"
              f"{median['p50_us'] / 1000:10.2f}{median['p99_us'] / 1000:10.2f}")
    for other in (RECEIVED, COMMITTED):
        ratios = [one["levels"][DURABLE]["events_per_second"] /
                  one["levels"][other]["events_per_second"] for one in rounds]
        print(f"{DURABLE}, of {other}: {statistics.median(ratios):.3f}")
    outages = [one["outage"] for one in rounds]
    of_raw = [one["events_per_second"] / one["raw_events_per_second"] for one in outages]
    print("Iggy away, every event over the disk: "
          f"{statistics.median(one['events_per_second'] for one in outages):,.0f} durable events/s, "
          f"{statistics.median(of_raw):.3f} of a loop of write and fdatasync with writes of "
          f"{statistics.median(one['write_bytes'] for one in outages):,.0f} bytes ("
          f"{statistics.median(one['raw_mb_per_second'] for one in outages):,.0f} MB/s)")
    opened, back = storage["open"], storage["read_back"]
    print(f"journal of {opened['mib']:.0f} MiB: opened in {opened['seconds']:.2f} s "
          f"({opened['mb_per_second']:,.0f} MB/s) with {opened['peak_rss_mib']:.1f} MiB resident, "
          f"read back at {back['mb_per_second']:,.0f} MB/s")
