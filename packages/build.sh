#!/usr/bin/env bash
# build.sh TARGET OUT [ARGUMENT...]: builds the release for a target and packs it into OUT/keystrel-VERSION-TARGET.tar.gz (.zip for
# Windows). Arguments are those of cargo build, such as --no-default-features.
#
# The same commit, toolchain (rust-toolchain.toml), target and C compiler give the same archive: crates are those of Cargo.lock, paths of
# the machine are mapped away, times are those of the commit, and names are sorted. reproduce.sh tries that.
set -euo pipefail
[ $# -ge 2 ] || { echo 'usage: build.sh TARGET OUT [ARGUMENT...]' >&2; exit 2; }
target=$1 more=("${@:3}")
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
# Where two of them match a path, the last one counts.
CARGO_ENCODED_RUSTFLAGS='' between=$'\x1f'
for pair in "$PWD=/keystrel" "${CARGO_HOME:-$HOME/.cargo}=/cargo" "${CARGO_TARGET_DIR:-$PWD/target}=/keystrel/target"; do
  CARGO_ENCODED_RUSTFLAGS+=${CARGO_ENCODED_RUSTFLAGS:+$between}--remap-path-prefix=$pair
  CFLAGS="${CFLAGS:-} -ffile-prefix-map=$pair"
done
export CARGO_ENCODED_RUSTFLAGS CFLAGS
case $target in
  *-musl) CARGO_ENCODED_RUSTFLAGS+=$'\x1f-Ctarget-feature=+crt-static' ;;
  *-msvc) CARGO_ENCODED_RUSTFLAGS+=$'\x1f-Ctarget-feature=+crt-static' CFLAGS= ;;
esac
if [ "$target" = "$(uname -m)-unknown-linux-musl" ] && command -v musl-gcc > /dev/null; then
  # musl-tools of Debian and Ubuntu has no other name for it; what builds C code looks for ARCH-linux-musl-gcc on some machines.
  compiler=CC_${target//-/_}
  export "$compiler=${!compiler:-musl-gcc}"
fi
# The bash of macOS takes an empty array for one that is not set.
cargo build --release --locked --target "$target" ${more[@]+"${more[@]}"}

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
