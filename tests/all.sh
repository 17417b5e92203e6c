#!/usr/bin/env bash
# All tests: installs what is missing, builds, runs the unit tests plain and under ASan+UBSan, and
# the end-to-end tests with the official SDK of each server generation. docs/testing.md.
#
# VIBES_IGGY_ADDRESS (and VIBES_IGGY_COMMAND) make the end-to-end tests use a real server.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

step "clang-format"
find protocol config daemon tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror

build release
step "unit tests (release)"
ctest --preset release --progress | tail -n 15
test "${PIPESTATUS[0]}" -eq 0
build asan
step "unit tests (ASan and UBSan)"
ctest --preset asan --progress | tail -n 15
test "${PIPESTATUS[0]}" -eq 0

# sdk_environment VERSION: a virtual environment with the official SDK; false without the registry.
sdk_environment() {
  local place=build/venvs/sdk-$1
  [ -e "$place/complete" ] && return
  step "preparing the official Python SDK $1"
  rm -rf "$place"
  python3 -m venv "$place" &&
    "$place/bin/pip" install --quiet --disable-pip-version-check \
      "apache-iggy==$1" 'pytest>=8,<9' && touch "$place/complete"
}

# end_to_end GENERATION PRESET
end_to_end() {
  local sdk=$1.0
  if ! sdk_environment "$sdk"; then
    if [ "${CI:-}" = true ]; then
      echo "The package registry has no apache-iggy $sdk, and CI must not go on without." >&2
      exit 1
    fi
    skipped+=("end to end with SDK $sdk: it could not be installed")
    return
  fi
  step "end to end, generation $1, SDK $sdk, daemon built as $2"
  VIBES_BUILD_DIR=build/$2 VIBES_E2E_GENERATION=$1 \
    "build/venvs/sdk-$sdk/bin/python" -m pytest -q -p no:cacheprovider tests/e2e
}
skipped=()
end_to_end 0.6 release
end_to_end 0.8 asan

step "the demonstration"
tests/demo.sh --once

step "all passed"
for each in "${skipped[@]}"; do echo "SKIPPED $each"; done
