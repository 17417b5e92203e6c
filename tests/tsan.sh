#!/usr/bin/env bash
# What has threads under ThreadSanitizer: its unit tests, and the end-to-end tests of one generation.
# docs/testing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

# The drivers, the commands, the blocking client, and the broker and the proxy with their worlds.
with_threads=(runtime reading command broker faults network)
build tsan vibes-ingestd vibes-ingestd-killable vibes-demo-broker "${with_threads[@]/#/test_}"
unit_tests tsan TSan -R "^test_($(IFS='|'; echo "${with_threads[*]}")):"
sdk_environment 0.7.0
tests/scripts/end_to_end.sh 0.7 0.7.0 tsan
step_ended
