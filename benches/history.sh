#!/usr/bin/env bash
# Whole histories: keystrel by what differs, in full, on one thread, and twice with a ledger; beside a peer,
# in turns in one run. Wall time, CPU time (user + system), peak memory.
#
#   benches/history.sh REPOSITORY...
#
# KEYSTREL: the binary [target/release/keystrel]. KINGFISHER: the peer's, if it is to be run (package
# `kingfisher-bin` from PyPI; validation is switched off). RUNS: of each the one of least CPU counts [3].
# Fetches nothing; reads the repositories alone, and says whether the findings of all ways are the same.
set -euo pipefail
cd "$(dirname "$0")/.."
keystrel=${KEYSTREL:-target/release/keystrel}
runs=${RUNS:-3}
[ $# -gt 0 ] || { echo "usage: $0 REPOSITORY..." >&2; exit 2; }
. benches/measure.sh

row() { printf '%-16s %-22s %9s %9s %9s\n' "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# findings ARGUMENT...: a hash of the findings, without what is random in each run.
findings() {
  # Findings are no failure here.
  { "$keystrel" scan "$@" --report json=- 2>/dev/null || true; } | python3 -c '
import hashlib, json, sys
findings = json.load(sys.stdin)["findings"]
for finding in findings:
    del finding["identity"]
    for part in finding["parts"]:
        del part["identity"]
print(len(findings), hashlib.sha256(json.dumps(findings, sort_keys=True).encode()).hexdigest())'
}

row repository way 'wall s' 'cpu s' 'peak MiB'
for path in "$@"; do
  name=$(basename "$(cd "$path" && git rev-parse --absolute-git-dir | sed 's,/\.git$,,; s,/repo$,,')")
  ledger=$work/$name.ledger
  one() { row "$name" "$1" $(measure "${@:2}"); }
  one keystrel "$keystrel" scan "$path"
  one '  one thread' "$keystrel" scan --threads 1 "$path"
  one '  --no-delta' "$keystrel" scan --no-delta "$path"
  "$keystrel" scan "$path" --ledger "$ledger" > "$work/out" 2>&1 || true
  one '  --ledger, again' "$keystrel" scan "$path" --ledger "$ledger"
  if [ -n "${KINGFISHER:-}" ]; then
    one kingfisher "$KINGFISHER" scan "$path" --no-validate --no-update-check
    one '  --turbo' "$KINGFISHER" scan "$path" --turbo --no-validate --no-update-check
  fi
  told=$(findings "$path")
  for way in --no-delta '--threads 1' "--ledger $ledger"; do
    # shellcheck disable=SC2086 # arguments of a way are words
    [ "$(findings "$path" $way)" = "$told" ] || { echo "$name: $way finds something else" >&2; exit 1; }
  done
  echo "$name: ${told%% *} findings, the same in all ways"
done
