#!/usr/bin/env bash
# pin.sh VERSION CHECKSUMS: adds what a release has to action/releases.txt, after its provenance was verified.
#
#   gh release download v0.1.0 --pattern SHA256SUMS --dir dist && action/pin.sh 0.1.0 dist/SHA256SUMS
set -euo pipefail
[ $# = 2 ] || { echo 'usage: action/pin.sh VERSION CHECKSUMS' >&2; exit 2; }
version=$1 sums=$2
list=$(dirname "$0")/releases.txt
command -v gh > /dev/null || { echo 'pin.sh: gh is needed, to verify who built the release' >&2; exit 3; }
gh attestation verify "$sums" --repo keystrel/keystrel \
  --signer-workflow keystrel/keystrel/.github/workflows/release.yml --source-ref "refs/tags/v$version" > /dev/null
added=0
while read -r digest name; do
  name=${name#\*}
  case $name in "keystrel-$version-"*.tar.gz | "keystrel-$version-"*.zip) ;; *) continue ;; esac
  [[ $digest =~ ^[0-9a-f]{64}$ ]] || { echo "pin.sh: no digest of $name" >&2; exit 3; }
  if grep -qF "  $name" "$list"; then
    grep -qxF "$digest  $name" "$list" || { echo "pin.sh: $name is listed with another digest" >&2; exit 3; }
    continue
  fi
  printf '%s  %s\n' "$digest" "$name" >> "$list"
  added=$((added + 1))
done < "$sums"
echo "$added archives of $version added to $list"
