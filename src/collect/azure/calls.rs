//! What is asked, with the permissions that it takes. docs/facts/azure.md has the same table for people.

use super::cloud::{Cloud, Plane};

/// A question of an API.
#[derive(Debug)]
pub(super) struct Call {
    /// Its name in messages and in the documentation: `roleAssignments`.
    pub(super) name: &'static str,
    /// Who is asked.
    pub(super) of: Of,
    /// The version of the API, for those that take one.
    version: &'static str,
    /// What the caller needs: `Actions`, `DataActions`, permissions of Graph.
    pub(super) rights: &'static [&'static str],
}

/// A service that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Management,
    Vault,
    Hsm,
    Graph,
    Logs,
}

impl Of {
    pub(super) fn plane(self, cloud: &Cloud) -> &Plane {
        match self {
            Self::Management => &cloud.management,
            Self::Vault => &cloud.vaults,
            Self::Hsm => &cloud.hsms,
            Self::Graph => &cloud.graph,
            Self::Logs => &cloud.logs,
        }
    }
}

impl Call {
    /// A path with the version of the API, and what else stands in the query, behind it.
    pub(super) fn with_version(&self, path: &str, query: &str) -> String {
        let version = match self.version {
            "" => String::new(),
            version => format!("api-version={version}"),
        };
        match (version.is_empty(), query.is_empty()) {
            (true, true) => path.to_owned(),
            (false, false) => format!("{path}?{query}&{version}"),
            _ => format!("{path}?{query}{version}"),
        }
    }
}

const fn arm(name: &'static str, version: &'static str, rights: &'static [&'static str]) -> Call {
    Call { name, of: Of::Management, version, rights }
}

/// The stable version of the data planes of Key Vault and Managed HSM.
const DATA: &str = "7.4";
/// The version of Microsoft.KeyVault in ARM.
const VAULTS_VERSION: &str = "2024-11-01";

