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

build = pathlib.Path(sys.argv[1]).resolve()
os.environ["VIBES_BUILD_DIR"] = str(build)
os.environ["VIBES_E2E_GENERATION"] = "0.8"
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))

import harness  # noqa: E402

EVENTS_FEW = 2_000
EVENTS_MANY = 22_000
TOLERANCE = 0.03
BUDGET = pathlib.Path(__file__).with_suffix(".budget")
BASELINE_ISA = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM"


def events(count):
    for number in range(count):
        yield json.dumps({"type": "user_input", "session_id": f"s{number % 40}",
                          "content": "x" * 300, "n": number})


def instructions(count):
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        counted, program = place / "callgrind.out", place / "counted"
        program.write_text(f'#!/bin/sh\nexec valgrind -q --tool=callgrind --callgrind-out-file={counted} '
                           f'{harness.DAEMON} "$@"\n')
        program.chmod(0o700)
        broker = harness.EmbeddedBroker(place)
        daemon = harness.Daemon(place, broker.address, "vibes", {"batch": {"linger_ms": 50}},
                                {"GLIBC_TUNABLES": BASELINE_ISA}, program=program)
        try:
            daemon.wait_connected()
            daemon.run("send", "--socket", daemon.socket, "--ack", "committed", check=True,
                       input="\n".join(events(count)) + "\n")
            daemon.stop()
        finally:
            daemon.close()
            broker.close()
        found = re.search(r"^(?:summary|totals): (\d+)", counted.read_text(), re.MULTILINE)
        return int(found[1])


def main():
    compiler = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True).stdout.strip()
    if compiler != "12":
        return print(f"not counted: the budget is for GCC 12, and this is {compiler}")
    budget = int(BUDGET.read_text())
    few, many = (instructions(count) for count in (EVENTS_FEW, EVENTS_MANY))
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
