#!/bin/sh
# Installs the servers and tools that some tests talk to, as far as they are missing: Debian packages, and moto from PyPI.
# Without them `cargo test` leaves those tests out and says so; with KEYSTREL_SERVERS=all that is a failure.
set -eu
missing=
for pair in umoci:umoci skopeo:skopeo docker-registry:docker-registry; do
  command -v "${pair%%:*}" > /dev/null || missing="$missing ${pair##*:}"
done
python3 -c 'import ensurepip, venv' 2> /dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
  run=
  [ "$(id -u)" = 0 ] || run=sudo
  $run apt-get update --quiet=2
  # shellcheck disable=SC2086 # names are words
  DEBIAN_FRONTEND=noninteractive $run apt-get install --quiet=2 --yes --no-install-recommends $missing > /dev/null
fi

# AWS. tests/it/aws/server.rs and benches/aws.sh look here too.
moto=${XDG_CACHE_HOME:-$HOME/.cache}/keystrel/moto-5.2.5
if ! [ -e "$moto/ready" ]; then
  rm -rf "$moto"
  python3 -m venv "$moto"
  "$moto/bin/pip" install --quiet --disable-pip-version-check 'moto[server,all]==5.2.5'
  touch "$moto/ready"
fi
