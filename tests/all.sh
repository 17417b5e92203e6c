#!/usr/bin/env bash
# All tests: installs what is missing, builds, runs the unit tests under ASan+UBSan, those that have
# threads under TSan too and those that run long optimised, and the end-to-end tests for each server
# generation with its official SDK. docs/testing.md.
#
# VIBES_IGGY_ADDRESS (and VIBES_IGGY_COMMAND) make the end-to-end tests use a real server.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

step "clang-format"
find protocol config daemon tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror

unit_tests_of release optimised "${rooms_to_optimise[@]}"
step "instructions for an event"
tests/bench/instructions.py build/release
build asan
VIBES_JOURNAL_OPERATIONS=100000 VIBES_SIMULATION_STEPS=300000 unit_tests asan "ASan and UBSan"
unit_tests_of tsan TSan "${rooms_with_threads[@]}"

# Generation, SDK, build: in turn, so that each build meets old and new servers; those that take
# longest first. 0.4 has no SDK in Python: the tests read it with a client of their own.
suites=("0.10 0.9.1.dev5 asan" "0.8 0.8.0 asan" "0.7 0.7.0 tsan" "0.9 0.9.0 release"
  "0.6 0.6.0 asan" "0.4 none asan" "0.5 0.5.0 release")
skipped=()
can_run=()
for each in "${suites[@]}"; do
  read -r generation sdk _ <<<"$each"
  if sdk_environment "$sdk"; then
    can_run+=("$each")
  elif [ "${CI:-}" = true ]; then
    echo "The Python environment with SDK $sdk could not be made; CI must not go on without." >&2
    exit 1
  else
    skipped+=("end to end for $generation, SDK $sdk: it could not be installed")
  fi
done
# They mostly wait. A real server is there once, so its tests come one after the other.
at_once=3
[ -n "${VIBES_IGGY_ADDRESS:-}" ] && at_once=1
printf '%s\n' "${can_run[@]}" | xargs -r -P "$at_once" -L 1 tests/scripts/end_to_end.sh

step "the demonstration"
tests/demo.sh --once

step "all passed"
echo "in $SECONDS s"
for each in "${skipped[@]}"; do echo "SKIPPED $each"; done
