#!/usr/bin/env bash
# Fuzzes whatever reads bytes from elsewhere: builds the preset `fuzz` with clang (installed if
# missing) and runs every target for a number of executions. Ends nonzero on a finding, whose input
# is then in build/fuzz/findings. docs/testing.md, "Fuzzing".
#
#   tests/fuzz.sh [EXECUTIONS [TARGET...]]     200000 of each target by default
#   VIBES_FUZZ_SECONDS                         bounds the time of one target, 600 by default
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

executions=${1:-200000}
seconds=${VIBES_FUZZ_SECONDS:-600}
[[ $executions =~ ^[1-9][0-9]*$ && $seconds =~ ^[1-9][0-9]*$ ]] || {
  echo "usage: tests/fuzz.sh [EXECUTIONS [TARGET...]]" >&2
  exit 64
}
shift $(($# > 0 ? 1 : 0))
install_missing "${packages_build[@]}" "${packages_fuzz[@]}"
build fuzz fuzzers
programs=build/fuzz/tests/fuzz
findings=build/fuzz/findings
rm -rf build/fuzz/seeds
"$programs/write_seeds" build/fuzz/seeds
mkdir -p "$findings"
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(ls build/fuzz/seeds)

# fuzz TARGET: what the fuzzer found worth keeping stays in build/fuzz/corpus for the next run.
fuzz() {
  local corpus=build/fuzz/corpus/$1 log=build/fuzz/$1.log
  mkdir -p "$corpus"
  "$programs/fuzz_$1" "$corpus" "build/fuzz/seeds/$1" -runs="$executions" \
    -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="$findings/$1." -print_final_stats=1 >"$log" 2>&1 || {
    grep -a -m 1 -A 40 -E 'NOT SO|ERROR:|runtime error:' "$log"
    return 1
  }
  echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions, no finding"
}

failed=()
step "fuzzing: $executions executions of each target, at most $seconds s each"
for target in "${targets[@]}"; do
  fuzz "$target" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "FOUND by ${failed[*]}: the inputs are in $findings" >&2
  exit 1
fi
