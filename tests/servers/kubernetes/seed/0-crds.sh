#!/bin/sh
# Prints CustomResourceDefinitions for the kinds of secret operators, without their schemas.
set -eu
crd() { # group version scope Kind plural
  cat << CRD
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: $5.$1}
spec:
  group: $1
  scope: $3
  names: {kind: $4, listKind: $4List, plural: $5, singular: $(echo "$4" | tr '[:upper:]' '[:lower:]')}
  versions:
    - name: $2
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
CRD
}
crd external-secrets.io v1 Namespaced ExternalSecret externalsecrets
crd external-secrets.io v1 Cluster ClusterExternalSecret clusterexternalsecrets
crd external-secrets.io v1 Namespaced SecretStore secretstores
crd external-secrets.io v1 Cluster ClusterSecretStore clustersecretstores
crd external-secrets.io v1alpha1 Namespaced PushSecret pushsecrets
crd secrets-store.csi.x-k8s.io v1 Namespaced SecretProviderClass secretproviderclasses
crd secrets-store.csi.x-k8s.io v1 Namespaced SecretProviderClassPodStatus secretproviderclasspodstatuses
crd secrets.hashicorp.com v1beta1 Namespaced VaultStaticSecret vaultstaticsecrets
crd secrets.hashicorp.com v1beta1 Namespaced VaultDynamicSecret vaultdynamicsecrets
crd secrets.hashicorp.com v1beta1 Namespaced VaultConnection vaultconnections
crd kustomize.toolkit.fluxcd.io v1 Namespaced Kustomization kustomizations
crd velero.io v1 Namespaced BackupStorageLocation backupstoragelocations
