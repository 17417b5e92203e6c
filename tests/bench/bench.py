#!/usr/bin/env python3
"""Measures vibes-ingestd beside its yardsticks, all on this machine in one run, and reports.

  cmake --preset release && cmake --build --preset release
  python3 tests/bench/bench.py --build build/release --out bench-results

Writes results.json, throughput.tsv, latency.tsv and, where gnuplot is installed (gnuplot-nox on
Debian), throughput.svg and latency.svg. Only ratios within one run mean something on a machine that
others use too. What is measured, and what came out: docs/performance.md."""

import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parents[1] / "support"))

import acks  # noqa: E402
from process_figures import processor_seconds, resident_kib  # noqa: E402
from stage import (EVENT_BYTES, LINGER_MS, QUEUE_BYTES_MAX, TOOL, Daemon, Process, free_port,
                   in_a_place, load, options, server, until)  # noqa: E402

BATCH_SIZES = [1, 5, 20, 100, 500, 1000, 2000, 5000]
GENERATIONS = ["0.8", "0.9", "0.10"]


def sunk_rate(sink):
    """Events a second that came out at the far end: acks would count what is still on its way."""
    got = json.loads(sink.process.communicate(timeout=60)[0])
    return got["bytes"] / (EVENT_BYTES + 1) / got["seconds"]


def measure_relay(place):
    port, path = free_port(), place / "relay.sock"
    sink = Process(TOOL, "sink", "--port", port, stdout=subprocess.PIPE, text=True)
    time.sleep(0.2)
    with Process(TOOL, "relay", "--socket", path, "--target", port):
        until(path.exists, "the relay runs")
        load(path, ack="none")
        time.sleep(0.5)
    return sunk_rate(sink)


def measure_rsyslog(place):
    modules = next(pathlib.Path("/usr/lib").glob("*/rsyslog"), None)
    if not shutil.which("rsyslogd") or modules is None:
        return None
    port, path = free_port(), place / "rsyslog.sock"
    config = place / "rsyslog.conf"
    config.write_text(f"""
global(workDirectory="{place}" maxMessageSize="64k")
module(load="imptcp" threads="2")
template(name="verbatim" type="string" string="%msg%\\n")
ruleset(name="forward") {{
  action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" template="verbatim"
         queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="4096"
         queue.workerThreads="1" queue.timeoutEnqueue="60000")
}}
input(type="imptcp" path="{path}" ruleset="forward" unlink="on")
""")
    sink = Process(TOOL, "sink", "--port", port, stdout=subprocess.PIPE, text=True)
    time.sleep(0.2)
    with Process("rsyslogd", "-n", "-f", config, "-i", place / "pid", stderr=subprocess.DEVNULL):
        until(path.exists, "rsyslog runs")
        load(path, ack="none")
        time.sleep(2)
    return sunk_rate(sink)


def measure_daemon(batch_events, in_flight=options.in_flight, generation=options.generation,
                   **more):
    def run(place):
        with server(generation) as broker, Daemon(place, broker.address, batch_events,
                                        in_flight=in_flight) as daemon:
            result = load(daemon.socket, **more)
            status = daemon.status()
            assert status["losses"]["total"] == 0, "nothing may be dropped"
            assert status["counters"]["committed_events"] == result["events"]
            result["processor_ns_per_event"] = (processor_seconds(daemon.process.pid) * 1e9 /
                                                result["events"])
            result["events_per_request"] = (result["events"] /
                                            status["counters"]["committed_batches"])
            return result
    return in_a_place(run)


def measure_generations():
    """In turns, so that what else the machine does falls on all of them."""
    rounds = [{each: measure_daemon(5000, generation=each) for each in GENERATIONS}
              for _ in range(options.rounds)]
    return {each: {what: [one[each][what] for one in rounds]
                   for what in ("events_per_second", "processor_ns_per_event")}
            for each in GENERATIONS}


def report_generations(measured):
    first = measured[GENERATIONS[0]]
    print(f"\n{'generation':30}{'events/s':>12}{'of ' + GENERATIONS[0]:>10}{'ns/event':>10}"
          f"{'of ' + GENERATIONS[0]:>10}   (medians of {options.rounds} rounds; processor time of "
          "the daemon)")
    for name, figures in measured.items():
        print(f"{name:30}", end="")
        for what, form in (("events_per_second", "12,.0f"), ("processor_ns_per_event", "10,.0f")):
            ratios = [mine / its for mine, its in zip(figures[what], first[what])]
            print(f"{statistics.median(figures[what]):{form}}{statistics.median(ratios):10.3f}",
                  end="")
        print()


