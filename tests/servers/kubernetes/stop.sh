#!/bin/sh
# Ends what start.sh DIR has started.
set -eu
for what in apiserver etcd; do
  [ -f "$1/$what.pid" ] || continue
  pid=$(cat "$1/$what.pid")
  kill "$pid" 2> /dev/null || true
  while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
  rm "$1/$what.pid"
done
