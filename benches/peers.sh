#!/usr/bin/env bash
# keystrel beside a peer on the same trees, in turns in one run: wall time, CPU time (user + system) and
# peak memory, and the peer's divided by keystrel's.
#
#   benches/peers.sh [--mode worktree|history|file] PATH...
#
# KEYSTREL: the binary [target/release/keystrel]. KINGFISHER, RIPSECRETS: the peers' binaries; whichever is
# set is run. Kingfisher comes with the package `kingfisher-bin` from PyPI (validation is switched off),
# ripsecrets from crates.io.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=worktree
if [ "${1:-}" = --mode ]; then mode=$2; shift 2; fi
keystrel=${KEYSTREL:-target/release/keystrel}
runs=${RUNS:-3}
[ $# -gt 0 ] || { echo "usage: $0 [--mode worktree|history|file] PATH..." >&2; exit 2; }

. benches/measure.sh

row() { printf '%-10s %-14s %9s %9s %9s\n' "$@"; }
row tree tool 'wall s' 'cpu s' 'peak MiB'
for path in "$@"; do
  case $mode in
    history) own=("$keystrel" scan "$path"); peer_args=() ;;
    *) own=("$keystrel" scan --no-history "$path"); peer_args=(--git-history none) ;;
  esac
  name=$(basename "$path")
  read -r wall cpu peak <<<"$(measure "${own[@]}")"
  row "$name" keystrel "$wall" "$cpu" "$peak"
  compare() {
    row "$name" "$1" "$2" "$3" "$4"
    row "$name" "  ratio" "$(python3 -c "print(round($2/max($wall,.001),1))")" \
      "$(python3 -c "print(round($3/max($cpu,.001),1))")" "$(python3 -c "print(round($4/$peak,1))")"
  }
  if [ -n "${KINGFISHER:-}" ]; then
    read -r w c p <<<"$(measure "$KINGFISHER" scan "$path" "${peer_args[@]}" --no-validate --no-update-check)"
    compare kingfisher "$w" "$c" "$p"
  fi
  if [ -n "${RIPSECRETS:-}" ] && [ "$mode" != history ]; then
    read -r w c p <<<"$(measure "$RIPSECRETS" "$path")"
    compare ripsecrets "$w" "$c" "$p"
  fi
done
