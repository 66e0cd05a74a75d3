#!/bin/sh
# fill.sh VERSION SHA256SUMS: prints the formula of a release.
set -eu
[ $# = 2 ] || { echo 'usage: fill.sh VERSION SHA256SUMS' >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
formula=$(sed "s/@VERSION@/$1/g" "$here/keystrel.rb.in")
for target in aarch64-apple-darwin x86_64-apple-darwin aarch64-unknown-linux-musl x86_64-unknown-linux-musl; do
  digest=$(awk -v name="keystrel-$1-$target.tar.gz" '$2 == name || $2 == "*" name { print $1 }' "$2")
  case $digest in
    *[!0-9a-f]* | '') echo "fill.sh: $2 has no digest for $target" >&2; exit 3 ;;
  esac
  formula=$(printf '%s\n' "$formula" | sed "s/@$target@/$digest/")
done
printf '%s\n' "$formula"
