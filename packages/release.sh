#!/usr/bin/env bash
# release.sh VERSION DIST: makes of the archives in DIST what else is released: a Debian package, wheels, packages of npm, the
# formula of Homebrew, the files of the image, an SBOM, and SHA256SUMS over what is downloaded. Needs an x86-64 Linux.
set -euo pipefail
[ $# = 2 ] || { echo 'usage: release.sh VERSION DIST' >&2; exit 2; }
version=$1
dist=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
linux=x86_64-unknown-linux-musl
for archive in "$dist/keystrel-$version"-*.tar.gz; do tar -xzf "$archive" -C "$work"; done
for archive in "$dist/keystrel-$version"-*.zip; do if [ -e "$archive" ]; then unzip -q "$archive" -d "$work"; fi; done
of() { echo "$work/keystrel-$version-$1"; }

# The image, whose Dockerfile takes these in place of a build.
mkdir -p "$dist/image/out"
cp "$(of $linux)/keystrel" "$dist/image/out/keystrel-amd64"
cp "$(of aarch64-unknown-linux-musl)/keystrel" "$dist/image/out/keystrel-arm64"

# npm.
node packages/npm/assemble.mjs "$version" "$work/npm" \
  "linux-x64=$(of $linux)/keystrel" "linux-arm64=$(of aarch64-unknown-linux-musl)/keystrel" \
  "darwin-x64=$(of x86_64-apple-darwin)/keystrel" "darwin-arm64=$(of aarch64-apple-darwin)/keystrel" \
  "win32-x64=$(of x86_64-pc-windows-msvc)/keystrel.exe"
mkdir -p "$dist/npm"
npm pack --silent --pack-destination "$dist/npm" "$work/npm/keystrel" "$work"/npm/@keystrel/* > /dev/null

# Wheels, around the same binaries.
python3 packages/python/wheel.py "$dist/wheels" "py3-none-manylinux_2_17_x86_64.musllinux_1_2_x86_64=$(of $linux)/keystrel" \
  "py3-none-manylinux_2_17_aarch64.musllinux_1_2_aarch64=$(of aarch64-unknown-linux-musl)/keystrel" \
  "py3-none-macosx_11_0_x86_64=$(of x86_64-apple-darwin)/keystrel" "py3-none-macosx_11_0_arm64=$(of aarch64-apple-darwin)/keystrel" \
  "py3-none-win_amd64=$(of x86_64-pc-windows-msvc)/keystrel.exe"

# Debian, with the static binary.
tools=target/tools
[ -x "$tools/bin/cargo-deb" ] || cargo install --quiet --locked cargo-deb --version 3.8.0 --root "$tools"
mkdir -p target/release
cp "$(of $linux)/keystrel" target/release/keystrel
packages/assets.sh target/release/keystrel
"$tools/bin/cargo-deb" --no-build --no-strip --output "$dist/keystrel_${version}_amd64.deb"

# What it is made of.
[ -x "$tools/bin/cargo-cyclonedx" ] || cargo install --quiet --locked cargo-cyclonedx --version 0.5.9 --root "$tools"
"$tools/bin/cargo-cyclonedx" cyclonedx --format json --target $linux --override-filename keystrel.cdx
mv keystrel.cdx.json "$dist/"

# The formula has digests of the archives, and one of its own.
(cd "$dist" && sha256sum "keystrel-$version"-*.tar.gz) > "$work/SHA256SUMS"
packages/homebrew/fill.sh "$version" "$work/SHA256SUMS" > "$dist/keystrel.rb"
(cd "$dist" && sha256sum keystrel* > SHA256SUMS)
