#!/usr/bin/env bash
# All tests: installs what is missing, builds, runs the unit tests plain and under ASan+UBSan, those
# with threads under TSan too, and the end-to-end tests for each server generation with its official
# SDK. docs/testing.md.
#
# VIBES_IGGY_ADDRESS (and VIBES_IGGY_COMMAND) make the end-to-end tests use a real server.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

step "clang-format"
find protocol config daemon tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror

# unit_tests PRESET TITLE [OPTION...]: of what passes the summary, of what fails all that it printed.
unit_tests() {
  local preset=$1 log=build/$1/unit-tests.log
  step "unit tests ($2)"
  shift 2
  if "${without_randomised_addresses[@]}" ctest --preset "$preset" "$@" >"$log" 2>&1; then
    tail -n 8 "$log"
  else
    grep -Ev '^ +Start +[0-9]+: |[0-9]+/[0-9]+ Test +#.* Passed ' "$log" | tail -n 300
    exit 1
  fi
}
build release
unit_tests release release
build asan
unit_tests asan "ASan and UBSan"

# What has threads: the drivers, the blocking client, and the broker and the proxy with their worlds.
with_threads=(runtime reading command broker faults network)
build tsan vibes-ingestd vibes-ingestd-killable vibes-demo-broker "${with_threads[@]/#/test_}"
unit_tests tsan TSan -R "^test_($(IFS='|'; echo "${with_threads[*]}")): "

# sdk_environment VERSION: a virtual environment with the official SDK, or, for `none`, with pytest
# alone; false without the registry.
sdk_environment() {
  local place=build/venvs/sdk-$1 sdk=()
  [ -e "$place/complete" ] && return
  [ "$1" = none ] || sdk=("apache-iggy==$1")
  step "preparing the official Python SDK $1"
  rm -rf "$place"
  python3 -m venv "$place" &&
    "$place/bin/pip" install --quiet --disable-pip-version-check \
      "${sdk[@]}" 'pytest>=8,<9' && touch "$place/complete"
}

# Generation, SDK, build: in turn, so that each of the two builds meets old and new servers, and one of
# them with TSan; those that take longest first. 0.4 has no SDK in Python: the tests read it with a client of their own.
suites=("0.10 0.9.1.dev5 asan" "0.8 0.8.0 asan" "0.9 0.9.0 release" "0.6 0.6.0 asan"
  "0.4 none asan" "0.5 0.5.0 release" "0.7 0.7.0 tsan")
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
at_once=2
[ -n "${VIBES_IGGY_ADDRESS:-}" ] && at_once=1
printf '%s\n' "${can_run[@]}" | xargs -r -P "$at_once" -L 1 tests/scripts/end_to_end.sh

step "the demonstration"
tests/demo.sh --once

step "all passed"
echo "in $SECONDS s"
for each in "${skipped[@]}"; do echo "SKIPPED $each"; done
