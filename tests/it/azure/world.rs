//! What the server of the tests has: routes of all that is asked, and builders for vaults and what is around them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::server::{Content, Plane, Route, TENANT, World};

/// A directory with subscriptions, as it is being put together.
pub(super) struct Maker<'p> {
    pub(super) world: World,
    ports: &'p BTreeMap<Plane, u16>,
    now: i64,
    lists: BTreeMap<String, Vec<Value>>,
    subscriptions: Vec<Value>,
    directory: Vec<Value>,
    users: Vec<Value>,
    applications: Vec<Value>,
    admins: Vec<Value>,
    records: Vec<Value>,
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

/// A vault, with what is in it. Without changes it is sound and empty.
pub(super) struct Vault {
    pub(super) subscription: &'static str,
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) properties: Value,
    pub(super) tags: Value,
    pub(super) secrets: Vec<Secret>,
    pub(super) keys: Vec<Key>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) deleted: Vec<Value>,
    pub(super) settings: Option<Vec<Value>>,
    pub(super) events: Vec<Value>,
    pub(super) throttled: f64,
    /// Whether its firewall keeps the caller out.
    pub(super) is_closed: bool,
}

#[derive(Clone)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) attributes: Value,
    pub(super) content_type: Option<String>,
    pub(super) tags: Value,
    pub(super) managed: bool,
    /// Attributes of each version, the newest last.
    pub(super) versions: Vec<Value>,
    pub(super) value: Option<String>,
    /// Days since it was last read.
    pub(super) read: Option<i64>,
}

#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) properties: Value,
    /// Days since each version was made, the newest last.
    pub(super) versions: Vec<i64>,
    pub(super) managed: bool,
    /// Whether the log has a use of the oldest version.
    pub(super) uses_old: bool,
}

#[derive(Clone)]
pub(super) struct Certificate {
    pub(super) name: &'static str,
    pub(super) attributes: Value,
    pub(super) policy: Value,
}

/// The id of a version; a certificate, its key and its secret have the same.
fn version(kind: &str, name: &str, index: usize) -> String {
    let hash = kind
        .bytes()
        .chain(name.bytes())
        .fold(5381_u64, |hash, byte| hash.wrapping_mul(33).wrapping_add(u64::from(byte)));
    format!("{hash:016x}{index:016x}")
}

