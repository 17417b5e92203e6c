#!/usr/bin/env bash
# What has threads under ThreadSanitizer: its unit tests, and the end-to-end tests of one generation.
# docs/testing.md.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"

unit_tests_of tsan TSan "${rooms_with_threads[@]}"
sdk_environment 0.7.0
tests/scripts/end_to_end.sh 0.7 0.7.0 tsan
step_ended
