#!/usr/bin/env bash
# Layers of container images: keystrel beside decompression alone, and a peer where it reads the same archive.
# Wall time, CPU time (user + system), peak memory, and MB of layer content a second.
#
#   benches/image.sh ROOT
#
# ROOT is a root file system, say of `debootstrap --variant=minbase bookworm ROOT`; it becomes an image of two
# layers, gzip as registries have them, without the caches of apt, as images are built. KEYSTREL: the binary [target/release/keystrel].
# KINGFISHER: the peer's, if it is to be run (package `kingfisher-bin` from PyPI; validation is switched off): its `scan docker --archive`,
# beside keystrel on the same file, which is an archive as `docker save` writes it, with layers that are not compressed; of a
# layout with compressed layers it reads none. RUNS: of each the one of least CPU counts [3]. HUGE: MiB of a further
# image with one file of zeros and a secret-like end [0]. Needs umoci, and for KINGFISHER skopeo; fetches nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
keystrel=$(realpath "${KEYSTREL:-target/release/keystrel}")
runs=${RUNS:-3}
[ $# -eq 1 ] || { echo "usage: $0 ROOT" >&2; exit 2; }
. benches/measure.sh
root=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

image() {
  # image NAME: makes an OCI layout of the tars NAME-*.tar.
  (
    cd "$work"
    umoci init --layout "$1"
    umoci new --image "$1:bench"
    for layer in "$1"-*.tar; do
      umoci raw add-layer --image "$1:bench" --history.created_by "COPY $layer /" "$layer"
    done
  ) > /dev/null 2>&1
}

row() { printf '%-28s %9s %9s %9s %9s\n' "$@"; }
one() {
  # one LABEL BYTES COMMAND...
  local wall cpu peak
  read -r wall cpu peak < <(measure "${@:3}")
  row "$1" "$wall" "$cpu" "$peak" "$(awk "BEGIN { printf \"%.0f\", $2 / $wall / 1e6 }")"
}

tar -C "$root" --one-file-system -cf "$work/os-1.tar" --exclude=./usr/share --exclude=./usr/lib --exclude=./var/cache/apt --exclude=./var/lib/apt .
tar -C "$root" --one-file-system -cf "$work/os-2.tar" ./usr/share ./usr/lib
size=$(($(stat -c %s "$work/os-1.tar") + $(stat -c %s "$work/os-2.tar")))
image os
layers=$(find "$work/os/blobs" -type f -size +1M)
echo "layers: $((size / 1000000)) MB in $(echo "$layers" | wc -w), $(($(echo "$layers" | xargs stat -c %s | paste -sd+ | bc) / 1000000)) MB compressed"
row way 'wall s' 'cpu s' 'peak MiB' 'MB/s'
# shellcheck disable=SC2016,SC2086 # of the inner shell; paths are words
one 'gzip -dc | wc -c' "$size" sh -c 'printf "%s\n" "$@" | xargs -P 2 -n 1 sh -c "gzip -dc \"\$0\" | wc -c"' sh $layers
one keystrel "$size" "$keystrel" scan "oci:$work/os"
one '  one thread' "$size" "$keystrel" scan --threads 1 "oci:$work/os"
"$keystrel" scan "oci:$work/os" --ledger "$work/ledger" > "$work/out" 2>&1 || true
one '  --ledger, again' "$size" "$keystrel" scan "oci:$work/os" --ledger "$work/ledger"
if [ -n "${KINGFISHER:-}" ]; then
  skopeo --insecure-policy copy -q "oci:$work/os:bench" "docker-archive:$work/os.tar:bench/os:1"
  # The floor: a layer that is not compressed costs no more than to be read.
  # shellcheck disable=SC2016 # of the inner shell
  one 'docker save: cat | wc -c' "$size" sh -c 'cat "$0" | wc -c' "$work/os.tar"
  one 'docker save: keystrel' "$size" "$keystrel" scan "docker-archive:$work/os.tar"
  one 'docker save: kingfisher' "$size" "$KINGFISHER" scan docker --archive "$work/os.tar" --no-validate --no-update-check
fi
if [ "${HUGE:-0}" -gt 0 ]; then
  truncate -s "${HUGE}M" "$work/zeros"
  echo "the end" >> "$work/zeros"
  tar -C "$work" -cf "$work/huge-1.tar" zeros
  size=$(stat -c %s "$work/huge-1.tar")
  image huge
  layer=$(find "$work/huge/blobs" -type f -size +100k)
  # shellcheck disable=SC2016 # of the inner shell
  one "huge: gzip -dc | wc -c" "$size" sh -c 'gzip -dc "$0" | wc -c' "$layer"
  one "huge: keystrel" "$size" "$keystrel" scan "oci:$work/huge"
fi