/// What `version` is of: things of their own, or a certificate.
fn kind_of(is_managed: bool, kind: &'static str) -> &'static str {
    if is_managed { "certificate" } else { kind }
}

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
        id
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

    /// A secret that is as it should be.
    pub(super) fn secret(&self, name: &str) -> Secret {
        let attributes = json!({
            "enabled": true, "created": self.ago(20), "updated": self.ago(20), "exp": self.ago(-60),
            "recoveryLevel": "Recoverable",
        });
        Secret {
            name: name.into(),
            versions: vec![attributes.clone()],
            attributes,
            content_type: Some("text/plain".into()),
            tags: json!({"owner": "team"}),
            managed: false,
            value: None,
            read: Some(1),
        }
    }

    /// A key that is as it should be.
    pub(super) fn key(&self, name: &'static str) -> Key {
        Key {
            name,
            properties: json!({
                "attributes": {
                    "enabled": true, "created": self.ago(30), "updated": self.ago(30),
                    "exp": self.ago(-200), "exportable": false, "recoveryLevel": "Recoverable",
                },
                "kty": "RSA-HSM", "keySize": 3072, "keyOps": ["wrapKey", "unwrapKey"],
                "rotationPolicy": {
                    "attributes": {"expiryTime": "P1Y"},
                    "lifetimeActions": [
                        {"trigger": {"timeAfterCreate": "P180D"}, "action": {"type": "rotate"}},
                        {"trigger": {"timeBeforeExpiry": "P30D"}, "action": {"type": "notify"}},
                    ],
                },
            }),
            versions: vec![30],
            managed: false,
            uses_old: false,
        }
    }

    /// The version of a key that is named in `plants`.
    pub(super) fn key_version(name: &str) -> String {
        version("key", name, 0)
    }

    /// A certificate that is as it should be.
    pub(super) fn certificate(&self, name: &'static str) -> Certificate {
        Certificate {
            name,
            attributes: json!({
                "enabled": true, "created": self.ago(100), "updated": self.ago(100),
                "nbf": self.ago(100), "exp": self.ago(-200), "recoveryLevel": "Recoverable",
            }),
            policy: json!({
                "key_props": {"kty": "RSA-HSM", "key_size": 3072, "exportable": false, "reuse_key": false},
                "x509_props": {"subject": "CN=app.example", "validity_months": 10},
                "lifetime_actions": [
                    {"trigger": {"days_before_expiry": 40}, "action": {"action_type": "AutoRenew"}},
                ],
                "issuer": {"name": "corp"},
            }),
        }
    }

    /// A vault that is as it should be.
    pub(super) fn sound(subscription: &'static str, name: &'static str) -> Vault {
        Vault {
            subscription,
            group: "app",
            name,
            properties: json!({}),
            tags: json!({"owner": "team"}),
            secrets: Vec::new(),
            keys: Vec::new(),
            certificates: Vec::new(),
            deleted: Vec::new(),
            settings: None,
            events: vec![json!({"id": format!("/events/{name}"), "name": "expiry", "properties": {
                "provisioningState": "Succeeded", "filter": {"includedEventTypes": null},
                "destination": {"endpointType": "WebHook"},
            }})],
            throttled: 0.0,
            is_closed: false,
        }
    }

    /// A diagnostic setting that sends what is audited somewhere.
    pub(super) fn setting(to: Value) -> Value {
        let mut value = json!({"name": "audit", "properties": {
            "logs": [{"category": null, "categoryGroup": "audit", "enabled": true}],
        }});
        merge(&mut value["properties"], to);
        value
    }

    /// The workspace of a subscription's records.
    pub(super) fn workspace(subscription: &str) -> String {
        format!(
            "/subscriptions/{subscription}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/audit"
        )
    }

    /// Adds a vault; gives its id in lower case.
    pub(super) fn vault(&mut self, vault: Vault) -> String {
        let of_type = "Microsoft.KeyVault/vaults";
        let base = self.base(Plane::Vaults, vault.name);
        let mut properties = json!({
            "tenantId": TENANT, "vaultUri": format!("{base}/"), "sku": {"name": "premium", "family": "A"},
            "enableRbacAuthorization": true, "enableSoftDelete": true, "softDeleteRetentionInDays": 90,
            "enablePurgeProtection": true, "publicNetworkAccess": "Disabled", "enabledForDeployment": false,
            "enabledForDiskEncryption": false, "enabledForTemplateDeployment": false,
            "provisioningState": "Succeeded", "accessPolicies": [],
            "networkAcls": {"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []},
            "privateEndpointConnections": [endpoint(vault.subscription, "Approved")],
        });
        merge(&mut properties, vault.properties);
        let place = (vault.subscription, vault.group);
        let more = json!({
            "properties": properties, "tags": vault.tags, "systemData": {"createdAt": self.time(300)},
        });
        let id = self.resource(place, of_type, vault.name, more);
        let settings = vault.settings.unwrap_or_else(|| {
            vec![Self::setting(json!({"workspaceId": Self::workspace(vault.subscription)}))]
        });
        self.around(&id, settings);
        let path = format!("{id}/providers/Microsoft.EventGrid/eventSubscriptions");
        self.arm_list(&path, "Microsoft.EventGrid/eventSubscriptions/read", vault.events);
        self.metrics(&id, vault.throttled);
        let own = id.to_lowercase();
        self.records.push(json!([own, "", "", self.time(400), self.time(1), 5]));
        self.secrets(&id, vault.name, &vault.secrets, vault.is_closed);
        self.keys(&id, (Plane::Vaults, vault.name), &vault.keys, vault.is_closed);
        self.certificates(vault.name, &vault.certificates, vault.is_closed);
        self.deleted(vault.name, vault.deleted, vault.is_closed);
        id.to_lowercase()
    }

    /// Diagnostic settings of a resource.
    pub(super) fn around(&mut self, id: &str, settings: Vec<Value>) {
        let path = format!("{id}/providers/Microsoft.Insights/diagnosticSettings");
        self.arm_list(&path, "Microsoft.Insights/diagnosticSettings/read", settings);
    }

    fn metrics(&mut self, id: &str, throttled: f64) {
        let series = |status: &str, count: f64| {
            json!({"metadatavalues": [{"name": {"value": "statuscode"}, "value": status}],
                "data": [{"timeStamp": "x", "count": count}, {"timeStamp": "y"}]})
        };
        let value =
            json!({"value": [{"timeseries": [series("200", 1000.0), series("429", throttled)]}]});
        let path = format!("{id}/providers/Microsoft.Insights/metrics");
        self.arm(&path, "Microsoft.Insights/metrics/read", value);
    }

    /// Puts a list of a vault, or the refusal of its firewall.
    fn data(&mut self, plane: Plane, path: &str, right: &str, content: Content, is_closed: bool) {
        let content =
            if is_closed { Content::No(403, "Forbidden", "ForbiddenByFirewall") } else { content };
        self.put(plane, path, right, content);
    }

    fn secrets(&mut self, id: &str, vault: &str, all: &[Secret], is_closed: bool) {
        let base = self.base(Plane::Vaults, vault);
        let right = "Microsoft.KeyVault/vaults/secrets/readMetadata/action";
        let mut list = Vec::new();
        let mut by_arm = Vec::new();
        for secret in all {
            let url = format!("{base}/secrets/{}", secret.name);
            let mut item = json!({"id": url, "attributes": secret.attributes, "tags": secret.tags});
            let mut own = json!({
                "id": format!("{id}/secrets/{}", secret.name), "name": secret.name,
                "type": "Microsoft.KeyVault/vaults/secrets", "tags": secret.tags,
                "properties": {"attributes": secret.attributes, "secretUri": url},
            });
            own["properties"]["attributes"].as_object_mut().unwrap().remove("recoveryLevel");
            if let Some(text) = &secret.content_type {
                item["contentType"] = text.as_str().into();
                own["properties"]["contentType"] = text.as_str().into();
            }
            if secret.managed {
                item["managed"] = true.into();
            }
            list.push(item);
            by_arm.push(own);
            let kind = kind_of(secret.managed, "secret");
            let version = |index: usize| version(kind, &secret.name, index);
            let newest = secret.versions.len() - 1;
            by_arm.last_mut().unwrap()["properties"]["secretUriWithVersion"] =
                format!("{url}/{}", version(newest)).into();
            let versions = secret.versions.iter().enumerate();
            let versions = versions
                .map(|(index, attributes)| json!({"id": format!("{url}/{}", version(index)), "attributes": attributes}))
                .collect();
            let path = format!("/{vault}/secrets/{}/versions", secret.name);
            self.data(Plane::Vaults, &path, right, Content::Many(versions), is_closed);
            if let Some(days) = secret.read {
                let object = format!("{}/{}", url.to_lowercase(), version(newest));
                let time = self.time(days);
                self.records.push(json!([id.to_lowercase(), "SecretGet", object, time, time, 3]));
            }
            let text = secret.value.clone();
            let text = text.unwrap_or_else(|| ["planted", "value", &secret.name].join("+"));
            let get = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
            let path = format!("/{vault}/secrets/{}", secret.name);
            for index in 0..newest {
                let before = format!("{text}+{index}");
                let value = json!({"value": before, "id": format!("{url}/{}", version(index))});
                let path = format!("{path}/{}", version(index));
                self.data(Plane::Vaults, &path, get, Content::One(value), is_closed);
            }
            let value = json!({"value": text, "id": format!("{url}/{}", version(newest))});
            self.data(Plane::Vaults, &path, get, Content::One(value), is_closed);
        }
        self.data(
            Plane::Vaults,
            &format!("/{vault}/secrets"),
            right,
            Content::Many(list),
            is_closed,
        );
        let path = format!("{id}/secrets");
        self.arm_list(&path, "Microsoft.KeyVault/vaults/secrets/read", by_arm);
    }

    /// Keys of a vault or managed HSM, in both planes.
    pub(super) fn keys(
        &mut self,
        id: &str,
        (plane, vault): (Plane, &str),
        all: &[Key],
        is_closed: bool,
    ) {
        let is_hsm = plane == Plane::Hsms;
        let (right, of_versions, of_data) = if is_hsm {
            (
                "Microsoft.KeyVault/managedHSMs/keys/read",
                "Microsoft.KeyVault/managedHSMs/keys/versions/read",
                "Microsoft.KeyVault/managedHsm/keys/read/action",
            )
        } else {
            (
                "Microsoft.KeyVault/vaults/keys/read",
                "Microsoft.KeyVault/vaults/keys/versions/read",
                "Microsoft.KeyVault/vaults/keys/read",
            )
        };
        let base = self.base(plane, vault);
        let (mut list, mut items) = (Vec::new(), Vec::new());
        for key in all {
            let kind = kind_of(key.managed, "key");
            let newest = version(kind, key.name, key.versions.len() - 1);
            let own = format!("{id}/keys/{}", key.name);
            let url = format!("{base}/keys/{}", key.name);
            let value = json!({
                "id": own, "name": key.name, "properties": key.properties, "tags": {"owner": "team"},
            });
            let mut short = value.clone();
            short["properties"] =
                json!({"attributes": key.properties["attributes"], "keyUri": url});
            list.push(short);
            let mut value = value;
            value["properties"]["keyUriWithVersion"] = format!("{url}/{newest}").into();
            self.arm(&own, right, value);
            let mut versions = Vec::new();
            let mut of_vault = Vec::new();
            for (index, days) in key.versions.iter().enumerate() {
                let attributes = json!({"enabled": true, "created": self.ago(*days), "updated": self.ago(*days)});
                let version = version(kind, key.name, index);
                versions.push(json!({
                    "id": format!("{own}/versions/{version}"), "name": version,
                    "properties": {"attributes": attributes},
                }));
                of_vault.push(json!({"kid": format!("{url}/{version}"), "attributes": attributes}));
            }
            self.arm_list(&format!("{own}/versions"), of_versions, versions);
            let path = format!("/{vault}/keys/{}", key.name);
            let properties = &key.properties;
            let answer = json!({
                "key": {"kid": format!("{url}/{newest}"), "kty": properties["kty"],
                    "key_ops": properties["keyOps"], "crv": properties["curveName"],
                    "n": "gAAA".repeat(128)},
                "attributes": properties["attributes"], "tags": {"owner": "team"},
                "release_policy": properties["release_policy"],
            });
            self.data(plane, &path, of_data, Content::One(answer), is_closed);
            self.data(
                plane,
                &format!("{path}/versions"),
                of_data,
                Content::Many(of_vault),
                is_closed,
            );
            let rotation =
                if is_hsm { of_data } else { "Microsoft.KeyVault/vaults/keyrotationpolicies/read" };
            let policy = Content::One(properties["rotationPolicy"].clone());
            self.data(plane, &format!("{path}/rotationpolicy"), rotation, policy, is_closed);
            items.push(json!({"kid": url, "attributes": properties["attributes"], "tags": {"owner": "team"}, "managed": key.managed}));
            if key.uses_old {
                let object = format!("{}/{}", url.to_lowercase(), version("key", key.name, 0));
                let time = self.time(2);
                self.records.push(json!([id.to_lowercase(), "KeyUnwrap", object, time, time, 7]));
            }
        }
        self.arm_list(&format!("{id}/keys"), right, list);
        self.data(plane, &format!("/{vault}/keys"), of_data, Content::Many(items), is_closed);
    }

    fn certificates(&mut self, vault: &str, all: &[Certificate], is_closed: bool) {
        let base = self.base(Plane::Vaults, vault);
        let right = "Microsoft.KeyVault/vaults/certificates/read";
        let mut list = Vec::new();
        for one in all {
            let url = format!("{base}/certificates/{}", one.name);
            list.push(json!({"id": url, "attributes": one.attributes, "tags": {"owner": "team"}}));
            let path = format!("/{vault}/certificates/{}/policy", one.name);
            let mut policy = one.policy.clone();
            policy["id"] = format!("{url}/policy").into();
            self.data(Plane::Vaults, &path, right, Content::One(policy), is_closed);
        }
        let path = format!("/{vault}/certificates");
        self.data(Plane::Vaults, &path, right, Content::Many(list), is_closed);
        let issuers = vec![
            json!({"id": format!("{base}/certificates/issuers/corp"), "provider": "DigiCert"}),
        ];
        let right = "Microsoft.KeyVault/vaults/certificatecas/read";
        let path = format!("/{vault}/certificates/issuers");
        self.data(Plane::Vaults, &path, right, Content::Many(issuers), is_closed);
    }

    fn deleted(&mut self, vault: &str, secrets: Vec<Value>, is_closed: bool) {
        for (collection, right, items) in [
            ("secrets", "Microsoft.KeyVault/vaults/secrets/readMetadata/action", secrets),
            ("keys", "Microsoft.KeyVault/vaults/keys/read", Vec::new()),
            ("certificates", "Microsoft.KeyVault/vaults/certificates/read", Vec::new()),
        ] {
            let path = format!("/{vault}/deleted{collection}");
            self.data(Plane::Vaults, &path, right, Content::Many(items), is_closed);
        }
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

/// A connection of a private endpoint.
pub(super) fn endpoint(subscription: &str, status: &str) -> Value {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/app/providers/Microsoft.Network/privateEndpoints/pe"
    );
    json!({"id": "/x/privateEndpointConnections/pe", "properties": {
        "privateEndpoint": {"id": id}, "privateLinkServiceConnectionState": {"status": status},
    }})
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
