#!/usr/bin/env bash
# All tests: installs what is missing, builds, runs the unit tests plain and under ASan+UBSan, and
# the end-to-end tests for each server generation with its official SDK. docs/testing.md.
#
# VIBES_IGGY_ADDRESS (and VIBES_IGGY_COMMAND) make the end-to-end tests use a real server.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

step "clang-format"
find protocol config daemon tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror

# unit_tests PRESET TITLE: of what passes the summary, of what fails all that it printed.
unit_tests() {
  local log=build/$1/unit-tests.log
  step "unit tests ($2)"
  if ctest --preset "$1" >"$log" 2>&1; then
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

# end_to_end GENERATION SDK PRESET
end_to_end() {
  local generation=$1 sdk=$2 preset=$3
  if ! sdk_environment "$sdk"; then
    if [ "${CI:-}" = true ]; then
      echo "The Python environment with SDK $sdk could not be made; CI must not go on without." >&2
      exit 1
    fi
    skipped+=("end to end for $generation, SDK $sdk: it could not be installed")
    return
  fi
  step "end to end, generation $generation, SDK $sdk, daemon built as $preset"
  VIBES_BUILD_DIR=build/$preset VIBES_E2E_GENERATION=$generation \
    "build/venvs/sdk-$sdk/bin/python" -m pytest -q -p no:cacheprovider tests/e2e
}
skipped=()
# In turn, so that each of the two builds meets old and new servers. 0.4 has no SDK in Python: the
# tests read it with a client of their own.
end_to_end 0.4 none asan
end_to_end 0.5 0.5.0 release
end_to_end 0.6 0.6.0 asan
end_to_end 0.7 0.7.0 release
end_to_end 0.8 0.8.0 asan
end_to_end 0.9 0.9.0 release
end_to_end 0.10 0.9.1.dev5 asan

step "the demonstration"
tests/demo.sh --once

step "all passed"
for each in "${skipped[@]}"; do echo "SKIPPED $each"; done
