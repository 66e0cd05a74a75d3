//! Which objects are read.

/// A kind of objects that is read.
#[derive(Debug)]
pub(super) struct Resource {
    /// The API group; empty for the core.
    pub(super) group: &'static str,
    /// The name in paths and roles: `configmaps`.
    pub(super) plural: &'static str,
    /// The name in objects: `ConfigMap`.
    pub(super) kind: &'static str,
    pub(super) is_namespaced: bool,
    /// Whether a scan for leaks looks at it too.
    pub(super) is_scanned: bool,
}

const fn of(group: &'static str, plural: &'static str, kind: &'static str) -> Resource {
    Resource { group, plural, kind, is_namespaced: true, is_scanned: true }
}

const fn wide(group: &'static str, plural: &'static str, kind: &'static str) -> Resource {
    Resource { group, plural, kind, is_namespaced: false, is_scanned: true }
}

/// What is read, owners before what they own.
pub(super) static RESOURCES: &[Resource] = &[
    wide("", "namespaces", "Namespace"),
    of("", "configmaps", "ConfigMap"),
    of("", SECRETS, "Secret"),
    of("", "serviceaccounts", "ServiceAccount"),
    of("apps", "deployments", "Deployment"),
    of("apps", "statefulsets", "StatefulSet"),
    of("apps", "daemonsets", "DaemonSet"),
    of("apps", "replicasets", "ReplicaSet"),
    of("", "replicationcontrollers", "ReplicationController"),
    of("batch", "cronjobs", "CronJob"),
    of("batch", "jobs", "Job"),
    of("", "pods", "Pod"),
    of("", "services", "Service"),
    of("networking.k8s.io", "ingresses", "Ingress"),
    of("rbac.authorization.k8s.io", "roles", "Role"),
    of("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
    wide("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"),
    wide("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"),
    wide("storage.k8s.io", "csidrivers", "CSIDriver"),
    wide("", "nodes", "Node"),
    wide(
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
    ),
    wide(
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
    ),
    wide(
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
    ),
    of("secrets-store.csi.x-k8s.io", "secretproviderclasses", "SecretProviderClass"),
    of("external-secrets.io", "externalsecrets", "ExternalSecret"),
    of("external-secrets.io", "secretstores", "SecretStore"),
    wide("external-secrets.io", "clustersecretstores", "ClusterSecretStore"),
    wide("external-secrets.io", "clusterexternalsecrets", "ClusterExternalSecret"),
    of("external-secrets.io", "pushsecrets", "PushSecret"),
    of("secrets.hashicorp.com", "vaultstaticsecrets", "VaultStaticSecret"),
    of("secrets.hashicorp.com", "vaultdynamicsecrets", "VaultDynamicSecret"),
    of("secrets.hashicorp.com", "vaultpkisecrets", "VaultPKISecret"),
    of("secrets.hashicorp.com", "vaultauths", "VaultAuth"),
    of("secrets.hashicorp.com", "vaultauthglobals", "VaultAuthGlobal"),
    of("secrets.hashicorp.com", "vaultconnections", "VaultConnection"),
    of("bitnami.com", "sealedsecrets", "SealedSecret"),
    wide("external-secrets.io", "clusterpushsecrets", "ClusterPushSecret"),
    of("cert-manager.io", "certificates", "Certificate"),
    of("cert-manager.io", "issuers", "Issuer"),
    wide("cert-manager.io", "clusterissuers", "ClusterIssuer"),
    of("gateway.networking.k8s.io", "gateways", "Gateway"),
    of("kustomize.toolkit.fluxcd.io", "kustomizations", "Kustomization"),
    of("helm.toolkit.fluxcd.io", "helmreleases", "HelmRelease"),
    of("velero.io", "backupstoragelocations", "BackupStorageLocation"),
    of(
        "secrets-store.csi.x-k8s.io",
        "secretproviderclasspodstatuses",
        "SecretProviderClassPodStatus",
    ),
    wide("storagemigration.k8s.io", "storageversionmigrations", "StorageVersionMigration"),
];

/// The name of Secrets in paths.
pub(super) const SECRETS: &str = "secrets";

/// Kinds whose containers have variables.
pub(super) const MAKES_PODS: &[&str] = &[
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
];