const fn vault(name: &'static str, rights: &'static [&'static str]) -> Call {
    Call { name, of: Of::Vault, version: DATA, rights }
}

const fn hsm(name: &'static str, rights: &'static [&'static str]) -> Call {
    Call { name, of: Of::Hsm, version: DATA, rights }
}

const fn graph(name: &'static str, rights: &'static [&'static str]) -> Call {
    Call { name, of: Of::Graph, version: "", rights }
}

pub(super) static SUBSCRIPTIONS: Call =
    arm("subscriptions", "2022-12-01", &["Microsoft.Resources/subscriptions/read"]);
pub(super) static RESOURCES: Call =
    arm("resources", "2021-04-01", &["Microsoft.Resources/subscriptions/resources/read"]);
pub(super) static VAULTS: Call = arm("vaults", VAULTS_VERSION, &["Microsoft.KeyVault/vaults/read"]);
pub(super) static HSMS: Call =
    arm("managedHSMs", VAULTS_VERSION, &["Microsoft.KeyVault/managedHSMs/read"]);
pub(super) static DELETED_VAULTS: Call =
    arm("deletedVaults", VAULTS_VERSION, &["Microsoft.KeyVault/deletedVaults/read"]);
pub(super) static DELETED_HSMS: Call =
    arm("deletedManagedHSMs", VAULTS_VERSION, &["Microsoft.KeyVault/deletedManagedHsms/read"]);
pub(super) static ARM_SECRETS: Call =
    arm("arm secrets", VAULTS_VERSION, &["Microsoft.KeyVault/vaults/secrets/read"]);
pub(super) static ARM_KEYS: Call =
    arm("arm keys", VAULTS_VERSION, &["Microsoft.KeyVault/vaults/keys/read"]);
pub(super) static ARM_KEY_VERSIONS: Call =
    arm("arm key versions", VAULTS_VERSION, &["Microsoft.KeyVault/vaults/keys/versions/read"]);
pub(super) static ARM_HSM_KEYS: Call =
    arm("arm keys", VAULTS_VERSION, &["Microsoft.KeyVault/managedHSMs/keys/read"]);
pub(super) static ARM_HSM_KEY_VERSIONS: Call =
    arm("arm key versions", VAULTS_VERSION, &["Microsoft.KeyVault/managedHSMs/keys/versions/read"]);

pub(super) static SECRETS: Call =
    vault("secrets", &["Microsoft.KeyVault/vaults/secrets/readMetadata/action"]);
pub(super) static SECRET_VERSIONS: Call =
    vault("secret versions", &["Microsoft.KeyVault/vaults/secrets/readMetadata/action"]);
/// The value: with `--read-values` alone, and no part of the printed permissions.
pub(super) static SECRET: Call =
    vault("secret", &["Microsoft.KeyVault/vaults/secrets/getSecret/action"]);
pub(super) static DELETED_SECRETS: Call =
    vault("deleted objects", &["Microsoft.KeyVault/vaults/secrets/readMetadata/action"]);
pub(super) static DELETED_KEYS: Call =
    vault("deleted objects", &["Microsoft.KeyVault/vaults/keys/read"]);
pub(super) static DELETED_CERTIFICATES: Call =
    vault("deleted objects", &["Microsoft.KeyVault/vaults/certificates/read"]);
pub(super) static KEYS: Call = vault("keys", &["Microsoft.KeyVault/vaults/keys/read"]);
pub(super) static KEY: Call = vault("key", &["Microsoft.KeyVault/vaults/keys/read"]);
pub(super) static KEY_VERSIONS: Call =
    vault("key versions", &["Microsoft.KeyVault/vaults/keys/read"]);
pub(super) static ROTATION: Call =
    vault("rotation policy", &["Microsoft.KeyVault/vaults/keyrotationpolicies/read"]);
pub(super) static CERTIFICATES: Call =
    vault("certificates", &["Microsoft.KeyVault/vaults/certificates/read"]);
pub(super) static CERTIFICATE_POLICY: Call =
    vault("certificate policy", &["Microsoft.KeyVault/vaults/certificates/read"]);
pub(super) static ISSUERS: Call =
    vault("issuers", &["Microsoft.KeyVault/vaults/certificatecas/read"]);

pub(super) static HSM_KEYS: Call = hsm("keys", &["Microsoft.KeyVault/managedHsm/keys/read/action"]);
pub(super) static HSM_KEY: Call = hsm("key", &["Microsoft.KeyVault/managedHsm/keys/read/action"]);
pub(super) static HSM_KEY_VERSIONS: Call =
    hsm("key versions", &["Microsoft.KeyVault/managedHsm/keys/read/action"]);
pub(super) static HSM_ROTATION: Call =
    hsm("rotation policy", &["Microsoft.KeyVault/managedHsm/keys/read/action"]);
pub(super) static LOCAL_ASSIGNMENTS: Call =
    hsm("local roles", &["Microsoft.KeyVault/managedHsm/roleAssignments/read/action"]);

pub(super) static ROLE_ASSIGNMENTS: Call =
    arm("roleAssignments", "2022-04-01", &["Microsoft.Authorization/roleAssignments/read"]);
pub(super) static ROLE_DEFINITIONS: Call =
    arm("roleDefinitions", "2022-04-01", &["Microsoft.Authorization/roleDefinitions/read"]);
pub(super) static DENY_ASSIGNMENTS: Call =
    arm("denyAssignments", "2022-04-01", &["Microsoft.Authorization/denyAssignments/read"]);
pub(super) static SCHEDULES: Call = arm(
    "scheduleInstances",
    "2020-10-01",
    &["Microsoft.Authorization/roleAssignmentScheduleInstances/read"],
);
pub(super) static ELIGIBILITIES: Call = arm(
    "eligibilityInstances",
    "2020-10-01",
    &["Microsoft.Authorization/roleEligibilityScheduleInstances/read"],
);
pub(super) static LOCKS: Call = arm("locks", "2020-05-01", &["Microsoft.Authorization/locks/read"]);

pub(super) static DIAGNOSTICS: Call = arm(
    "diagnosticSettings",
    "2021-05-01-preview",
    &["Microsoft.Insights/diagnosticSettings/read"],
);
pub(super) static METRICS: Call =
    arm("metrics", "2024-02-01", &["Microsoft.Insights/metrics/read"]);
pub(super) static ALERTS: Call =
    arm("activityLogAlerts", "2020-10-01", &["Microsoft.Insights/activityLogAlerts/read"]);
pub(super) static ACTIVITY: Call =
    arm("activity log", "2015-04-01", &["Microsoft.Insights/eventtypes/values/read"]);
pub(super) static EVENT_SUBSCRIPTIONS: Call =
    arm("eventSubscriptions", "2022-06-15", &["Microsoft.EventGrid/eventSubscriptions/read"]);
pub(super) static TOPICS: Call =
    arm("systemTopics", "2022-06-15", &["Microsoft.EventGrid/systemTopics/read"]);
pub(super) static TOPIC_SUBSCRIPTIONS: Call = arm(
    "eventSubscriptions",
    "2022-06-15",
    &["Microsoft.EventGrid/systemTopics/eventSubscriptions/read"],
);
pub(super) static PRICINGS: Call =
    arm("pricings", "2024-01-01", &["Microsoft.Security/pricings/read"]);
pub(super) static WORKSPACE: Call =
    arm("workspace", "2023-09-01", &["Microsoft.OperationalInsights/workspaces/read"]);
pub(super) static TABLE: Call =
    arm("table", "2023-09-01", &["Microsoft.OperationalInsights/workspaces/tables/read"]);
pub(super) static QUERY: Call = Call {
    name: "log query",
    of: Of::Logs,
    version: "",
    rights: &[
        "Microsoft.OperationalInsights/workspaces/query/read",
        "Microsoft.OperationalInsights/workspaces/query/AzureDiagnostics/read",
        "Microsoft.OperationalInsights/workspaces/query/AZKVAuditLogs/read",
    ],
};
pub(super) static ACCOUNT: Call =
    arm("storage account", "2023-05-01", &["Microsoft.Storage/storageAccounts/read"]);
pub(super) static MANAGEMENT_POLICY: Call = arm(
    "management policy",
    "2023-05-01",
    &["Microsoft.Storage/storageAccounts/managementPolicies/read"],
);
pub(super) static CONTAINER: Call = arm(
    "container",
    "2023-05-01",
    &["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
);
pub(super) static EVENT_HUBS: Call =
    arm("event hub", "2024-01-01", &["Microsoft.EventHub/namespaces/read"]);
pub(super) static EVENT_HUB: Call =
    arm("event hub", "2024-01-01", &["Microsoft.EventHub/namespaces/eventhubs/read"]);

pub(super) static PRINCIPALS: Call = graph("principals", &["Directory.Read.All"]);
pub(super) static MEMBERS: Call = graph("group members", &["GroupMember.Read.All"]);
pub(super) static USERS: Call = graph("users", &["User.Read.All"]);
pub(super) static APPLICATIONS: Call = graph("applications", &["Application.Read.All"]);
pub(super) static OWNERS: Call = graph("owners", &["Application.Read.All"]);
pub(super) static FEDERATED: Call = graph("federated credentials", &["Application.Read.All"]);
pub(super) static DIRECTORY_ROLES: Call =
    graph("directory roles", &["RoleManagement.Read.Directory"]);

pub(super) static IDENTITIES: Call =
    arm("identities", "2023-01-31", &["Microsoft.ManagedIdentity/userAssignedIdentities/read"]);
pub(super) static IDENTITY_CREDENTIALS: Call = arm(
    "federated credentials",
    "2025-05-31-preview",
    &["Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read"],
);
pub(super) static ASSOCIATED: Call = arm(
    "associated resources",
    "2021-09-30-preview",
    &["Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action"],
);
pub(super) static SITES: Call = arm("sites", "2024-04-01", &["Microsoft.Web/sites/read"]);
pub(super) static SLOTS: Call = arm("sites", "2024-04-01", &["Microsoft.Web/sites/slots/read"]);
pub(super) static SETTINGS: Call = arm(
    "app settings",
    "2024-04-01",
    &["Microsoft.Web/sites/config/list/action", "Microsoft.Web/sites/slots/config/list/action"],
);
pub(super) static REFERENCES: Call = arm(
    "config references",
    "2024-04-01",
    &["Microsoft.Web/sites/config/read", "Microsoft.Web/sites/slots/config/read"],
);
pub(super) static CLUSTERS: Call =
    arm("clusters", "2024-09-01", &["Microsoft.ContainerService/managedClusters/read"]);
pub(super) static MACHINES: Call =
    arm("machines", "2024-07-01", &["Microsoft.Compute/virtualMachines/read"]);
pub(super) static EXTENSIONS: Call =
    arm("machines", "2024-07-01", &["Microsoft.Compute/virtualMachines/extensions/read"]);
pub(super) static SCALE_SETS: Call =
    arm("machines", "2024-07-01", &["Microsoft.Compute/virtualMachineScaleSets/read"]);
pub(super) static DISK_SETS: Call =
    arm("disk encryption sets", "2024-03-02", &["Microsoft.Compute/diskEncryptionSets/read"]);
pub(super) static ACCOUNTS: Call =
    arm("storage accounts", "2023-05-01", &["Microsoft.Storage/storageAccounts/read"]);
pub(super) static SQL_SERVERS: Call = arm("sql", "2023-08-01", &["Microsoft.Sql/servers/read"]);
pub(super) static SQL_PROTECTOR: Call =
    arm("sql", "2023-08-01", &["Microsoft.Sql/servers/encryptionProtector/read"]);
pub(super) static SQL_INSTANCES: Call =
    arm("sql", "2023-08-01", &["Microsoft.Sql/managedInstances/read"]);
pub(super) static SQL_INSTANCE_PROTECTOR: Call =
    arm("sql", "2023-08-01", &["Microsoft.Sql/managedInstances/encryptionProtector/read"]);
pub(super) static CONTAINER_APPS: Call =
    arm("container apps", "2024-03-01", &["Microsoft.App/containerApps/read"]);
