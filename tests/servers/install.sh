#!/bin/sh
# Installs the servers and tools that some tests talk to, as far as they are missing: Debian packages.
# Without them `cargo test` leaves those tests out and says so; with KEYSTREL_SERVERS=all that is a failure.
set -eu
missing=
for pair in umoci:umoci skopeo:skopeo docker-registry:docker-registry; do
  command -v "${pair%%:*}" > /dev/null || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
run=
[ "$(id -u)" = 0 ] || run=sudo
$run apt-get update --quiet=2
# shellcheck disable=SC2086 # names are words
DEBIAN_FRONTEND=noninteractive $run apt-get install --quiet=2 --yes --no-install-recommends $missing > /dev/null
