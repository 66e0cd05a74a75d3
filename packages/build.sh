#!/usr/bin/env bash
# build.sh TARGET OUT: builds the release for a target and packs it into OUT/keystrel-VERSION-TARGET.tar.gz (.zip for Windows).
#
# The same commit, toolchain (rust-toolchain.toml), target and C compiler give the same archive: crates are those of Cargo.lock, paths of
# the machine are mapped away, times are those of the commit, and names are sorted. docs/releases.md tells how to try that.
set -euo pipefail
[ $# = 2 ] || { echo 'usage: build.sh TARGET OUT' >&2; exit 2; }
target=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$PWD=/keystrel"$'\x1f'"--remap-path-prefix=$cargo_home=/cargo"
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$PWD=/keystrel -ffile-prefix-map=$cargo_home=/cargo"
case $target in
  *-musl) CARGO_ENCODED_RUSTFLAGS+=$'\x1f-Ctarget-feature=+crt-static' ;;
  *-msvc) CARGO_ENCODED_RUSTFLAGS+=$'\x1f-Ctarget-feature=+crt-static' CFLAGS= ;;
esac
cargo build --release --locked --target "$target"

name=keystrel-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name"
built=${CARGO_TARGET_DIR:-target}/$target/release
case $target in
  *-windows-*) file=keystrel.exe archive=zip ;;
  *) file=keystrel archive=tar.gz ;;
esac
cp "$built/$file" LICENSE-APACHE LICENSE-MIT README.md "$work/$name"
chmod 755 "$work/$name" "$work/$name/$file"
chmod 644 "$work/$name"/[LR]*
"$(command -v python3 || command -v python)" packages/pack.py "$work" "$name" "$out/$name.$archive"
echo "$out/$name.$archive"
