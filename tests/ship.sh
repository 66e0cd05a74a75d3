#!/bin/sh
# Tests what is around the binary: the action, the hooks, the packages, the documents and the book, with the keystrel at KEYSTREL_BINARY,
# else the debug build. For Linux (glibc) with git, jq, node, systemd-analyze, a C compiler and Go.
set -eu
cd "$(dirname "$0")/.."
tools=$(tests/ship/tools.sh)
PATH=$tools:$PATH
shellcheck --external-sources action/*.sh packages/*.sh packages/*/*.sh packages/hooks/pre-receive tests/ship.sh tests/ship/tools.sh
check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml packages/github/*.yml
check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
actionlint -color=false .github/workflows/*.yml packages/github/*.yml
zizmor --offline --quiet --persona auditor action.yml .github packages/github
hadolint Dockerfile
cd tests/ship
python -m unittest
