#!/usr/bin/env bash
# reproduce.sh TARGET [ARGUMENT...]: builds the commit that is checked out twice with build.sh, and says whether the archives are the
# same. The two differ in what must make no difference: where the sources, the crates and the build are, and the umask.
set -euo pipefail
[ $# -ge 1 ] || { echo 'usage: reproduce.sh TARGET [ARGUMENT...]' >&2; exit 2; }
target=$1 more=("${@:2}")
cd "$(dirname "$0")/.."
commit=$(git rev-parse HEAD)
crates=${CARGO_HOME:-$HOME/.cargo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo fetch --quiet --locked --target "$target"

build() { # DIRECTORY: prints the archive
  git clone --quiet --no-hardlinks . "$1"
  git -C "$1" checkout --quiet --detach "$commit"
  (cd "$1" && packages/build.sh "$target" dist ${more[@]+"${more[@]}"} >&2)
  find "$1/dist" -type f
}
one=$(umask 022 && unset CARGO_TARGET_DIR && build "$work/one")
two=$(
  umask 077
  mkdir -p "$work/a/second/one/cargo"
  cp -a "$crates/registry" "$work/a/second/one/cargo/"
  export CARGO_HOME="$work/a/second/one/cargo" CARGO_TARGET_DIR="$work/built" CARGO_NET_OFFLINE=true
  build "$work/a/second/one/keystrel"
)
sha256sum "$one" "$two"
if cmp "$one" "$two"; then
  echo "the same: $(basename "$one") of $commit by $(rustc --version) and $("${CC:-cc}" --version | head -n 1)"
else
  mkdir "$work/1" "$work/2"
  tar -xzf "$one" -C "$work/1"
  tar -xzf "$two" -C "$work/2"
  diff -rq "$work/1" "$work/2" || true
  exit 1
fi
