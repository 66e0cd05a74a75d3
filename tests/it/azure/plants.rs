//! A subscription that is sound, and one with a defect for each control beside sound things.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::consumers::{consumers, users};
use super::server::{Plane, World};
use super::vaults::endpoint;
use super::world::{Maker, merge};

pub(super) const GOOD: &str = "600d0000-0000-4000-8000-000000000001";
pub(super) const BAD: &str = "bad00000-0000-4000-8000-000000000001";
const TYPE_OF_WORKSPACES: &str = "Microsoft.OperationalInsights/workspaces";

/// What is found: ids of resources by control.
pub(super) type Planted = BTreeMap<String, BTreeSet<String>>;

/// A value that a rule knows, in parts.
pub(super) fn leak() -> String {
    ["sk_li", "ve_", "aB3dE6gH9jK2", "mN5pQ8sT1vW4"].concat()
}

/// What every subscription has that is as it should be.
fn around(maker: &mut Maker<'_>, subscription: &'static str) -> Roles {
    let role = |maker: &mut Maker<'_>, name: &str, permission: Value| {
        maker.role(subscription, name, false, permission)
    };
    let roles = Roles {
        owner: role(maker, "Owner", json!({"actions": ["*"]})),
        contributor: role(
            maker,
            "Contributor",
            json!({"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"]}),
        ),
        reader: role(maker, "Reader", json!({"actions": ["*/read"]})),
        administrator: role(
            maker,
            "Key Vault Administrator",
            json!({"actions": ["*/read"], "dataActions": ["Microsoft.KeyVault/vaults/*"]}),
        ),
        user: role(
            maker,
            "Key Vault Secrets User",
            json!({"dataActions": [
                "Microsoft.KeyVault/vaults/secrets/getSecret/action",
                "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            ]}),
        ),
        officer: role(
            maker,
            "Key Vault Crypto Officer",
            json!({"dataActions": ["Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"]}),
        ),
        crypto: role(
            maker,
            "Key Vault Crypto User",
            json!({"dataActions": [
                "Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/decrypt/action",
                "Microsoft.KeyVault/vaults/keys/sign/action",
            ]}),
        ),
    };
    let workspace = Maker::workspace(subscription);
    assert!(workspace.contains(TYPE_OF_WORKSPACES));
    maker.put_workspace(&workspace, 400);
    roles
}

pub(super) struct Roles {
    owner: String,
    contributor: String,
    reader: String,
    administrator: String,
    pub(super) user: String,
    officer: String,
    crypto: String,
}

/// Alerts on what happens to vaults.
fn alerts(maker: &mut Maker<'_>, subscription: &'static str) {
    let any = |operations: &[&str]| -> Value {
        operations.iter().map(|name| json!({"field": "operationName", "equals": name})).collect()
    };
    let operations = [
        "Microsoft.KeyVault/vaults/write",
        "Microsoft.KeyVault/vaults/delete",
        "Microsoft.KeyVault/vaults/accessPolicies/write",
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
    ];
    let more = json!({"location": "Global", "properties": {
        "enabled": true, "scopes": [format!("/subscriptions/{subscription}")],
        "condition": {"allOf": [
            {"field": "category", "equals": "Administrative"}, {"anyOf": any(&operations)},
        ]},
        "actions": {"actionGroups": [{"actionGroupId": "/subscriptions/x/actionGroups/Ops"}]},
    }});
    maker.resource((subscription, "ops"), "Microsoft.Insights/activityLogAlerts", "vaults", more);
}

/// A vault with everything in it, and who uses it: nothing is wrong.
fn sound(
    maker: &mut Maker<'_>,
    subscription: &'static str,
    name: &'static str,
    roles: &Roles,
) -> String {
    let mut vault = Maker::sound(subscription, name);
    vault.secrets.push(maker.secret("database"));
    let mut managed = maker.secret("site");
    managed.managed = true;
    managed.attributes["exp"] = maker.ago(-200).into();
    managed.content_type = Some("application/x-pkcs12".into());
    vault.secrets.push(managed);
    vault.keys.push(maker.key("storage"));
    let mut of_site = maker.key("site");
    of_site.managed = true;
    vault.keys.push(of_site);
    vault.certificates.push(maker.certificate("site"));
    let id = vault_of(maker, vault);
    let lock = json!({"id": format!("{id}/providers/Microsoft.Authorization/locks/keep"),
        "name": "keep", "properties": {"level": "CanNotDelete"}});
    maker.add(subscription, "microsoft.authorization/locks", lock);
    let application = maker.principal("servicePrincipal", "app", json!({}));
    let service = (application.as_str(), "ServicePrincipal");
    maker.assign(subscription, &id, &roles.user, service, json!({}));
    let auditors = maker.principal("group", "auditors", json!({}));
    let scope = format!("/subscriptions/{subscription}");
    maker.assign(subscription, &scope, &roles.reader, (&auditors, "Group"), json!({}));
    id
}

fn vault_of(maker: &mut Maker<'_>, vault: super::vaults::Vault) -> String {
    maker.vault(vault)
}

/// A managed HSM that is as it should be, but for what is changed.
fn hsm(
    maker: &mut Maker<'_>,
    subscription: &'static str,
    name: &'static str,
    more: Value,
    settings: Vec<Value>,
) -> String {
    let base = maker.base(Plane::Hsms, name);
    let mut value = json!({"sku": {"name": "Standard_B1", "family": "B"}, "properties": {
        "hsmUri": format!("{base}/"), "tenantId": super::server::TENANT, "enableSoftDelete": true,
        "softDeleteRetentionInDays": 90, "enablePurgeProtection": true, "publicNetworkAccess": "Disabled",
        "networkAcls": {"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []},
        "provisioningState": "Succeeded", "privateEndpointConnections": [endpoint(subscription, "Approved")],
    }});
    merge(&mut value["properties"], more);
    let id = maker.resource((subscription, "app"), "Microsoft.KeyVault/managedHSMs", name, value);
    maker.around(&id, settings);
    let right = "Microsoft.KeyVault/managedHsm/roleAssignments/read/action";
    let path = format!("/{name}/providers/microsoft.authorization/roleassignments");
    maker.put(Plane::Hsms, &path, right, super::server::Content::Many(Vec::new()));
    id
}

/// A subscription with nothing wrong in it.
pub(super) fn good(ports: &BTreeMap<Plane, u16>) -> World {
    let mut maker = Maker::new(ports);
    maker.subscription(GOOD, "good", "Standard");
    let roles = around(&mut maker, GOOD);
    alerts(&mut maker, GOOD);
    sound(&mut maker, GOOD, "good-kv", &roles);
    consumers(&mut maker, GOOD, "good-kv");
    let setting = Maker::setting(json!({"workspaceId": Maker::workspace(GOOD)}));
    let id = hsm(&mut maker, GOOD, "good-hsm", json!({}), vec![setting]);
    let key = maker.key("root");
    maker.keys(&id, (Plane::Hsms, "good-hsm"), &[key], false);
    let owner = maker.principal("user", "ada", json!({}));
    let subscription = format!("/subscriptions/{GOOD}");
    maker.assign(GOOD, &subscription, &roles.reader, (&owner, "User"), json!({}));
    let credential = json!({"keyId": "k", "displayName": "deploy", "startDateTime": maker.time(10), "endDateTime": maker.time(-80)});
    let owners =
        vec![json!({"@odata.type": "#microsoft.graph.user", "id": owner, "displayName": "ada"})];
    maker.application(
        "good-registration",
        json!({"passwordCredentials": [credential]}),
        owners,
        Vec::new(),
    );
    maker.finish()
}

/// A subscription with a defect for each control, and what is found there.
pub(super) fn bad(ports: &BTreeMap<Plane, u16>) -> (World, Planted) {
    let mut maker = Maker::new(ports);
    let mut planted = Planted::new();
    let mut plant = |control: &str, id: &str| {
        planted.entry(control.to_owned()).or_default().insert(id.to_lowercase());
    };
    maker.subscription(BAD, "bad", "Free");
    let subscription = format!("/subscriptions/{BAD}");
    plant("az-kv-defender", &subscription);
    plant("az-kv-alert-rules", &subscription);
    let roles = around(&mut maker, BAD);
    let sound_vault = sound(&mut maker, BAD, "sound-kv", &roles);
    consumers(&mut maker, BAD, "sound-kv");
    people(&mut maker, &roles, &sound_vault, &mut plant);
    vaults(&mut maker, &mut plant);
    objects(&mut maker, &mut plant);
    logs(&mut maker, &mut plant);
    hsms(&mut maker, &mut plant);
    users(&mut maker, &roles, &sound_vault, &mut plant);
    // Of all those people each can read it.
    plant("az-kv-vault-shared", &sound_vault);
    applications(&mut maker, &roles, &sound_vault, &mut plant);
    (maker.finish(), planted)
}

pub(super) type Plant<'p> = dyn FnMut(&str, &str) + 'p;

/// Roles that are too much.
fn people(maker: &mut Maker<'_>, roles: &Roles, vault: &str, plant: &mut Plant<'_>) {
    let subscription = format!("/subscriptions/{BAD}");
    let service = maker.principal("servicePrincipal", "worker", json!({}));
    let broad =
        maker.assign(BAD, &subscription, &roles.user, (&service, "ServicePrincipal"), json!({}));
    plant("az-kv-role-broad-scope", &broad);
    let user = maker.principal("user", "bob", json!({}));
    let direct = maker.assign(BAD, vault, &roles.user, (&user, "User"), json!({}));
    plant("az-kv-role-user-direct", &direct);
    let group = maker.principal("group", "operators", json!({}));
    maker.members(&group, &[("user", &user), ("group", "inner"), ("servicePrincipal", &service)]);
    let standing = maker.assign(BAD, vault, &roles.administrator, (&group, "Group"), json!({}));
    plant("az-kv-role-standing-admin", &standing);
    // For hours, by Privileged Identity Management.
    let admin = maker.principal("user", "cleo", json!({}));
    let timed = maker.assign(BAD, vault, &roles.administrator, (&admin, "User"), json!({}));
    let instance = json!({"id": "/instance", "properties": {
        "scope": vault, "roleDefinitionId": roles.administrator, "principalId": admin,
        "assignmentType": "Activated", "originRoleAssignmentId": timed, "endDateTime": maker.time(-1),
    }});
    maker.add(BAD, "microsoft.authorization/roleassignmentscheduleinstances", instance);
    let guest = maker.principal("user", "guest", json!({"userType": "Guest"}));
    let of_guest = maker.assign(BAD, vault, &roles.user, (&guest, "User"), json!({}));
    plant("az-kv-role-guest", &of_guest);
    plant("az-kv-role-user-direct", &of_guest);
    let gone = maker.id();
    let orphan = maker.assign(BAD, vault, &roles.user, (&gone, "ServicePrincipal"), json!({}));
    plant("az-kv-access-policy-orphan", &orphan);
    let custom = maker.role(
        BAD,
        "Everything in vaults",
        true,
        json!({"dataActions": ["Microsoft.KeyVault/*"]}),
    );
    plant("az-kv-custom-role-wildcard", &custom);
    let both = maker.principal("servicePrincipal", "both", json!({}));
    maker.assign(BAD, vault, &roles.officer, (&both, "ServicePrincipal"), json!({}));
    maker.assign(BAD, vault, &roles.crypto, (&both, "ServicePrincipal"), json!({}));
    plant("az-kv-sod-crypto", &format!("/directoryobjects/{both}"));
    // May make himself an access policy, where those count.
    let contributor = maker.principal("user", "dan", json!({}));
    maker.assign(BAD, &subscription, &roles.contributor, (&contributor, "User"), json!({}));
    let owners = maker.principal("group", "owners", json!({}));
    maker.assign(BAD, &subscription, &roles.owner, (&owners, "Group"), json!({}));
}

/// What is wrong with vaults themselves.
fn vaults(maker: &mut Maker<'_>, plant: &mut Plant<'_>) {
    let policy = |object: &str, secrets: &[&str]| {
        json!({"tenantId": super::server::TENANT, "objectId": object,
            "permissions": {"secrets": secrets, "keys": [], "certificates": []}})
    };
    let known = maker.principal("servicePrincipal", "by-policy", json!({}));
    let mut vault = Maker::sound(BAD, "policies-kv");
    vault.properties = json!({"enableRbacAuthorization": false, "accessPolicies": [policy(&known, &["Get", "List"])]});
    vault.secrets.push(maker.secret("one"));
    let id = maker.vault(vault);
    plant("az-kv-rbac", &id);
    plant("az-kv-contributor-escalation", &id);
    let gone = maker.id();
    let mut through = policy(&known, &["get"]);
    through["applicationId"] = maker.id().into();
    let mut many = vec![policy(&known, &["all"]), policy(&gone, &["get"]), through];
    many.extend((0..50).map(|_| policy(&known, &["list"])));
    let mut vault = Maker::sound(BAD, "wide-kv");
    vault.properties = json!({"enableRbacAuthorization": false, "accessPolicies": many});
    let id = maker.vault(vault);
    for control in [
        "az-kv-rbac",
        "az-kv-contributor-escalation",
        "az-kv-access-policy-wide",
        "az-kv-access-policy-orphan",
        "az-kv-access-policy-limit",
        "az-kv-access-policy-compound",
    ] {
        plant(control, &id);
    }
    let changes = [
        ("soft-kv", json!({"enableSoftDelete": false}), "az-kv-soft-delete"),
        ("retention-kv", json!({"softDeleteRetentionInDays": 7}), "az-kv-retention"),
        ("purge-kv", json!({"enablePurgeProtection": null}), "az-kv-purge-protection"),
        (
            "public-kv",
            json!({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}),
            "az-kv-public-network",
        ),
        (
            "range-kv",
            json!({"publicNetworkAccess": "Enabled", "networkAcls": {"ipRules": [{"value": "203.0.0.0/8"}]}}),
            "az-kv-firewall-wide",
        ),
        ("bypass-kv", json!({"networkAcls": {"bypass": "AzureServices"}}), "az-kv-trusted-bypass"),
        ("no-endpoint-kv", json!({"privateEndpointConnections": []}), "az-kv-private-endpoint"),
        (
            "pending-kv",
            json!({"privateEndpointConnections": [endpoint(BAD, "Approved"), endpoint("elsewhere", "Pending")]}),
            "az-kv-private-endpoint-pending",
        ),
        ("flags-kv", json!({"enabledForDeployment": true}), "az-kv-deployment-flags"),
    ];
    for (name, properties, control) in changes {
        let mut vault = Maker::sound(BAD, name);
        vault.properties = properties;
        let id = maker.vault(vault);
        plant(control, &id);
    }
    let mut vault = Maker::sound(BAD, "prod-kv");
    vault.tags = json!({"env": "prod"});
    let id = maker.vault(vault);
    plant("az-kv-lock", &id);
    let mut vault = Maker::sound(BAD, "busy-kv");
    vault.throttled = 20.0;
    let id = maker.vault(vault);
    plant("az-kv-throttle", &id);
    let mut vault = Maker::sound(BAD, "silent-kv");
    vault.events = Vec::new();
    vault.secrets.push(maker.secret("one"));
    let id = maker.vault(vault);
    plant("az-kv-events-near-expiry", &id);
    let mut vault = Maker::sound(BAD, "shared-kv");
    let named = |name: &str, environment: &str| {
        let mut secret = maker.secret(name);
        secret.tags = json!({"owner": "team", "env": environment});
        secret
    };
    vault.secrets.extend([named("a", "test"), named("b", "live")]);
    let id = maker.vault(vault);
    plant("az-kv-vault-shared", &id);
    let gone = format!(
        "/subscriptions/{BAD}/resourceGroups/app/providers/Microsoft.KeyVault/vaults/gone-kv"
    );
    let deleted = json!({"id": "/x", "name": "gone-kv", "properties": {
        "vaultId": gone, "location": "westeurope", "deletionDate": maker.time(40),
        "scheduledPurgeDate": maker.time(-50), "purgeProtectionEnabled": true,
    }});
    maker.add(BAD, "microsoft.keyvault/deletedvaults", deleted);
    plant("az-kv-deleted-vault-pending", &format!("{gone}#deleted"));
    let mut vault = Maker::sound(BAD, "trash-kv");
    vault.deleted.push(json!({
        "id": format!("{}/secrets/old", maker.base(Plane::Vaults, "trash-kv")),
        "deletedDate": maker.ago(45), "scheduledPurgeDate": maker.ago(-45),
        "attributes": {"enabled": true, "created": maker.ago(100)},
    }));
    let id = maker.vault(vault);
    plant("az-kv-deleted-vault-pending", &format!("{id}/secrets/old#deleted"));
}

/// What is wrong with secrets, keys and certificates.
fn objects(maker: &mut Maker<'_>, plant: &mut Plant<'_>) {
    let mut vault = Maker::sound(BAD, "objects-kv");
    let id = format!(
        "/subscriptions/{BAD}/resourcegroups/app/providers/microsoft.keyvault/vaults/objects-kv"
    );
    let ago = |days: i64| maker.ago(days);
    let attributes = |more: Value| {
        let mut all =
            json!({"enabled": true, "created": ago(20), "updated": ago(20), "exp": ago(-60)});
        merge(&mut all, more);
        all
    };
    let mut add = |name: &str,
                   more: Value,
                   controls: &[&str],
                   change: &dyn Fn(&mut super::vaults::Secret)| {
        let mut secret = maker.secret(name);
        secret.attributes = attributes(more);
        secret.versions = vec![secret.attributes.clone()];
        change(&mut secret);
        vault.secrets.push(secret);
        for control in controls {
            plant(control, &format!("{id}/secrets/{name}"));
        }
    };
    let same = |_: &mut super::vaults::Secret| {};
    add("no-expiry", json!({"exp": null}), &["az-kv-secret-no-expiry"], &same);
    add("expired", json!({"exp": ago(2)}), &["az-kv-secret-expired"], &same);
    add("expiring", json!({"exp": ago(-10)}), &["az-kv-secret-expiring"], &same);
    add("too-long", json!({"exp": ago(-300)}), &["az-kv-secret-validity-long"], &same);
    let old = json!({"created": ago(150), "updated": ago(150), "nbf": ago(20)});
    add("old-value", old, &["az-kv-secret-active-long"], &same);
    add("two-versions", json!({}), &["az-kv-secret-old-versions-enabled"], &|secret| {
        let mut before = secret.attributes.clone();
        before["created"] = ago(80).into();
        secret.versions.insert(0, before);
    });
    add("no-type", json!({}), &["az-kv-secret-content-type"], &|secret| secret.content_type = None);
    add("no-owner", json!({}), &["az-kv-secret-owner-tags"], &|secret| secret.tags = json!({}));
    let kept = json!({"enabled": false, "updated": ago(200), "created": ago(300)});
    add("kept", kept, &["az-kv-secret-disabled-kept"], &same);
    let unused = json!({"created": ago(120), "nbf": ago(20)});
    add("unused", unused, &["az-kv-secret-unused", "az-kv-secret-active-long"], &|secret| {
        secret.read = None;
    });
    add("tagged", json!({}), &["az-kv-secret-in-name-or-tag"], &|secret| {
        secret.tags["note"] = leak().into();
    });
    let mut add = |name: &'static str, more: Value, controls: &[&str], versions: &[i64]| {
        let mut key = maker.key(name);
        merge(&mut key.properties, more);
        key.versions = versions.to_vec();
        vault.keys.push(key);
        for control in controls {
            plant(control, &format!("{id}/keys/{name}"));
        }
    };
    add("no-expiry", json!({"attributes": {"exp": null}}), &["az-kv-key-no-expiry"], &[30]);
    add("expiring", json!({"attributes": {"exp": ago(-10)}}), &["az-kv-key-expiring"], &[30]);
    let none = json!({"rotationPolicy": {"lifetimeActions": []}});
    add("no-rotation", none, &["az-kv-key-rotation-policy"], &[30]);
    let old = json!({"attributes": {"created": ago(400), "updated": ago(400)}});
    add("old", old, &["az-kv-key-age"], &[400]);
    add("weak", json!({"keySize": 1024}), &["az-kv-key-weak"], &[30]);
    add("wide", json!({"keyOps": ["sign", "unwrapKey"]}), &["az-kv-key-ops-wide"], &[30]);
    let exportable = json!({"attributes": {"exportable": true}});
    add("exportable", exportable, &["az-kv-key-exportable"], &[30]);
    add("used-old", json!({}), &["az-kv-key-old-versions"], &[200, 30]);
    vault.keys.last_mut().unwrap().uses_old = true;
    let mut add = |name: &'static str, attributes: Value, policy: Value, controls: &[&str]| {
        let mut certificate = maker.certificate(name);
        merge(&mut certificate.attributes, attributes);
        merge(&mut certificate.policy, policy);
        vault.certificates.push(certificate);
        for control in controls {
            plant(control, &format!("{id}/certificates/{name}"));
        }
    };
    let long = json!({"x509_props": {"validity_months": 36}});
    add("long", json!({}), long, &["az-kv-cert-validity"]);
    add("ending", json!({"exp": ago(-10)}), json!({}), &["az-kv-cert-expiring"]);
    let by_mail = json!({"lifetime_actions": [{"trigger": {"days_before_expiry": 30}, "action": {"action_type": "EmailContacts"}}]});
    add("by-mail", json!({}), by_mail, &["az-kv-cert-lifetime-action"]);
    let exportable = json!({"key_props": {"exportable": true}});
    add("open", json!({}), exportable, &["az-kv-cert-key"]);
    add("self", json!({}), json!({"issuer": {"name": "Self"}}), &["az-kv-cert-issuer"]);
    let real = maker.vault(vault);
    assert_eq!(real, id);
    // Marked as what must be in hardware.
    let mut vault = Maker::sound(BAD, "marked-kv");
    vault.tags = json!({"data-class": "restricted"});
    let mut key = maker.key("soft");
    key.properties["kty"] = "RSA".into();
    vault.keys.push(key);
    let id = maker.vault(vault);
    plant("az-kv-key-hsm", &format!("{id}/keys/soft"));
}

