#!/usr/bin/env bash
# An AWS account with many secrets, emulated by moto: requests, wall time, CPU time (user + system), peak memory.
#
#   benches/aws.sh [SECRETS]
#
# SECRETS: how many [2000]. KEYSTREL: the binary [target/release/keystrel]. PROWLER: prowler, which is run too where that is set, with its
# checks of Secrets Manager alone. Needs tests/servers/install.sh. Moto answers on one core, so that most of the time is its own.
set -euo pipefail
cd "$(dirname "$0")/.."
keystrel=${KEYSTREL:-target/release/keystrel}
secrets=${1:-2000}
runs=1
. benches/measure.sh

work=$(mktemp -d)
coproc server {
  "${XDG_CACHE_HOME:-$HOME/.cache}/keystrel/moto-5.2.5/bin/python" -B tests/servers/moto/serve.py many "$secrets" 2>"$work/log"
}
# shellcheck disable=SC2154 # set by coproc
trap 'kill "$server_PID" 2>/dev/null || true; rm -rf "$work"' EXIT
read -r told <&"${server[0]}"
port=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["port"])' "$told")
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_REGION=us-east-1
row() { printf '%-34s %9s %9s %9s\n' "$@"; }
row what 'wall s' 'cpu s' 'peak MiB'
# shellcheck disable=SC2046 # numbers are words
row "collect, $secrets secrets" $(measure "$keystrel" collect aws: -o "$work/inventory")
# shellcheck disable=SC2046
row 'audit of the inventory' $(measure "$keystrel" audit --from "$work/inventory")
if [ -n "${PROWLER:-}" ]; then
  # shellcheck disable=SC2046
  row 'prowler, Secrets Manager alone' $(measure "$PROWLER" aws --service secretsmanager --region us-east-1 -b -M csv -o "$work/prowler")
  echo "prowler: $(python3 -c 'import csv, glob, sys; rows = [r for f in glob.glob(sys.argv[1]) for r in csv.DictReader(open(f), delimiter=";")]; print(len(rows), "rows,", len({r["CHECK_ID"] for r in rows}), "checks")' "$work/prowler/*.csv")"
fi
exec {server[1]}>&-
read -r told <&"${server[0]}"
python3 - "$work/inventory" "$told" <<'PY'
import collections, json, sys
inventory = json.loads(open(sys.argv[1]).readline())
kinds = collections.Counter(fact["kind"] for fact in inventory["facts"])
asked = json.loads(sys.argv[2])["requests"]
print(f"{sum(asked.values())} requests: " + ", ".join(f"{n} {name}" for name, n in collections.Counter(asked).most_common(5)))
print(f"{sum(kinds.values())} facts, {kinds['aws_secret']} secrets, {len(inventory['gaps'])} gaps")
PY
