//! Key vaults and managed HSMs, as the management plane has them.

use serde_json::{Value, json};

use super::calls::{
    DIAGNOSTICS, EVENT_SUBSCRIPTIONS, HSMS, METRICS, TOPIC_SUBSCRIPTIONS, TOPICS, VAULTS,
};
use super::context::{Azure, Scope};
use super::locks::Locks;
use super::sheet::{Draft, whole};
use crate::collect::field::{Field, items, pick, plain, string, strings, time};
use crate::collect::rest::Failure;

pub(super) const VAULT: &str = "azure_key_vault";
pub(super) const HSM: &str = "azure_managed_hsm";

static OF_VAULT: &[Field] = &[
    plain("vaultUri").of("properties.vaultUri"),
    plain("tenantId").of("properties.tenantId"),
    plain("enableRbacAuthorization").of("properties.enableRbacAuthorization"),
    plain("enableSoftDelete").of("properties.enableSoftDelete"),
    plain("softDeleteRetentionInDays").of("properties.softDeleteRetentionInDays"),
    plain("enablePurgeProtection").of("properties.enablePurgeProtection"),
    plain("publicNetworkAccess").of("properties.publicNetworkAccess"),
    plain("enabledForDeployment").of("properties.enabledForDeployment"),
    plain("enabledForDiskEncryption").of("properties.enabledForDiskEncryption"),
    plain("enabledForTemplateDeployment").of("properties.enabledForTemplateDeployment"),
    plain("provisioningState").of("properties.provisioningState"),
    time("created").of("systemData.createdAt"),
];
static OF_HSM: &[Field] = &[
    plain("hsmUri").of("properties.hsmUri"),
    plain("tenantId").of("properties.tenantId"),
    plain("enableSoftDelete").of("properties.enableSoftDelete"),
    plain("softDeleteRetentionInDays").of("properties.softDeleteRetentionInDays"),
    plain("enablePurgeProtection").of("properties.enablePurgeProtection"),
    plain("publicNetworkAccess").of("properties.publicNetworkAccess"),
    plain("provisioningState").of("properties.provisioningState"),
];
static OF_SKU: &[Field] = &[plain("name"), plain("family")];

/// A vault or managed HSM.
#[derive(Debug, Clone)]
pub(super) struct Vault {
    pub(super) draft: Draft,
    /// Its id as ARM has it.
    pub(super) arm: String,
    /// Where its data is asked for; why not, if nobody is to be asked there.
    pub(super) base: Result<String, String>,
    pub(super) scope: Scope,
    pub(super) is_hsm: bool,
    /// What its settings send where.
    pub(super) settings: Vec<Setting>,
}

impl Vault {
    pub(super) fn id(&self) -> &str {
        self.draft.id()
    }

    /// The host of its data, in lower case, without a port.
    pub(super) fn host(&self) -> Option<String> {
        let base = self.base.as_ref().ok()?;
        let url: reqwest::Url = base.parse().ok()?;
        // With its path, which only servers of tests have.
        Some(format!("{}{}", url.host_str()?, url.path().trim_end_matches('/')).to_lowercase())
    }

    /// Whether access policies count, and not roles.
    pub(super) fn has_access_policies(&self) -> bool {
        !self.is_hsm && *self.draft.get("enableRbacAuthorization") != true
    }

    /// A fact of something in it.
    pub(super) fn child(&self, kind: &'static str, collection: &str, name: &str) -> Draft {
        let id = format!("{}/{collection}/{name}", self.id());
        let mut draft = Draft::new(kind, &id, Some(&self.scope.tenant));
        draft.key = name.to_lowercase();
        draft.set("name", name);
        draft.set("vault", self.id());
        draft
    }
}

/// A diagnostic setting.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Whether it sends records of what was done with secrets and keys.
    pub(super) audits: bool,
    /// Id of a workspace that it sends to, as given.
    pub(super) workspace: Option<String>,
    /// Whether a workspace gets a table for each category.
    pub(super) is_dedicated: bool,
    /// Everything that it sends to: id as given, and what that is.
    pub(super) sinks: Vec<(String, &'static str)>,
}

