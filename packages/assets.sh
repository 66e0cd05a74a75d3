#!/bin/sh
# assets.sh KEYSTREL: writes the manual pages and the completions that cargo-deb takes to target/assets.
set -eu
[ $# = 1 ] || { echo 'usage: assets.sh KEYSTREL' >&2; exit 2; }
to=$(dirname "$0")/../target/assets
mkdir -p "$to"
rm -rf "$to/man"
"$1" man --dir "$to/man"
"$1" completions bash > "$to/keystrel.bash"
"$1" completions zsh > "$to/_keystrel"
"$1" completions fish > "$to/keystrel.fish"
