#!/bin/sh
# Installs what lints and tests the action, the hooks, the packages and the book: Ruby (by apt, where it is missing), Python tools as
# tools.txt pins them, actionlint built by Go. Prints the directory of their commands.
set -eu
if ! command -v ruby > /dev/null; then
  run=
  [ "$(id -u)" = 0 ] || run=sudo
  $run apt-get update --quiet=2 >&2
  DEBIAN_FRONTEND=noninteractive $run apt-get install --quiet=2 --yes --no-install-recommends ruby >&2
fi
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
