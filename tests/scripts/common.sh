# Shared by demo.sh, all.sh and fuzz.sh: what has to be installed, and how to build. To be sourced.

# Debian 12 has Boost 1.81 beside its default of 1.74; from Debian 13 on the default will do.
boost=
grep -qx 'VERSION_ID="12"' /etc/os-release && boost=1.81
packages_build=(g++ cmake ninja-build pkg-config ccache
  "libboost$boost-dev" "libboost-json$boost-dev" "libboost-log$boost-dev"
  libcli11-dev libtomlplusplus-dev libxxhash-dev libssl-dev libsystemd-dev catch2)
packages_test=(python3 python3-venv systemd clang-format valgrind)
packages_tidy=(clang-tidy)
packages_fuzz=(clang-14 libclang-rt-14-dev llvm-14)

# step TITLE: begins a step, and says how long the one before took.
# A developer's session has a daemon of its own, with a journal; those of the tests have neither.
unset XDG_RUNTIME_DIR

step() {
  step_ended
  printf '\n== %s\n' "$*"
  step_began=$SECONDS
}
step_ended() { [ -z "${step_began:-}" ] || printf '   (%d s)\n' $((SECONDS - step_began)); }

# install_missing PACKAGE...: asks for rights only when something is missing.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  step "installing ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Not root, and no sudo here. As root: apt-get install ${missing[*]}" >&2
      exit 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET...]: from the top of the tree.
build() {
  local preset=$1
  shift
  step "building ($preset)"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

# as_built_with PRESET COMMAND...: ThreadSanitizer of GCC 12 ends at once where the kernel spreads addresses
# further than it knows.
as_built_with() {
  local preset=$1
  shift
  if [ "$preset" = tsan ]; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

# unit_tests PRESET TITLE [OPTION...]: of what passes the summary, of what fails all that it printed.
unit_tests() {
  local preset=$1 log=build/$1/unit-tests.log
  step "unit tests ($2)"
  shift 2
  if as_built_with "$preset" ctest --preset "$preset" "$@" >"$log" 2>&1; then
    tail -n 8 "$log"
  else
    grep -Ev '^ +Start +[0-9]+: |[0-9]+/[0-9]+ Test +#.* Passed ' "$log" | tail -n 300
    exit 1
  fi
}

# unit_tests_of PRESET TITLE ROOM...: builds and runs the unit tests of these rooms only.
unit_tests_of() {
  local preset=$1 title=$2
  shift 2
  build "$preset" vibes-ingestd vibes-ingestd-killable vibes-demo-broker "${@/#/test_}"
  unit_tests "$preset" "$title" -R "^test_($(IFS='|'; echo "$*")):"
}

# The drivers, the commands, the blocking client, and the broker and the proxy with their worlds. Not the
# schedules of faults: those ask how fast delivery resumes.
rooms_with_threads=(io app consumer cli broker faults)
# Where random tests run long, and where a sanitizer changes what is measured or limited.
rooms_to_optimise=(journal scheduler simulation link protocol io app network)

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
