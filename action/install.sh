#!/usr/bin/env bash
# Finds or gets the keystrel that runs, and says where it is in the output `binary`.
# shellcheck source=action/lib.sh
. "$(dirname "$0")/lib.sh"

# The digests of what was released, as `sha256sum` writes them. They are a part of the action, so that who pins the action by
# its commit has pinned the binary too.
RELEASES=$ACTION_PATH/action/releases.txt

platform() {
  case $RUNNER_OS-$RUNNER_ARCH in
    Linux-X64) TARGET=x86_64-unknown-linux-musl ARCHIVE=tar.gz ;;
    Linux-ARM64) TARGET=aarch64-unknown-linux-musl ARCHIVE=tar.gz ;;
    macOS-X64) TARGET=x86_64-apple-darwin ARCHIVE=tar.gz ;;
    macOS-ARM64) TARGET=aarch64-apple-darwin ARCHIVE=tar.gz ;;
    Windows-X64) TARGET=x86_64-pc-windows-msvc ARCHIVE=zip ;;
    *) TARGET='' ARCHIVE='' ;;
  esac
  EXE=keystrel
  if [ "$RUNNER_OS" = Windows ]; then EXE=keystrel.exe; fi
}

# The version that this action is of.
own_version() { sed -n 's/^version = "\(.*\)"$/\1/p' "$ACTION_PATH/Cargo.toml" | head -n 1; }

# The digest that the release of $1 has for this platform; nothing if there is none.
listed() { awk -v name="$1" '$2 == name { print $1; exit }' "$RELEASES"; }

released() {
  local version=$1 name digest kept
  [ -n "$TARGET" ] || fail 3 "there is no release for $RUNNER_OS on $RUNNER_ARCH: use version: source"
  name=keystrel-$version-$TARGET.$ARCHIVE
  digest=$INPUT_SHA256
  if [ -z "$digest" ]; then digest=$(listed "$name"); fi
  [[ $digest =~ ^[0-9a-f]{64}$ ]] ||
    fail 2 "this action knows no digest of $name: name it in the input sha256, use an action of that version, or version: source"
  kept=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/keystrel/$version
  mkdir -p "$kept"
  # What is kept is compared again each time: it may be of an earlier job.
  if ! [ -f "$kept/$name" ] || [ "$(sha256 "$kept/$name")" != "$digest" ]; then
    needs curl
    curl --fail --silent --show-error --location --proto '=https,file' --tlsv1.2 --retry 3 \
      --output "$kept/$name.part" -- "${INPUT_RELEASE_URL%/}/v$version/$name" ||
      fail 3 "cannot get $name from $INPUT_RELEASE_URL"
    [ "$(sha256 "$kept/$name.part")" = "$digest" ] ||
      fail 3 "$name is not what was released: its SHA-256 is $(sha256 "$kept/$name.part"), not $digest"
    mv "$kept/$name.part" "$kept/$name"
  fi
  unpack "$kept/$name"
}

unpack() {
  rm -rf "$STATE/release"
  mkdir "$STATE/release"
  case $1 in
    *.zip) unzip -q "$1" -d "$STATE/release" ;;
    *) tar -xzf "$1" -C "$STATE/release" ;;
  esac
  BINARY=$(find "$STATE/release" -type f -name "$EXE" | head -n 1)
  [ -n "$BINARY" ] || fail 3 "there is no $EXE in $1"
}

# Built from the files of this action, and kept by their digest. With the crates at hand it needs no network:
# `cargo fetch` before, and CARGO_NET_OFFLINE=true.
source_build() {
  local key kept
  needs cargo
  key=$(cd "$ACTION_PATH" && find . -type f -not -path './.git/*' -not -path './target/*' -print0 | sort -z | xargs -0 cat | sha256 /dev/stdin)
  kept=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/keystrel/source-${key:0:16}
  BINARY=$kept/bin/$EXE
  [ -x "$BINARY" ] && return
  printf 'building keystrel, which takes minutes\n'
  cargo install --quiet --locked --no-track --path "$ACTION_PATH" --root "$kept" \
    --target-dir "$STATE/build" ||
    fail 3 'keystrel could not be built from source'
}

main() {
  state
  platform
  if [ -n "$INPUT_BINARY" ]; then
    BINARY=$INPUT_BINARY
    case $BINARY in
      /* | [A-Za-z]:*) ;;
      *) BINARY=$PWD/$BINARY ;;
    esac
  else
    case $INPUT_VERSION in
      source) source_build ;;
      '')
        local own
        own=$(own_version)
        if [ -n "$INPUT_SHA256" ] || { [ -n "$TARGET" ] && [ -n "$(listed "keystrel-$own-$TARGET.$ARCHIVE")" ]; }; then
          released "$own"
        else
          note "no release of $own for $RUNNER_OS on $RUNNER_ARCH is known to this action: it is built from source"
          source_build
        fi
        ;;
      *)
        [[ $INPUT_VERSION =~ ^v?[0-9]+\.[0-9]+\.[0-9]+([.-][0-9A-Za-z.-]+)?$ ]] ||
          fail 2 "input version is \`$INPUT_VERSION\`: it is X.Y.Z or source"
        released "${INPUT_VERSION#v}"
        ;;
    esac
  fi
  local version
  version=$("$BINARY" --version) || fail 3 "\`$BINARY\` does not run here"
  output binary "$BINARY"
  output version "${version#keystrel }"
  printf '%s at %s\n' "$version" "$BINARY"
}

main
