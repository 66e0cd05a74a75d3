#!/bin/sh
# Installs what lints and tests the action, the hooks and the packages: Python tools as tools.txt pins them, actionlint built
# by Go. Prints the directory of their commands.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# A new list is a new directory, so that what is there is never half of each.
kept=${XDG_CACHE_HOME:-$HOME/.cache}/keystrel/ship-$(cksum < "$here/tools.txt" | cut -d ' ' -f 1)
if ! [ -e "$kept/ready" ]; then
  rm -rf "$kept"
  mkdir -p "$(dirname "$kept")"
  python3 -m venv "$kept"
  "$kept/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --requirement "$here/tools.txt" >&2
  GOBIN=$kept/bin GOFLAGS=-trimpath go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 >&2
  touch "$kept/ready"
fi
echo "$kept/bin"
