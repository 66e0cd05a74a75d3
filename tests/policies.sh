#!/bin/sh
# Lets OPA, where it is installed, read the policies too: their format, types and tests. Installs nothing.
set -eu
cd "$(dirname "$0")/.."
if ! command -v opa >/dev/null; then
  echo "policies.sh: opa is not on PATH: not checked" >&2
  exit 0
fi
unformatted=$(opa fmt --list policies)
if [ -n "$unformatted" ]; then
  printf 'policies.sh: opa fmt would change\n%s\n' "$unformatted" >&2
  exit 1
fi
opa check --strict policies
opa test policies
