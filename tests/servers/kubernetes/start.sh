#!/bin/sh
# Starts etcd and kube-apiserver in an empty directory, on free ports of 127.0.0.1, and prints the path of the
# kubeconfig. Contexts: admin (system:masters), auditor and partial (their ClusterRoles in auditor.yaml.in), nobody
# (authenticated, without rights).
#   start.sh DIR [--encryption]     # --encryption: Secrets are encrypted at rest with a key that is made for this start
# stop.sh DIR ends both.
set -eu
dir=$1
encryption=
[ "${2:-}" != --encryption ] || encryption=yes
here=$(cd "$(dirname "$0")" && pwd)
bin=$("$here/build.sh")
mkdir -p "$dir/certs" "$dir/audit"
dir=$(cd "$dir" && pwd)
chmod 700 "$dir"

free_ports() {
  python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))'
}
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
# A process that has ended before it was ready: its log says why.
alive() {
  kill -0 "$(cat "$dir/$1.pid")" 2> /dev/null && return
  tail -n 20 "$dir/$1.log" >&2
  "$here/stop.sh" "$dir"
  exit 1
}

# shellcheck disable=SC2046 # numbers are words
set -- $(free_ports)
client=http://127.0.0.1:$1 peer=http://127.0.0.1:$2 port=$3
"$bin/etcd" --data-dir "$dir/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" --listen-peer-urls "$peer" \
  --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" --unsafe-no-fsync > "$dir/etcd.log" 2>&1 &
echo $! > "$dir/etcd.pid"

[ -f "$dir/sa.key" ] || openssl genrsa -out "$dir/sa.key" 2048 2> /dev/null
admin=$(random 16) auditor=$(random 16) nobody=$(random 16) partial=$(random 16)
cat > "$dir/tokens.csv" << TOKENS
$admin,admin,1,"system:masters"
$auditor,auditor,2
$nobody,nobody,3
$partial,partial,4
TOKENS
cat > "$dir/audit.yaml" << 'AUDIT'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
AUDIT
flags=
if [ -n "$encryption" ]; then
  cat > "$dir/encryption.yaml" << ENCRYPTION
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - aescbc:
          keys:
            - name: first
              secret: $(head -c 32 /dev/urandom | base64)
      - identity: {}
ENCRYPTION
  flags="--encryption-provider-config=$dir/encryption.yaml"
fi
# ServiceAccount is off since it wants accounts that a controller would make, which does not run here.
# shellcheck disable=SC2086 # flags are words
"$bin/kube-apiserver" --etcd-servers="$client" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$port" \
  --cert-dir="$dir/certs" --service-account-key-file="$dir/sa.key" --service-account-signing-key-file="$dir/sa.key" \
  --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/24 --authorization-mode=RBAC \
  --token-auth-file="$dir/tokens.csv" --disable-admission-plugins=ServiceAccount --allow-privileged=true \
  --audit-policy-file="$dir/audit.yaml" --audit-log-path="$dir/audit/audit.log" $flags > "$dir/apiserver.log" 2>&1 &
echo $! > "$dir/apiserver.pid"

context() {
  cat << CONTEXT
- name: $1
  context: {cluster: test, user: $1}
CONTEXT
}
{
  cat << CONFIG
apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: test
  cluster:
    server: https://127.0.0.1:$port
    certificate-authority: $dir/certs/apiserver.crt
contexts:
CONFIG
  for user in admin auditor partial nobody; do context "$user"; done
  cat << CONFIG
users:
- name: admin
  user: {token: $admin}
- name: auditor
  user: {token: $auditor}
- name: nobody
  user: {token: $nobody}
- name: partial
  user: {token: $partial}
CONFIG
} > "$dir/kubeconfig"
chmod 600 "$dir/kubeconfig" "$dir/tokens.csv"

tries=0
until "$bin/kubectl" --kubeconfig "$dir/kubeconfig" get --raw /readyz > /dev/null 2>&1; do
  alive etcd
  alive apiserver
  tries=$((tries + 1))
  [ $tries -lt 240 ] || { echo "kube-apiserver is not ready after 120 s: $dir/apiserver.log" >&2; exit 1; }
  sleep 0.5
done
"$bin/kubectl" --kubeconfig "$dir/kubeconfig" apply -f "$here/auditor.yaml.in" > /dev/null
echo "$dir/kubeconfig"
