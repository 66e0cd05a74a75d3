#!/bin/sh
# Plants what controls find, and beside it what they do not. planted.tsv tells which control finds which facts.
#   seed.sh KUBECONFIG
# Values of Secrets are random. Ages are planted where the API lets them be written (managedFields); creation times are
# now, so that controls on them are shown with an inventory whose `now` is moved.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$("$here/build.sh")
k() { "$bin/kubectl" --kubeconfig "$kubeconfig" --context admin "$@"; }
kubeconfig=$1
random() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/seed/0-crds.sh" | k apply --server-side -f - > /dev/null
for crd in $(k get crd -o name); do k wait --for condition=established "$crd" --timeout=30s > /dev/null; done
# RBAC lets nobody grant what they have not, but for system:masters.
for file in "$here"/seed/*.yaml.in; do k apply --server-side -f - < "$file" > /dev/null; done

secret() { # namespace name type key...
  namespace=$1 name=$2 type=$3
  shift 3
  {
    printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\ntype: %s\nstringData:\n' "$name" "$namespace" "$type"
    for key; do printf '  %s: %s\n' "$key" "$(random)"; done
  } | k apply --server-side -f - > /dev/null
}
owned() { k -n "$1" label secret "$2" app.kubernetes.io/managed-by=team-calm > /dev/null; }

# Right: owned, used, fresh.
secret calm database Opaque password
owned calm database
printf '{"auths":{"registry.example":{"username":"calm","password":"%s"}}}' "$(random)" > "$work/docker.json"
k -n calm create secret generic pull --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson="$work/docker.json" > /dev/null
owned calm pull

# Wrong, each in its own way.
secret shop database Opaque password username
owned shop database
secret shop unowned Opaque password
secret shop orphan Opaque password
owned shop orphan
secret default in-default Opaque password
owned default in-default
secret shop settings-5d4f8c7b9d Opaque password
owned shop settings-5d4f8c7b9d
secret shop old Opaque password
owned shop old
# A change of times alone is taken back: with it comes another change.
patch='{"op": "add", "path": "/metadata/annotations", "value": {"planted": "old"}}'
for i in $(k -n shop get secret old -o go-template='{{range $i, $f := .metadata.managedFields}}{{$i}} {{end}}'); do
  patch="$patch, {\"op\": \"replace\", \"path\": \"/metadata/managedFields/$i/time\", \"value\": \"2020-01-01T00:00:00Z\"}"
done
k -n shop patch secret old --type=json -p "[$patch]" > /dev/null
printf '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"applied","namespace":"shop"},"stringData":{"password":"%s"}}' "$(random)" > "$work/applied.json"
k apply -f "$work/applied.json" > /dev/null 2>&1
owned shop applied
k -n shop create -f - > /dev/null << 'TOKEN'
apiVersion: v1
kind: Secret
metadata:
  name: reader-token
  namespace: shop
  annotations: {kubernetes.io/service-account.name: reader}
  labels: {app.kubernetes.io/managed-by: team-shop, kubernetes.io/legacy-token-last-used: "2020-01-01"}
type: kubernetes.io/service-account-token
TOKEN
secret kube-system bootstrap-token-abcdef bootstrap.kubernetes.io/token token-id token-secret
owned kube-system bootstrap-token-abcdef

certificate() { # namespace name days
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/tls.key" -out "$work/tls.crt" -days "$3" -subj "/CN=$2.example" 2> /dev/null
  k -n "$1" create secret tls "$2" --cert "$work/tls.crt" --key "$work/tls.key" > /dev/null
  owned "$1" "$2"
}
certificate shop ending 3
certificate calm lasting 300
k apply --server-side -f - > /dev/null << 'INGRESS'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: calm}
spec:
  tls: [{hosts: [lasting.example], secretName: lasting}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  tls: [{hosts: [ending.example], secretName: ending}, {hosts: [gone.example], secretName: gone}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
INGRESS
k -n shop create configmap settings --from-literal=DATABASE_PASSWORD="$(random)" --from-literal=HOST=db.example > /dev/null
# Two pods of one class with two versions: the younger one is right.
pod_status() { # pod version
  k apply --server-side -f - > /dev/null << STATUS
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClassPodStatus
metadata: {name: $1-shop-versions, namespace: shop}
status: {podName: $1, secretProviderClassName: versions, mounted: true, objects: [{id: secret/shop, version: "$2"}]}
STATUS
}
k apply --server-side -f - > /dev/null << 'CLASS'
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: versions, namespace: shop}
spec: {provider: vault, parameters: {roleName: shop}}
CLASS
pod_status older 1
sleep 2 # creation times have seconds
pod_status younger 2

# Pods whose status says what a kubelet would.
k apply --server-side -f - > /dev/null << 'PODS'
apiVersion: v1
kind: Pod
metadata: {name: stale, namespace: shop}
spec:
  serviceAccountName: web
  automountServiceAccountToken: false
  containers:
    - name: web
      image: registry.example/web:1
      env: [{name: DATABASE_PASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: no-image, namespace: shop}
spec:
  serviceAccountName: web
  automountServiceAccountToken: false
  containers: [{name: web, image: "registry.example/web:1"}]
PODS
status() { # pod state
  k -n shop patch pod "$1" --subresource=status --type=merge -p \
    "{\"status\": {\"containerStatuses\": [{\"name\": \"web\", \"image\": \"\", \"imageID\": \"\", \"ready\": false, \"restartCount\": 0, \"state\": $2}]}}" > /dev/null
}
status stale '{"running": {"startedAt": "2020-01-01T00:00:00Z"}}'
status no-image '{"waiting": {"reason": "ImagePullBackOff"}}'