/// Reads the vaults of a subscription, or the one vault.
pub(super) async fn vaults(azure: &Azure<'_>, scope: &Scope, locks: &Locks) -> Vec<Vault> {
    let path = format!("{}/providers/Microsoft.KeyVault/vaults", scope.path());
    let kinds = super::kinds::of_vaults();
    let found = if let Some(id) = &scope.vault {
        let why = match azure.get(&VAULTS, id, "").await {
            Ok(Some(one)) => Ok(vec![one]),
            Ok(None) => Err("there is no such vault".to_owned()),
            Err(failure) => Err(failure.why),
        };
        why.unwrap_or_else(|why| {
            azure.sheet.gap(&kinds, id, &why);
            Vec::new()
        })
    } else {
        let listed = azure.list(&VAULTS, &path, "").await;
        azure.sheet.whole(&kinds, &path, listed)
    };
    let topics = topics(azure, scope).await;
    let made = found.iter().filter_map(|one| vault(azure, scope, one));
    super::each(made, |vault| finish(azure, vault, locks, &topics)).await
}

/// Reads the managed HSMs of a subscription.
pub(super) async fn hsms(azure: &Azure<'_>, scope: &Scope, locks: &Locks) -> Vec<Vault> {
    if scope.vault.is_some() {
        return Vec::new();
    }
    let kinds = super::kinds::of_hsms();
    let found = azure.all(&HSMS, &kinds, scope, "Microsoft.KeyVault/managedHSMs").await;
    let made = found.iter().filter_map(|one| hsm(azure, scope, one));
    let none = Ok(Vec::new());
    super::each(made, |hsm| finish(azure, hsm, locks, &none)).await
}

fn vault(azure: &Azure<'_>, scope: &Scope, one: &Value) -> Option<Vault> {
    let mut draft = Draft::of(VAULT, one, &scope.tenant)?;
    draft.copy(OF_VAULT, one);
    let properties = one.get("properties")?;
    draft.set("sku", pick(OF_SKU, &properties["sku"]));
    draft.set("networkAcls", network(properties));
    let policies: Value = items(properties, "accessPolicies").iter().map(access_policy).collect();
    draft.set("accessPolicies", policies);
    draft.set("private_endpoints", endpoints(properties));
    draft.tell_leaks(azure.judge, &[]);
    let uri = string(properties, "vaultUri").unwrap_or_default();
    let base = azure.cloud.vault(uri).ok_or_else(|| "its address is none of this cloud".to_owned());
    Some(made(draft, one, base, scope, false))
}

fn hsm(azure: &Azure<'_>, scope: &Scope, one: &Value) -> Option<Vault> {
    let mut draft = Draft::of(HSM, one, &scope.tenant)?;
    draft.copy(OF_HSM, one);
    let properties = one.get("properties")?;
    draft.set("sku", pick(OF_SKU, &one["sku"]));
    draft.set("networkAcls", network(properties));
    draft.set("private_endpoints", endpoints(properties));
    let uri = string(properties, "hsmUri").unwrap_or_default();
    let base = azure.cloud.hsm(uri).ok_or_else(|| "its address is none of this cloud".to_owned());
    Some(made(draft, one, base, scope, true))
}

fn made(
    draft: Draft,
    one: &Value,
    base: Result<String, String>,
    scope: &Scope,
    is_hsm: bool,
) -> Vault {
    let arm = string(one, "id").unwrap_or_default().to_owned();
    Vault { draft, arm, base, scope: scope.clone(), is_hsm, settings: Vec::new() }
}

/// `networkAcls` without the objects around its rules.
fn network(properties: &Value) -> Value {
    let Some(acls) = properties.get("networkAcls").filter(|acls| acls.is_object()) else {
        return Value::Null;
    };
    let texts = |name: &str, of: &str| -> Vec<&str> {
        items(acls, name).iter().filter_map(|rule| string(rule, of)).collect()
    };
    json!({
        "bypass": acls.get("bypass"),
        "defaultAction": acls.get("defaultAction"),
        "ipRules": texts("ipRules", "value"),
        "virtualNetworkRules": texts("virtualNetworkRules", "id"),
    })
}

