#!/bin/sh
# Builds kube-apiserver, etcd and kubectl of the versions in go.mod, as far as they are missing, to
# ${XDG_CACHE_HOME:-~/.cache}/keystrel/kubernetes-VERSION, and says where that is. Needs Go; about 10 CPU-minutes the first time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's,^.*k8s\.io/kubernetes v\([0-9.]*\).*$,\1,p' "$here/go.mod" | head -n 1)
[ -n "$version" ] || { echo "go.mod names no version of k8s.io/kubernetes" >&2; exit 1; }
to=${XDG_CACHE_HOME:-$HOME/.cache}/keystrel/kubernetes-$version
if ! [ -x "$to/kube-apiserver" ] || ! [ -x "$to/etcd" ] || ! [ -x "$to/kubectl" ]; then
  mkdir -p "$to"
  new=$(mktemp -d "$to/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  rest=${version#*.}
  stamp=k8s.io/component-base/version
  flags="-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=${version%%.*} -X $stamp.gitMinor=${rest%%.*} -X $stamp.gitTreeState=clean"
  cd "$here"
  CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "$flags" -o "$new/" \
    k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl >&2
  CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w" -o "$new/etcd" go.etcd.io/etcd/server/v3 >&2
  mv "$new/kube-apiserver" "$new/kubectl" "$new/etcd" "$to/"
fi
echo "$to"
