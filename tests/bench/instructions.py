#!/usr/bin/env python3
"""Instructions of the daemon for an event, counted by callgrind, against a budget that fails.

  tests/bench/instructions.py BUILD        a build folder, optimised

Two runs with the same events, one with many of them, take the same way: socket, scanner, queue, batch, wire,
the demonstration broker's answer, ack. Their difference is what events cost. glibc is held to one instruction
set, so that processors count alike; the compiler is that of Debian 12, for which the budget was counted.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

EVENTS_FEW = 2_000
EVENTS_MANY = 22_000
TOLERANCE = 0.03
BUDGET = pathlib.Path(__file__).with_suffix(".budget")
BASELINE_ISA = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM"


def until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what} took more than {seconds} s")
        time.sleep(0.05)


def events(count):
    for number in range(count):
        yield json.dumps({"type": "user_input", "session_id": f"s{number % 40}",
                          "content": "x" * 300, "n": number})


def instructions(build, count):
    program = build / "daemon/cli/vibes-ingestd"
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        broker = subprocess.Popen([build / "tests/broker/vibes-demo-broker", "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, text=True)
        address = broker.stdout.readline().split()[-1]
        settings = place / "instructions.toml"
        settings.write_text(f'[socket]\npath = "{place}/events.sock"\n[iggy]\naddresses = ["{address}"]\n'
                            f'[admin]\nsocket = "{place}/admin.sock"\n[batch]\nlinger_ms = 50\n')
        environment = os.environ | {"VIBES_INGESTD_CONFIG": str(settings), "GLIBC_TUNABLES": BASELINE_ISA}
        environment.pop("XDG_RUNTIME_DIR", None)
        counted = place / "callgrind.out"
        daemon = subprocess.Popen(["valgrind", "-q", "--tool=callgrind",
                                   f"--callgrind-out-file={counted}", program, "run"],
                                  env=environment, stderr=subprocess.PIPE, text=True)
        try:
            def is_ready():
                status = subprocess.run([program, "status"], env=environment, capture_output=True, text=True)
                return re.search(r"state +ready", status.stdout) is not None

            until(is_ready, "the start")
            subprocess.run([program, "send", "--ack", "committed"], env=environment, check=True,
                           input="\n".join(events(count)) + "\n", stdout=subprocess.DEVNULL, text=True)
        finally:
            daemon.terminate()
            said = daemon.communicate()[1]
            broker.terminate()
            broker.communicate()
        found = re.search(r"^(?:summary|totals): (\d+)", counted.read_text(), re.MULTILINE)
        if daemon.returncode != 0 or not found:
            sys.exit(f"callgrind counted nothing:\n{said}")
        return int(found[1])


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    compiler = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True).stdout.strip()
    if compiler != "12":
        return print(f"not counted: the budget is for GCC 12, and this is {compiler}")
    budget = int(BUDGET.read_text())
    few, many = (instructions(build, count) for count in (EVENTS_FEW, EVENTS_MANY))
    each = round((many - few) / (EVENTS_MANY - EVENTS_FEW))
    change = each / budget - 1
    print(f"{each} instructions for an event; the budget is {budget} ({change:+.1%})")
    if change > TOLERANCE:
        sys.exit(f"An event costs {change:.1%} more than its budget. Find out what does (callgrind_annotate), or, "
                 f"if it is worth it, write {each} to {BUDGET.name} and say why in the commit.")
    if change < -TOLERANCE:
        print(f"That is a gain: write {each} to {BUDGET.name}, so that it is kept.")


if __name__ == "__main__":
    main()