fn access_policy(policy: &Value) -> Value {
    let permissions = |name: &str| -> Vec<String> {
        let all = strings(policy, &format!("permissions.{name}"));
        all.iter().map(|one| one.to_lowercase()).collect()
    };
    let id = |name: &str| string(policy, name).map(str::to_lowercase);
    json!({
        "tenantId": id("tenantId"), "objectId": id("objectId"), "applicationId": id("applicationId"),
        "permissions": {
            "keys": permissions("keys"), "secrets": permissions("secrets"),
            "certificates": permissions("certificates"), "storage": permissions("storage"),
        },
    })
}

fn endpoints(properties: &Value) -> Value {
    let endpoint = |one: &Value| {
        let endpoint = string(one, "properties.privateEndpoint.id").map(str::to_lowercase);
        let subscription =
            endpoint.as_deref().and_then(|id| id.split('/').nth(2)).map(str::to_owned);
        let state = "properties.privateLinkServiceConnectionState";
        // The connection itself has an id, whose last part is its name.
        let name = string(one, "id").map(|id| id.rsplit('/').next().unwrap_or_default());
        json!({
            "name": name, "endpoint": endpoint, "subscription": subscription,
            "status": string(one, &format!("{state}.status")),
            "description": string(one, &format!("{state}.description")),
        })
    };
    items(properties, "privateEndpointConnections").iter().map(endpoint).collect()
}

/// Asks what the list leaves out.
async fn finish(
    azure: &Azure<'_>,
    mut vault: Vault,
    locks: &Locks,
    topics: &Result<Vec<Value>, String>,
) -> Vault {
    let (settings, events, metrics) = futures_util::join!(
        diagnostics(azure, &vault.arm),
        async { if vault.is_hsm { None } else { Some(events(azure, &vault, topics).await) } },
        async {
            let wants = !vault.is_hsm && azure.wants(&[VAULT]);
            if wants { Some(metrics(azure, &vault.arm).await) } else { None }
        },
    );
    match settings {
        Ok((told, settings)) => {
            vault.draft.set("diagnostic_settings", told);
            vault.settings = settings;
        }
        Err(why) => vault.draft.unread(&["diagnostic_settings"], &why),
    }
    let held = locks.of(&vault.arm);
    vault.draft.read("locks", held);
    if let Some(events) = events {
        vault.draft.read("event_subscriptions", events);
    }
    match metrics {
        Some(Ok((all, throttled))) => {
            vault.draft.set("api_calls", all);
            vault.draft.set("throttled_calls", throttled);
        }
        Some(Err(why)) => vault.draft.unread(&["api_calls", "throttled_calls"], &why),
        None => {}
    }
    vault
}

/// The diagnostic settings of a resource.
pub(super) async fn diagnostics(
    azure: &Azure<'_>,
    arm: &str,
) -> Result<(Value, Vec<Setting>), String> {
    let path = format!("{arm}/providers/Microsoft.Insights/diagnosticSettings");
    let all = whole(azure.list(&DIAGNOSTICS, &path, "").await)?;
    let mut settings = Vec::new();
    let told = all.iter().map(|one| {
        let setting = setting(one);
        let sinks: Vec<String> =
            setting.sinks.iter().map(|(id, _)| super::sinks::id_of(id)).collect();
        settings.push(setting);
        let log =
            |log: &Value| pick(&[plain("category"), plain("categoryGroup"), plain("enabled")], log);
        let logs: Value = items(one, "properties.logs").iter().map(log).collect();
        json!({"name": one.get("name"), "logs": logs, "sinks": sinks})
    });
    let told: Value = told.collect();
    Ok((told, settings))
}

fn setting(one: &Value) -> Setting {
    let of = |name: &str| string(one, &format!("properties.{name}")).map(str::to_owned);
    let audits = items(one, "properties.logs").iter().any(|log| {
        let is_audit = string(log, "category") == Some("AuditEvent")
            || matches!(string(log, "categoryGroup"), Some("audit" | "allLogs"));
        is_audit && log["enabled"] == true
    });
    let mut sinks = Vec::new();
    let workspace = of("workspaceId");
    sinks.extend(workspace.clone().map(|id| (id, "workspace")));
    sinks.extend(of("storageAccountId").map(|id| (id, "storage_account")));
    if let Some(rule) = of("eventHubAuthorizationRuleId") {
        // `.../namespaces/N/authorizationRules/R`
        let lower = rule.to_lowercase();
        let end = lower.find("/authorizationrules/").unwrap_or(rule.len());
        let namespace = rule.get(..end).unwrap_or(&rule);
        let hub = match of("eventHubName") {
            Some(name) => format!("{namespace}/eventhubs/{name}"),
            None => namespace.to_owned(),
        };
        sinks.push((hub, "event_hub"));
    }
    sinks.extend(of("marketplacePartnerId").map(|id| (id, "partner")));
    let is_dedicated = of("logAnalyticsDestinationType")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Dedicated"));
    Setting { audits, workspace, is_dedicated, sinks }
}

