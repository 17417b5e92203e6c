#!/usr/bin/env bash
# end_to_end.sh GENERATION SDK PRESET: the end-to-end tests of a server generation, with the official
# SDK of this version and the daemon of this build. Prints all at its end, since another one may run
# beside it. For tests/all.sh, which has built and installed what it needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/scripts/common.sh
generation=$1 sdk=$2 preset=$3

log=build/$preset/end-to-end-$generation.log
ended=0
export VIBES_BUILD_DIR=build/$preset VIBES_E2E_GENERATION=$generation
as_built_with "$preset" "build/venvs/sdk-$sdk/bin/python" -m pytest -q -p no:cacheprovider tests/e2e \
  >"$log" 2>&1 || ended=$?
report=$(
  step "end to end, generation $generation, SDK $sdk, daemon built as $preset"
  step_began=0 # of this script
  cat "$log"
  step_ended
)
printf '%s\n' "$report"
exit "$ended"