/// What is wrong with records.
fn logs(maker: &mut Maker<'_>, plant: &mut Plant<'_>) {
    let mut vault = Maker::sound(BAD, "unlogged-kv");
    vault.settings = Some(Vec::new());
    let id = maker.vault(vault);
    plant("az-kv-diagnostics", &id);
    let gone =
        format!("/subscriptions/{BAD}/resourceGroups/logs/providers/{TYPE_OF_WORKSPACES}/gone");
    let mut vault = Maker::sound(BAD, "lost-kv");
    vault.settings = Some(vec![Maker::setting(json!({"workspaceId": gone}))]);
    let id = maker.vault(vault);
    plant("az-kv-diag-sink-missing", &id);
    let short =
        format!("/subscriptions/{BAD}/resourceGroups/logs/providers/{TYPE_OF_WORKSPACES}/short");
    maker.put_workspace(&short, 30);
    let mut vault = Maker::sound(BAD, "short-kv");
    vault.settings = Some(vec![Maker::setting(json!({"workspaceId": short}))]);
    let id = maker.vault(vault);
    plant("az-kv-diag-retention", &id);
    let near =
        format!("/subscriptions/{BAD}/resourceGroups/app/providers/{TYPE_OF_WORKSPACES}/near");
    maker.put_workspace(&near, 400);
    let mut vault = Maker::sound(BAD, "near-kv");
    vault.settings = Some(vec![Maker::setting(json!({"workspaceId": near}))]);
    let id = maker.vault(vault);
    plant("az-kv-diag-same-admin", &id);
}