/// The system topics of a subscription whose source is a vault.
async fn topics(azure: &Azure<'_>, scope: &Scope) -> Result<Vec<Value>, String> {
    if !azure.wants(&[VAULT]) {
        return Ok(Vec::new());
    }
    let path = format!("{}/providers/Microsoft.EventGrid/systemTopics", scope.path());
    let mut all = whole(azure.list(&TOPICS, &path, "").await)?;
    all.retain(|topic| string(topic, "properties.source").is_some());
    Ok(all)
}

async fn events(
    azure: &Azure<'_>,
    vault: &Vault,
    topics: &Result<Vec<Value>, String>,
) -> Result<Value, String> {
    if !azure.wants(&[VAULT]) {
        return Ok(Value::Null);
    }
    let own = |topic: &&Value| {
        string(topic, "properties.source").is_some_and(|id| id.eq_ignore_ascii_case(&vault.arm))
    };
    let topics = topics.as_ref().map_err(Clone::clone)?;
    let path = format!("{}/providers/Microsoft.EventGrid/eventSubscriptions", vault.arm);
    let mut all = whole(azure.list(&EVENT_SUBSCRIPTIONS, &path, "").await)?;
    for topic in topics.iter().filter(own) {
        let path = format!("{}/eventSubscriptions", string(topic, "id").unwrap_or_default());
        all.extend(whole(azure.list(&TOPIC_SUBSCRIPTIONS, &path, "").await)?);
    }
    let told = |one: &Value| {
        let types = "properties.filter.includedEventTypes";
        json!({
            "name": one.get("name"),
            "includedEventTypes": crate::collect::field::at(one, types),
            "provisioningState": string(one, "properties.provisioningState"),
            "endpointType": string(one, "properties.destination.endpointType")
                .or_else(|| string(one, "properties.deliveryWithResourceIdentity.destination.endpointType")),
        })
    };
    let mut names = std::collections::BTreeSet::new();
    // A subscription of a topic is told of by the vault too.
    all.retain(|one| names.insert(string(one, "id").unwrap_or_default().to_lowercase()));
    Ok(all.iter().map(told).collect())
}

/// How many calls were answered in seven days, and how many of them with 429.
async fn metrics(azure: &Azure<'_>, arm: &str) -> Result<(u64, u64), String> {
    let path = format!("{arm}/providers/Microsoft.Insights/metrics");
    let from = azure.days_ago(7);
    let query = format!(
        "metricnames=ServiceApiResult&timespan={from}/{}&interval=P1D&aggregation=count\
         &$filter=StatusCode%20eq%20%27*%27",
        azure.now_text(),
    );
    let answer = azure.get(&METRICS, &path, &query).await.map_err(|failure| failure.why)?;
    let answer = answer.ok_or_else(|| Failure::new("there is no such thing", METRICS.name).why)?;
    let (mut all, mut throttled) = (0, 0);
    for series in items(&answer, "value").iter().flat_map(|metric| items(metric, "timeseries")) {
        let status = items(series, "metadatavalues").iter().find_map(|one| {
            let name = string(one, "name.value")?;
            name.eq_ignore_ascii_case("statuscode").then(|| string(one, "value")).flatten()
        });
        let count: f64 =
            items(series, "data").iter().filter_map(|point| point["count"].as_f64()).sum();
        #[expect(clippy::cast_sign_loss, reason = "counts are not negative")]
        let count = count.max(0.0) as u64;
        all += count;
        if status == Some("429") {
            throttled += count;
        }
    }
    Ok((all, throttled))
}
