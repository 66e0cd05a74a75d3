#!/bin/sh
# Tests what is around the binary: the action, the hooks, the packages and the documents, with the keystrel at KEYSTREL_BINARY,
# else the debug build.
set -eu
cd "$(dirname "$0")/.."
tools=$(tests/ship/tools.sh)
PATH=$tools:$PATH
shellcheck --external-sources action/*.sh tests/ship.sh tests/ship/tools.sh
check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
zizmor --offline --quiet --persona auditor action.yml
cd tests/ship
python -m unittest