def measure_memory(place):
    with Daemon(place, "127.0.0.1:1", 5000, "drop_newest", connected=False) as daemon:
        idle = resident_kib(daemon.process.pid)
        line = b'{"type":"pty_output","session_id":"s","text":"%s"}\n' % (b"x" * (EVENT_BYTES - 48))
        with socket.socket(socket.AF_UNIX) as producer:
            producer.connect(str(daemon.socket))
            while daemon.status()["losses"]["total"] == 0:
                producer.sendall(line * 1000)
        full = resident_kib(daemon.process.pid)
        status = daemon.status()["queue"]
        return {"idle_kib": idle, "full_kib": full, "queue_bytes": status["bytes"],
                "queue_events": status["events"]}


def plot(out):
    if not shutil.which("gnuplot"):
        print("No plots: gnuplot is not installed (gnuplot-nox on Debian).")
        return
    script = f"""
set terminal svg size 720,440 font "sans,13"
set termoption noenhanced
set grid
set key left top
set output "{out}/throughput.svg"
set title "Events a second over the size of a request"
set logscale x
set xlabel "batch.events_max"
set ylabel "events/s"
set yrange [0:*]
set format y "%.0s%c"
plot "{out}/throughput.tsv" using 1:2 with linespoints lw 2 pt 7 title "vibes-ingestd, committed acks"
unset logscale
set output "{out}/latency.svg"
set title "Socket write to commit, 1,000 events/s"
set xlabel "percentile"
set ylabel "ms"
set format y "%g"
set style fill solid 0.6
set boxwidth 0.6
plot "{out}/latency.tsv" using 0:2:xtic(1) with boxes notitle
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"{options.producers} producers, 200 sessions, events of {EVENT_BYTES} bytes, "
          f"{options.seconds:g} s each, against {options.iggy or 'the embedded broker'}", flush=True)
    if options.only == "generations":
        return report_generations(measure_generations())
    if options.only == "acks":
        return acks.report(acks.measure(), acks.measure_storage())
    results = {"relay": in_a_place(measure_relay), "rsyslog": in_a_place(measure_rsyslog)}
    results["sizes"] = {size: measure_daemon(size) for size in BATCH_SIZES}
    results["one_at_a_time"] = (results["sizes"][1] if options.in_flight == 1 else
                                measure_daemon(1, in_flight=1))
    results["paced"] = measure_daemon(5000, rate=1000)
    if not options.iggy:
        results["generations"] = measure_generations()
    results["acks"] = acks.measure()
    results["journal"] = acks.measure_storage()
    results["memory"] = in_a_place(measure_memory)
    results["relay_after"] = in_a_place(measure_relay)
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    with open(options.out / "throughput.tsv", "w") as table:
        for size, result in results["sizes"].items():
            table.write(f"{size}\t{result['events_per_second']:.0f}\n")
    with open(options.out / "latency.tsv", "w") as table:
        for name in ("p50", "p90", "p99", "p999", "max"):
            table.write(f"{name}\t{results['paced'][name + '_us'] / 1000:.3f}\n")
    report(results)
    plot(options.out)


def report(results):
    relay = (results["relay"] + results["relay_after"]) / 2
    one = results["one_at_a_time"]["events_per_second"]
    print(f"\n{'':30}{'events/s':>12}{'of relay':>10}{'of one':>10}{'events/request':>16}")

    def row(name, rate, each=None):
        print(f"{name:30}{rate:12,.0f}{rate / relay:10.3f}{rate / one:10.1f}" +
              (f"{each:16.1f}" if each else ""))

    row("plain relay", relay)
    if results["rsyslog"]:
        row("rsyslog, imptcp to omfwd", results["rsyslog"])
    if options.in_flight > 1:
        row("daemon, one event at a time", one, 1)
    for size, result in results["sizes"].items():
        row(f"daemon, events_max {size}", result["events_per_second"], result["events_per_request"])
    best = results["sizes"][5000]["events_per_second"]
    if results["rsyslog"]:
        print(f"\ndaemon to rsyslog: {best / results['rsyslog']:.2f}")
    if "generations" in results:
        report_generations(results["generations"])
    acks.report(results["acks"], results["journal"])
    paced = results["paced"]
    print(f"1,000 events/s, write to commit: p50 {paced['p50_us'] / 1000:.2f} ms, "
          f"p99 {paced['p99_us'] / 1000:.2f} ms (linger {LINGER_MS} ms), "
          f"max {paced['max_us'] / 1000:.2f} ms")
    memory = results["memory"]
    part = (memory["full_kib"] - memory["idle_kib"]) * 1024 / QUEUE_BYTES_MAX
    print(f"resident: {memory['idle_kib'] / 1024:.1f} MiB idle, {memory['full_kib'] / 1024:.1f} MiB "
          f"with {memory['queue_events']:,} events queued: idle + {part:.3f} of queue.bytes_max")


main()
