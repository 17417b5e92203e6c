#!/usr/bin/env bash
# Long runs of the simulation, optimised; docs/testing.md, "Simulation".
#
#   tests/simulation.sh [STEPS [SEED]]              so many steps (100 million) of fresh seeds, up to a finding
#   tests/simulation.sh replay SEED STEPS [EVENT]   one run again; tells the life of an event
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_test[@]}"
build release test_simulation
step_ended
program=build/release/tests/simulation/test_simulation
if [ "${1:-}" = replay ]; then
  export VIBES_TEST_SEED=$2 VIBES_SIMULATION_RUN_STEPS=$3 VIBES_SIMULATION_STEPS=1
  export VIBES_SIMULATION_WATCH=${4:-0}
else
  export VIBES_SIMULATION_STEPS=${1:-100000000}
  export VIBES_TEST_SEED=${2:-$(date +%s%N)}
fi
exec "$program" "Nothing that was promised is lost*"
