#!/usr/bin/env bash
# Manifests: facts and policies over a tree of them, beside a peer. Wall time, CPU time (user + system), peak memory.
#
#   benches/manifests.sh [COUNT]
#
# Makes a tree of COUNT [10000] manifests, of Kubernetes, compose, Dockerfiles and workflows in equal parts, each with something to
# find. KEYSTREL: the binary [target/release/keystrel]. CHECKOV: the peer's, if it is to be run (package `checkov` from PyPI; without
# its platform). RUNS: of each the one of least CPU counts [1]. Fetches nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
keystrel=$(realpath "${KEYSTREL:-target/release/keystrel}")
count=${1:-10000}
runs=${RUNS:-1}
. benches/measure.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work/tree" "$count" <<'PY'
import os, random, string, sys

root, count = sys.argv[1], int(sys.argv[2])
random.seed(7)
value = lambda: "".join(random.choice(string.ascii_letters + string.digits) for _ in range(24))
for n in range(count):
    directory = os.path.join(root, f"d{n // 100}", f"s{n}")
    os.makedirs(os.path.join(directory, ".github/workflows") if n % 4 == 3 else directory)
    if n % 4 == 0:
        name, text = "app.yml", f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: app{n}, labels: {{app: a}}}}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{app: a}}}}
    spec:
      containers:
        - name: web
          image: shop:{n}
          ports: [{{containerPort: 80}}]
          env:
            - {{name: LEVEL, value: info}}
            - {{name: DB_PASSWORD, value: "{value()}"}}
            - name: TOKEN
              valueFrom: {{secretKeyRef: {{name: s, key: k}}}}
          envFrom: [{{secretRef: {{name: all}}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: conf{n}}}
data:
  url: http://db:5432
  api_key: {value()}
"""
    elif n % 4 == 1:
        name, text = "compose.yml", f"""services:
  web:
    image: shop:{n}
    environment:
      DB_PASSWORD: {value()}
      LEVEL: info
    ports: ["80:80"]
  db:
    image: postgres:17
"""
    elif n % 4 == 2:
        name, text = "Dockerfile", f"""FROM debian:12 AS build
ARG NPM_TOKEN
RUN apt-get update && apt-get install -y curl
FROM debian:12
ENV API_KEY={value()}
COPY --from=build /app /app
CMD ["/app"]
"""
    else:
        name, text = ".github/workflows/ci.yml", """on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          set -x
          deploy "$TOKEN"
        env: {TOKEN: "${{ secrets.TOKEN }}"}
"""
    with open(os.path.join(directory, name), "w") as file:
        file.write(text)
PY
row() { printf '%-26s %9s %9s %9s\n' "$@"; }
row way 'wall s' 'cpu s' 'peak MiB'
one() { row "$1" $(measure "${@:2}"); }
one keystrel "$keystrel" scan --no-history "$work/tree"
one '  --no-policies' "$keystrel" scan --no-history --no-policies "$work/tree"
if [ -n "${CHECKOV:-}" ]; then
  one checkov "$CHECKOV" --directory "$work/tree" --quiet --compact --skip-download
fi
"$keystrel" scan --no-history "$work/tree" > "$work/out" 2>&1 || true
tail -1 "$work/out"
