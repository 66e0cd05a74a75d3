#!/bin/sh
# Lets OPA read the policies too: their format, types and tests. Installs it beside the build where Go can, for
# KEYSTREL_SERVERS=all; else it is left out where it is missing. Then lets regal look for what is not idiomatic, where
# REGAL names its binary or it is on PATH: policies/.regal/config.yaml says what it checks.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/target/tools/bin:$PATH

lint() {
  regal=${REGAL:-regal}
  if ! command -v "$regal" >/dev/null; then
    if [ -n "${REGAL:-}" ]; then
      echo "policies.sh: REGAL is no program: $REGAL" >&2
      exit 1
    fi
    echo "policies.sh: regal is not on PATH, and REGAL does not name it: not linted" >&2
    return
  fi
  "$regal" lint policies
}

check() {
  if ! command -v opa >/dev/null; then
    if [ "${KEYSTREL_SERVERS:-}" = all ]; then
      GOBIN=$PWD/target/tools/bin GOFLAGS=-trimpath go install github.com/open-policy-agent/opa@v1.22.4
    else
      echo "policies.sh: opa is not on PATH: not checked" >&2
      return
    fi
  fi
  unformatted=$(opa fmt --list policies)
  if [ -n "$unformatted" ]; then
    printf 'policies.sh: opa fmt would change\n%s\n' "$unformatted" >&2
    exit 1
  fi
  opa check --strict policies
  opa test policies
}

check
lint
