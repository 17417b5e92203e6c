#!/usr/bin/env bash
# The soak: 20,000 events a second for 10 minutes, with restarts of the daemon and of Iggy in turn,
# everything read back at the end. Installs what is missing and builds. docs/testing.md, "Soak".
#
#   tests/soak.sh [--minutes N] [--restart broker] ...     all options: tests/soak.sh --help
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" python3
build release vibes-ingestd vibes-demo-broker
exec python3 tests/soak/soak.py --build build/release "$@"