fn hsms(maker: &mut Maker<'_>, plant: &mut Plant<'_>) {
    let setting = || vec![Maker::setting(json!({"workspaceId": Maker::workspace(BAD)}))];
    let changes = [
        ("purge-hsm", json!({"enablePurgeProtection": false}), setting(), "az-hsm-purge"),
        (
            "public-hsm",
            json!({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}),
            setting(),
            "az-hsm-network",
        ),
        ("unlogged-hsm", json!({}), Vec::new(), "az-hsm-diagnostics"),
    ];
    for (name, properties, settings, control) in changes {
        let id = hsm(maker, BAD, name, properties, settings);
        maker.keys(&id, (Plane::Hsms, name), &[], false);
        plant(control, &id);
    }
    let id = hsm(maker, BAD, "keys-hsm", json!({}), setting());
    let mut key = maker.key("endless");
    merge(&mut key.properties, json!({"attributes": {"exp": null}}));
    maker.keys(&id, (Plane::Hsms, "keys-hsm"), &[key], false);
    plant("az-hsm-key", &format!("{id}/keys/endless"));
}

/// App registrations.
fn applications(maker: &mut Maker<'_>, roles: &Roles, vault: &str, plant: &mut Plant<'_>) {
    let password = |maker: &Maker<'_>, from: i64, to: i64| json!({"keyId": "k", "displayName": "deploy", "startDateTime": maker.time(from), "endDateTime": maker.time(-to)});
    let long = password(maker, 10, 700);
    let id =
        maker.application("long", json!({"passwordCredentials": [long]}), Vec::new(), Vec::new());
    plant("az-app-secret-no-or-long-expiry", &id);
    let over = password(maker, 100, -10);
    let id =
        maker.application("over", json!({"passwordCredentials": [over]}), Vec::new(), Vec::new());
    plant("az-app-secret-expired", &id);
    let many: Vec<Value> = (0..3).map(|_| password(maker, 10, 80)).collect();
    let id =
        maker.application("many", json!({"passwordCredentials": many}), Vec::new(), Vec::new());
    plant("az-app-secret-sprawl", &id);
    let expression = json!({"name": "any", "issuer": "https://token.actions.githubusercontent.com",
        "audiences": ["api://AzureADTokenExchange"], "subject": null,
        "claimsMatchingExpression": {"value": "claims['sub'] matches 'repo:org/*:ref:refs/heads/*'", "languageVersion": 1}});
    let id = maker.application("federated", json!({}), Vec::new(), vec![expression]);
    plant("az-app-federated-wildcard", &format!("{id}/federatedidentitycredentials/any"));
    let application = maker.id();
    let service = maker.principal("servicePrincipal", "owned", json!({"appId": application}));
    maker.assign(BAD, vault, &roles.user, (&service, "ServicePrincipal"), json!({}));
    let owner = maker.principal("user", "erin", json!({}));
    let owners = vec![
        json!({"@odata.type": "#microsoft.graph.user", "id": owner, "displayName": "erin", "userPrincipalName": "erin@example.org"}),
    ];
    let own = password(maker, 10, 80);
    let more = json!({"appId": application, "passwordCredentials": [own]});
    let id = maker.application("owned", more, owners, Vec::new());
    plant("az-app-owner-escalation", &id);
    maker.admin(&owner, "not-a-role-that-counts");
}
