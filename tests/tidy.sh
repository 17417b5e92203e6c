#!/usr/bin/env bash
# clang-tidy over all that the program is made of. docs/testing.md, "clang-tidy".
#
#   tests/tidy.sh              everything
#   tests/tidy.sh PATTERN      the files whose path matches this regular expression
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

install_missing "${packages_build[@]}" "${packages_tidy[@]}"

# clang does not read the precompiled headers of GCC, so this folder has none. Nothing is built in it.
cmake --preset tidy >/dev/null

step "clang-tidy"
run-clang-tidy -quiet -p build/tidy -j "$(nproc)" \
  "^$PWD/(protocol|config|daemon)/.*${1:-}" >build/tidy/findings.log 2>build/tidy/progress.log || {
  grep -vE '^(/|clang-tidy|$)[^ ]* -p=|^clang-tidy ' build/tidy/findings.log | tail -n 300
  tail -n 5 build/tidy/progress.log
  exit 1
}
echo "no finding"
