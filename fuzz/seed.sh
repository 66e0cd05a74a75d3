#!/bin/sh
# Makes the corpora that fuzzing begins with, in fuzz/corpus/TARGET, of the repository's own test cases, policies and
# documents. What is there already stays.
set -eu
cd "$(dirname "$0")/.."

for target in fuzz/fuzz_targets/*.rs; do
  target=${target##*/}
  mkdir -p "fuzz/corpus/${target%.rs}"
done

# put TARGET [PREFIX]: the next seed, of standard input.
count=0
put() {
  count=$((count + 1))
  { printf '%b' "${2:-}"; cat; } > "fuzz/corpus/$1/seed-$count"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not by pipes, which would count by themselves.
find tests/cases docs/facts -type f -size -9k | LC_ALL=C sort > "$work/files"
find policies -name '*_test.rego' | LC_ALL=C sort > "$work/policies"

while read -r file; do
  put scan < "$file"
  put change < "$file"
  put report < "$file"
  put policy < "$file"
  name=${file#*/in/}
  put manifest "$name\n" < "$file"
  case $file in
    *.toml | *.yml | *.yaml) put config < "$file" ;;
    *ignore | */stdout) put suppress < "$file" ;;
  esac
  case $file in
    */leaks.json) put inventory 2 < "$file" ;;
    *.json)
      put inventory 0 < "$file"
      put inventory 3 < "$file"
      ;;
  esac
done < "$work/files"
# Any bytes are facts.
while read -r file; do
  head -c 2000 "$file" > "$work/head"
  put policy < "$work/head"
  put inventory 4 < "$work/head"
done < "$work/policies"
put history < /dev/null
put inventory 1 < /dev/null

# Containers of one file.
cp tests/cases/scan/stdin/stdout "$work/a.txt"
(cd "$work" && tar -cf a.tar a.txt && gzip -k a.tar && gzip -k a.txt)
if command -v bzip2 > /dev/null; then (cd "$work" && bzip2 -k a.tar); fi
if command -v xz > /dev/null; then (cd "$work" && xz -k a.tar); fi
if command -v zip > /dev/null; then (cd "$work" && zip -q a.zip a.txt a.txt.gz); fi
if command -v sqlite3 > /dev/null; then sqlite3 "$work/a.db" 'create table a (b text); insert into a values (1), (2)'; fi
for file in "$work"/a.*; do put unpack < "$file"; done

# What stores answer; the digit says which part of it.
put stores 0 << 'END'
<ListUsersResponse><ListUsersResult><Users><member><UserName>a</UserName></member></Users></ListUsersResult></ListUsersResponse>
END
put stores 0 << 'END'
<Error><Code>AccessDenied</Code><Message>no</Message></Error>
END
put stores 0 << 'END'
{"__type": "com.amazon.coral.service#AccessDeniedException", "message": "no"}
END
put stores 1 << 'END'
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/a": ["b"]}}}]}
END
put stores 1 << 'END'
%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22NotAction%22%3A%22kms%3A%2A%22%2C%22Principal%22%3A%22%2A%22%7D%7D
END
# given WHICH [TEXT [SECOND]]: a seed of texts, with a zero byte between them.
given() {
  printf '%s' "$2" > "$work/text"
  if [ $# -gt 2 ]; then printf '\0%s' "$3" >> "$work/text"; fi
  put stores "$1" < "$work/text"
}
given 2 'rate(1 day)'
given 2 'cron(0 8 1 * ? *)'
given 2 'cron(0 /6 ? * MON-FRI,SUN 2026-2030)'
given 2 'cron(0 0 L 2 ? *)'
given 2 'cron(15 10 ? * 6L *)'
given 3 'resource.name.startsWith("projects/1/secrets/a") && request.time < timestamp("2026-01-02T03:04:05Z")'
given 3 '!(resource.type == "secretmanager.googleapis.com/Secret" || resource.name.extract("secrets/{a}") in ["b"])'
given 4 'path "secret/data/+/a*" { capabilities = ["read", "list"] allowed_parameters = { "*" = [] } }' 'secret/data/b/ab'
given 4 '{"path": {"secret/*": {"capabilities": ["sudo"], "min_wrapping_ttl": "1m"}}}' 'secret/a'
given 4 'path "secret/{{identity.entity.id}}/*" { policy = "write" control_group = { factor "a" { identity { approvals = 1 } } } }'
given 5 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=='
given 6 'a*b*c' 'aXbc'
given 7 'secret/{{identity.entity.aliases.a.metadata.b}}/c' '{"id": "1", "aliases": [{"mount_accessor": "a", "metadata": {"b": "d"}}]}'
given 8 '"768h"'
given 8 '"1h30m"'
given 8 '86400'
given 8 '"2026-01-02T03:04:05.5+01:00"'
given 8 '"0001-01-01T00:00:00Z"'
while read -r file; do
  head -c 1000 "$file" > "$work/head"
  put stores 9 < "$work/head"
done < "$work/policies"
if command -v openssl > /dev/null; then
  openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=a -days 9 -addext subjectAltName=DNS:a.example \
    -out "$work/a.pem" 2> /dev/null
  openssl x509 -in "$work/a.pem" -outform der -out "$work/a.der"
  put stores 5 < "$work/a.pem"
  put stores 5 < "$work/a.der"
fi
