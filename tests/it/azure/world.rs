//! What the server of the tests has: routes of all that is asked, and builders for vaults and what is around them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::server::{Content, Plane, Route, TENANT, World};

/// A directory with subscriptions, as it is being put together.
pub(super) struct Maker<'p> {
    pub(super) world: World,
    pub(super) ports: &'p BTreeMap<Plane, u16>,
    now: i64,
    lists: BTreeMap<String, Vec<Value>>,
    subscriptions: Vec<Value>,
    directory: Vec<Value>,
    users: Vec<Value>,
    applications: Vec<Value>,
    admins: Vec<Value>,
    pub(super) records: Vec<Value>,
    numbers: u32,
    /// The principal of the managed identity that was made last.
    pub(super) principal_of_identity: String,
}

/// Lists of a subscription: where, and what the caller needs.
const LISTS: &[(&str, &str)] = &[
    ("microsoft.keyvault/vaults", "Microsoft.KeyVault/vaults/read"),
    ("microsoft.keyvault/managedhsms", "Microsoft.KeyVault/managedHSMs/read"),
    ("microsoft.keyvault/deletedvaults", "Microsoft.KeyVault/deletedVaults/read"),
    ("microsoft.keyvault/deletedmanagedhsms", "Microsoft.KeyVault/deletedManagedHsms/read"),
    ("microsoft.authorization/roleassignments", "Microsoft.Authorization/roleAssignments/read"),
    ("microsoft.authorization/roledefinitions", "Microsoft.Authorization/roleDefinitions/read"),
    ("microsoft.authorization/denyassignments", "Microsoft.Authorization/denyAssignments/read"),
    (
        "microsoft.authorization/roleassignmentscheduleinstances",
        "Microsoft.Authorization/roleAssignmentScheduleInstances/read",
    ),
    (
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    ),
    ("microsoft.authorization/locks", "Microsoft.Authorization/locks/read"),
    ("microsoft.insights/activitylogalerts", "Microsoft.Insights/activityLogAlerts/read"),
    (
        "microsoft.insights/eventtypes/management/values",
        "Microsoft.Insights/eventtypes/values/read",
    ),
    ("microsoft.eventgrid/systemtopics", "Microsoft.EventGrid/systemTopics/read"),
    (
        "microsoft.managedidentity/userassignedidentities",
        "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    ),
    ("microsoft.web/sites", "Microsoft.Web/sites/read"),
    (
        "microsoft.containerservice/managedclusters",
        "Microsoft.ContainerService/managedClusters/read",
    ),
    ("microsoft.compute/virtualmachines", "Microsoft.Compute/virtualMachines/read"),
    ("microsoft.compute/virtualmachinescalesets", "Microsoft.Compute/virtualMachineScaleSets/read"),
    ("microsoft.compute/diskencryptionsets", "Microsoft.Compute/diskEncryptionSets/read"),
    ("microsoft.storage/storageaccounts", "Microsoft.Storage/storageAccounts/read"),
    ("microsoft.sql/servers", "Microsoft.Sql/servers/read"),
    ("microsoft.sql/managedinstances", "Microsoft.Sql/managedInstances/read"),
    ("microsoft.app/containerapps", "Microsoft.App/containerApps/read"),
];

pub(super) const DAY: i64 = 86_400;
/// The workspace that sound vaults send to.
pub(super) const CUSTOMER: &str = "9e7f0000-0000-4000-8000-000000000001";

impl<'p> Maker<'p> {
    pub(super) fn new(ports: &'p BTreeMap<Plane, u16>) -> Self {
        Self {
            world: World::new(),
            ports,
            now: Timestamp::now().as_second(),
            lists: BTreeMap::new(),
            subscriptions: Vec::new(),
            directory: Vec::new(),
            users: Vec::new(),
            applications: Vec::new(),
            admins: Vec::new(),
            records: Vec::new(),
            numbers: 0,
            principal_of_identity: String::new(),
        }
    }

    /// An id that nothing else has.
    pub(super) fn id(&mut self) -> String {
        self.numbers += 1;
        format!("{:08x}-1111-4222-8333-444455556666", self.numbers)
    }

    /// Seconds of a time so many days before now, or after for fewer than none.
    pub(super) fn ago(&self, days: i64) -> i64 {
        self.now - days * DAY
    }

    /// The same as RFC 3339.
    pub(super) fn time(&self, days: i64) -> String {
        Timestamp::from_second(self.ago(days)).unwrap().to_string()
    }

    pub(super) fn put(&mut self, plane: Plane, path: &str, right: &str, content: Content) {
        let route = Route { content, right: right.to_owned() };
        self.world.insert((plane, path.to_lowercase()), route);
    }

    pub(super) fn arm(&mut self, path: &str, right: &str, value: Value) {
        self.put(Plane::Management, path, right, Content::One(value));
    }

    pub(super) fn arm_list(&mut self, path: &str, right: &str, values: Vec<Value>) {
        self.put(Plane::Management, path, right, Content::Many(values));
    }

    /// Adds to a list of a subscription.
    pub(super) fn add(&mut self, subscription: &str, of_type: &str, value: Value) {
        assert!(LISTS.iter().any(|(known, _)| *known == of_type), "{of_type}");
        let path = format!("/subscriptions/{subscription}/providers/{of_type}");
        self.lists.entry(path).or_default().push(value);
    }

    /// Adds a resource: to the list of its type, and by itself.
    pub(super) fn resource(
        &mut self,
        (subscription, group): (&str, &str),
        of_type: &str,
        name: &str,
        more: Value,
    ) -> String {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/{of_type}/{name}"
        );
        let mut value = json!({
            "id": id, "name": name, "type": of_type, "location": "westeurope",
            "tags": {"owner": "team"}, "properties": {},
        });
        merge(&mut value, more);
        let lower = of_type.to_lowercase();
        if let Some((_, right)) = LISTS.iter().find(|(known, _)| *known == lower) {
            self.add(subscription, &lower, value.clone());
            self.arm(&id, right, value);
        }
        id
    }

    /// A subscription, with Defender as it is.
    pub(super) fn subscription(&mut self, id: &str, name: &str, tier: &str) {
        let value = json!({
            "id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": TENANT,
            "displayName": name, "state": "Enabled", "authorizationSource": "RoleBased",
        });
        let path = format!("/subscriptions/{id}");
        self.arm(&path, "Microsoft.Resources/subscriptions/read", value.clone());
        self.subscriptions.push(value);
        let pricing = format!("{path}/providers/Microsoft.Security/pricings/KeyVaults");
        let sub_plan = (tier == "Standard").then_some("PerKeyVault");
        let value =
            json!({"name": "KeyVaults", "properties": {"pricingTier": tier, "subPlan": sub_plan}});
        self.arm(&pricing, "Microsoft.Security/pricings/read", value);
        for (of_type, _) in LISTS {
            self.lists.entry(format!("{path}/providers/{of_type}")).or_default();
        }
    }

    /// A role of Azure or of the customer; gives its id.
    pub(super) fn role(
        &mut self,
        subscription: &str,
        name: &str,
        is_custom: bool,
        permission: Value,
    ) -> String {
        let id = self.id();
        let id = format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{id}"
        );
        let mut all =
            json!({"actions": [], "notActions": [], "dataActions": [], "notDataActions": []});
        merge(&mut all, permission);
        let value = json!({"id": id, "name": last(&id), "properties": {
            "roleName": name, "type": if is_custom { "CustomRole" } else { "BuiltInRole" },
            "description": "", "assignableScopes": ["/"], "permissions": [all],
        }});
        self.add(subscription, "microsoft.authorization/roledefinitions", value);
        id
    }

    /// Gives somebody a role; gives the id of the assignment.
    pub(super) fn assign(
        &mut self,
        subscription: &str,
        scope: &str,
        role: &str,
        (principal, of_type): (&str, &str),
        more: Value,
    ) -> String {
        let name = self.id();
        let id = format!(
            "{}/providers/Microsoft.Authorization/roleAssignments/{name}",
            scope.trim_end_matches('/')
        );
        let mut value = json!({"id": id, "name": name, "properties": {
            "scope": scope, "roleDefinitionId": role, "principalId": principal,
            "principalType": of_type, "condition": null, "createdOn": self.time(30),
        }});
        merge(&mut value["properties"], more);
        self.add(subscription, "microsoft.authorization/roleassignments", value);
        id.to_lowercase()
    }

    /// Somebody of the directory; gives the object id.
    pub(super) fn principal(&mut self, kind: &str, name: &str, more: Value) -> String {
        let id = self.id();
        let mut value = json!({
            "@odata.type": format!("#microsoft.graph.{kind}"), "id": id, "displayName": name,
        });
        if kind == "user" {
            let user = json!({
                "id": id, "displayName": name, "userPrincipalName": format!("{name}@example.org"),
                "userType": "Member", "accountEnabled": true,
            });
            let mut user = user;
            merge(&mut user, more.clone());
            value["userPrincipalName"] = user["userPrincipalName"].clone();
            self.users.push(user);
        } else if kind == "servicePrincipal" {
            value["appId"] = self.id().into();
            value["appOwnerOrganizationId"] = TENANT.into();
            value["servicePrincipalType"] = "Application".into();
        }
        merge(&mut value, more);
        self.directory.push(value);
        if kind == "group" {
            self.members(&id, &[]);
        }
        id
    }

    /// Those who are in a group, by kind and object id.
    pub(super) fn members(&mut self, group: &str, members: &[(&str, &str)]) {
        let path = format!("/v1.0/groups/{group}/transitivemembers");
        let told = members
            .iter()
            .map(|(kind, id)| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id}));
        let told = Content::Many(told.collect());
        self.put(Plane::Graph, &path, "GroupMember.Read.All", told);
    }

    /// An app registration; gives the id of its fact.
    pub(super) fn application(
        &mut self,
        name: &str,
        more: Value,
        owners: Vec<Value>,
        credentials: Vec<Value>,
    ) -> String {
        let id = self.id();
        let mut value = json!({
            "id": id, "appId": self.id(), "displayName": name, "createdDateTime": self.time(400),
            "signInAudience": "AzureADMyOrg", "passwordCredentials": [], "keyCredentials": [],
        });
        merge(&mut value, more);
        self.applications.push(value);
        let right = "Application.Read.All";
        let path = format!("/v1.0/applications/{id}/owners");
        self.put(Plane::Graph, &path, right, Content::Many(owners));
        let path = format!("/beta/applications/{id}/federatedIdentityCredentials");
        self.put(Plane::Graph, &path, right, Content::Many(credentials));
        format!("/applications/{id}")
    }

    /// Gives somebody a role of the directory.
    pub(super) fn admin(&mut self, principal: &str, role: &str) {
        self.admins.push(json!({"principalId": principal, "roleDefinitionId": role}));
    }

    /// An address of a vault or managed HSM.
    pub(super) fn base(&self, plane: Plane, name: &str) -> String {
        format!("https://127.0.0.1:{}/{name}", self.ports[&plane])
    }

    /// A workspace that keeps what it gets for so many days.
    pub(super) fn put_workspace(&mut self, id: &str, days: i64) {
        let value = json!({"id": id, "name": last(id), "location": "westeurope",
            "properties": {"customerId": CUSTOMER, "retentionInDays": days}});
        self.arm(id, "Microsoft.OperationalInsights/workspaces/read", value);
        let table = json!({"properties": {"retentionInDays": days, "totalRetentionInDays": days}});
        for name in ["AzureDiagnostics", "AZKVAuditLogs"] {
            let path = format!("{id}/tables/{name}");
            self.arm(&path, "Microsoft.OperationalInsights/workspaces/tables/read", table.clone());
        }
    }

    /// Everything.
    pub(super) fn finish(mut self) -> World {
        let lists = std::mem::take(&mut self.lists);
        for (path, values) in lists {
            let (_, right) = LISTS.iter().find(|(known, _)| path.ends_with(known)).unwrap();
            // Roles are listed at each vault, too.
            if path.contains("/microsoft.authorization/") {
                let vaults: Vec<String> = self
                    .world
                    .keys()
                    .filter(|(plane, path)| {
                        *plane == Plane::Management
                            && path.contains("/providers/microsoft.keyvault/vaults/")
                            && path.split('/').count() == 9
                    })
                    .map(|(_, path)| path.clone())
                    .collect();
                let (subscription, kind) = path.split_once("/providers/").unwrap();
                for vault in vaults.iter().filter(|vault| vault.starts_with(subscription)) {
                    let path = format!("{vault}/providers/{kind}");
                    self.arm_list(&path, right, values.clone());
                }
            }
            self.arm_list(&path, right, values);
        }
        let resources: Vec<(String, Value)> = self
            .world
            .iter()
            .filter_map(|((plane, path), route)| match &route.content {
                Content::One(value)
                    if *plane == Plane::Management && path.starts_with("/subscriptions/") =>
                {
                    Some((path.split('/').nth(2)?.to_owned(), value.clone()))
                }
                _ => None,
            })
            .collect();
        for one in self.subscriptions.clone() {
            let id = one["subscriptionId"].as_str().unwrap();
            let own = resources.iter().filter(|(of, value)| of == id && value["type"].is_string());
            let own = own
                .map(|(_, value)| {
                    json!({"id": value["id"], "name": value["name"], "type": value["type"],
                        "createdTime": self.time(500)})
                })
                .collect();
            let right = "Microsoft.Resources/subscriptions/resources/read";
            self.arm_list(&format!("/subscriptions/{id}/resources"), right, own);
        }
        let subscriptions = std::mem::take(&mut self.subscriptions);
        self.arm_list("/subscriptions", "Microsoft.Resources/subscriptions/read", subscriptions);
        let graph = [
            (
                "/v1.0/directoryobjects/getbyids",
                "Directory.Read.All",
                std::mem::take(&mut self.directory),
            ),
            ("/v1.0/users", "User.Read.All", std::mem::take(&mut self.users)),
            ("/v1.0/applications", "Application.Read.All", std::mem::take(&mut self.applications)),
            (
                "/v1.0/rolemanagement/directory/roleassignments",
                "RoleManagement.Read.Directory",
                std::mem::take(&mut self.admins),
            ),
        ];
        for (path, right, values) in graph {
            self.put(Plane::Graph, path, right, Content::Many(values));
        }
        let columns = ["Vault", "OperationName", "Object", "First", "Last", "Count"];
        let columns: Vec<Value> = columns.iter().map(|name| json!({"name": name})).collect();
        let table = json!({"tables": [{"columns": columns, "rows": self.records}]});
        let right = "Microsoft.OperationalInsights/workspaces/query/read";
        let path = format!("/v1/workspaces/{CUSTOMER}/query");
        self.put(Plane::Logs, &path, right, Content::One(table));
        self.world
    }
}

/// Puts the fields of an object over those of another; in objects, too. A null takes a field away.
pub(super) fn merge(value: &mut Value, more: Value) {
    match (value, more) {
        (Value::Object(fields), Value::Object(more)) => merge_fields(fields, more),
        (value, more) => *value = more,
    }
}

fn merge_fields(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        if value.is_null() {
            fields.remove(&name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}
