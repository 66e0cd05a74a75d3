#!/bin/sh
# run.sh TARGET [SECONDS [OPTION...]]: fuzzes one target, 60 s if nothing else is said, without cargo-fuzz and with the
# toolchain of the repository: what measures coverage is a pass of LLVM that every rustc has. Options are libFuzzer's. A file
# on which it fails is left in fuzz/artifacts/TARGET.
set -eu
cd "$(dirname "$0")/.."
target=$1
seconds=${2:-60}
if [ $# -gt 2 ]; then shift 2; else shift $#; fi
fuzz/seed.sh
host=$(rustc -vV | sed -n 's/^host: //p')
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4'
coverage="$coverage -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
# With --target, so that build scripts are built without coverage.
build() {
  CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true RUSTFLAGS="--cfg fuzzing $coverage" \
    cargo build --release --target "$host" --manifest-path fuzz/Cargo.toml --bin "$target" "$@"
}
if [ "$target" = stores ]; then build --features stores; else build; fi
mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
exec "${CARGO_TARGET_DIR:-fuzz/target}/$host/release/$target" "fuzz/corpus/$target" "-max_total_time=$seconds" \
  -rss_limit_mb=2048 "-artifact_prefix=fuzz/artifacts/$target/" "$@"
