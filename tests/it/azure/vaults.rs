//! Vaults of the tests, with what is in them, in both planes.

use serde_json::{Value, json};

use super::server::{Content, Plane, TENANT};
use super::world::{Maker, merge};

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

impl Maker<'_> {
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
