#!/usr/bin/env bash
# The main job, to look at: builds the daemon, feeds it the sample events, and shows where each one
# landed. Uses the Iggy at the configured address when one answers, else the embedded broker.
#
#   tests/demo.sh                 until Ctrl-C
#   tests/demo.sh --once          ends when everything has been shown
#   VIBES_INGESTD_IGGY_ADDRESSES, _USERNAME, _PASSWORD name an Iggy of yours (docs/configuration.md)
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/common.sh

once=no
case "${1:-}" in
  --once) once=yes ;;
  "") ;;
  *)
    echo "usage: tests/demo.sh [--once]" >&2
    exit 64
    ;;
esac

install_missing "${packages_build[@]}"
build release vibes-ingestd vibes-demo-broker
program=build/release/daemon/cli/vibes-ingestd
place=$(mktemp -d)
processes=()

finish() {
  trap - EXIT INT TERM
  for ((i = ${#processes[@]} - 1; i >= 0; i--)); do
    kill "${processes[i]}" 2>/dev/null && wait "${processes[i]}" || true
  done
  rm -rf "$place"
}
trap finish EXIT
trap 'exit 0' INT TERM

zeros() { head -c "$1" /dev/zero; }

# A ping, as 0.9 and later have it, and as servers had it before (docs/wire.md).
new_ping() {
  zeros 48 && printf '\0\1\0\0' && zeros 8 && printf '\5' && zeros 67 && printf '\1' &&
    zeros 47 && printf '\2' && zeros 19 && printf '\1' && zeros 59
}
old_ping() { printf '\4\0\0\0\1\0\0\0'; }

# answer_to PING HOST PORT BYTES: the first bytes of the answer, in hexadecimal.
answer_to() (
  exec 3<>"/dev/tcp/$2/$3" && "$1" >&3 && head -c "$4" <&3 | od -An -v -tx1 | tr -d ' \n'
) 2>/dev/null
export -f zeros new_ping old_ping answer_to

# Older servers hang up on the new ping, newer ones wait for more on the old one; anything else than
# these answers is no Iggy.
iggy_answers() {
  local host=${1%:*} port=${1##*:} answer
  answer=$(timeout 2 bash -c 'answer_to new_ping "$0" "$1" 61' "$host" "$port")
  [[ $answer == 00000000*08 && ${#answer} -eq 122 ]] && return
  answer=$(timeout 2 bash -c 'answer_to old_ping "$0" "$1" 8' "$host" "$port")
  [ "$answer" = 0000000000000000 ]
}

address=${VIBES_INGESTD_IGGY_ADDRESSES:-127.0.0.1:8090}
address=${address%%,*}
if iggy_answers "$address"; then
  step "an Iggy answers at $address: using its stream vibes-demo"
  stream=vibes-demo
else
  step "no Iggy answers at $address: starting the embedded broker"
  mkfifo "$place/broker-says"
  build/release/tests/broker/vibes-demo-broker --listen 127.0.0.1:0 >"$place/broker-says" &
  processes+=($!)
  read -r said <"$place/broker-says"
  echo "$said"
  address=${said##* }
  stream=vibes
fi

export VIBES_INGESTD_CONFIG=$place/demo.toml
unset VIBES_INGESTD_IGGY_ADDRESSES
cat >"$VIBES_INGESTD_CONFIG" <<TOML
[socket]
path = "$place/events.sock"
[iggy]
addresses = ["$address"]
stream = "$stream"
[admin]
socket = "$place/admin.sock"
TOML

step "starting the daemon"
"$program" run &
processes+=($!)
for ((tries = 0; ; tries++)); do
  "$program" status 2>/dev/null | grep -q 'state  *ready' && break
  if [ $tries -eq 150 ] || ! kill -0 "${processes[-1]}" 2>/dev/null; then
    echo "The daemon has no link to Iggy; its lines above say why." >&2
    exit 1
  fi
  sleep 0.1
done

events_before=$("$program" tail --stream "$stream" --timeout-ms 0 | wc -l)

step "sending tests/demo/events.ndjson over the socket"
"$program" send --socket "$place/events.sock" --ack committed <tests/demo/events.ndjson
count=$(wc -l <tests/demo/events.ndjson)
echo "$count events, and Iggy has acknowledged every one."

step "where each one landed, as read back from Iggy"
printf '%4s %10s  %-24s  %-36s  %-22s %s\n' part offset "stored at" session type event
"$program" tail --stream "$stream" | tee "$place/read-back"
echo
read_back=$(wc -l <"$place/read-back")
echo "$read_back events are in $stream/events."
if [ "$read_back" -ne $((events_before + count)) ]; then
  echo "There were $events_before before, so that is not what was sent." >&2
  exit 1
fi
[ $once = yes ] && exit 0

cat <<TEXT

The daemon is running until Ctrl-C. In another terminal:
  echo '{"type":"user_input","session_id":"me","content":"hello"}' | nc -U -N $place/events.sock
  VIBES_INGESTD_CONFIG=$VIBES_INGESTD_CONFIG $program status
  VIBES_INGESTD_CONFIG=$VIBES_INGESTD_CONFIG $program tail --follow
TEXT
wait "${processes[-1]}"
