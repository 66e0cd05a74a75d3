#!/usr/bin/env bash
# What a commit waits for: `keystrel scan --staged` on twenty changed files of a large repository, beside peers, in turns in one run.
#
#   benches/hook.sh REPOSITORY
#
# REPOSITORY is cloned (sharing its objects) and left as it is. KEYSTREL: the binary [target/release/keystrel]. KINGFISHER, RIPSECRETS: the
# peers' binaries; whichever is set is run. RUNS [20]: the run of least CPU counts; start-up is `keystrel --version`, and that of a scan,
# with rules, repository and index, what one costs with nothing staged.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 1 ] || { echo "usage: $0 REPOSITORY" >&2; exit 2; }
keystrel=$(realpath "${KEYSTREL:-target/release/keystrel}")
runs=${RUNS:-20}
. benches/measure.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --shared "$1" "$work/tree"
cd "$work/tree"
row() { printf '%-22s %9s %9s %9s\n' "$@"; }
row '' 'wall s' 'cpu s' 'peak MiB'
tell() {
  local name=$1 wall cpu peak
  shift
  read -r wall cpu peak <<<"$(measure "$@")"
  row "$name" "$wall" "$cpu" "$peak"
}
tell 'keystrel --version' "$keystrel" --version
tell 'nothing staged' "$keystrel" scan --staged
# Twenty text files, spread over the tree, with a line more each.
mapfile -t files < <(git ls-files -- '*.rb' '*.py' '*.java' '*.js' '*.go' '*.rs' '*.php' '*.c' | awk '{ all[NR] = $0 } END { for (i = 1; i <= 20; i++) print all[int(i * NR / 21) + 1] }')
for file in "${files[@]}"; do echo "# changed $RANDOM" >> "$file"; done
git add -- "${files[@]}"
echo "$(git ls-files | wc -l) files in the index, $(git diff --cached --name-only | wc -l) staged, $(git diff --cached --name-only -z | xargs -0 cat | wc -c) bytes"
tell 'twenty files' "$keystrel" scan --staged
if [ -n "${KINGFISHER:-}" ]; then
  tell kingfisher "$KINGFISHER" scan . --staged --no-validate --no-update-check
fi
if [ -n "${RIPSECRETS:-}" ]; then tell ripsecrets "$RIPSECRETS" "${files[@]}"; fi
