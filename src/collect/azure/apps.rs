//! Apps of App Service, Functions and Container Apps: what is in their settings, and which secrets they name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::calls::{CONTAINER_APPS, REFERENCES, RESOURCES, SETTINGS, SITES, SLOTS};
use super::context::{Azure, Scope};
use super::index::{Index, Target};
use super::sheet::{Draft, whole};
use super::watch;
use crate::collect::field::{items, plain, string};
use crate::collect::leaks::Leaks;
use crate::collect::values::wipe;

pub(super) const APP: &str = "azure_web_app";
pub(super) const REFERENCE: &str = "azure_secret_reference";

/// Where settings are, and how they are called in facts.
static KINDS: [(&str, &str); 2] =
    [("appsettings", "appSettings"), ("connectionstrings", "connectionStrings")];

/// What is known of all apps of a subscription.
struct Common {
    created: Result<BTreeMap<String, Value>, String>,
    keys: Result<(String, Vec<(String, String)>), String>,
}

/// Reads the apps of a subscription.
pub(super) async fn read(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    if !azure.wants(&[APP, REFERENCE]) || scope.vault.is_some() {
        return;
    }
    azure.reads("apps");
    let kinds = [APP, REFERENCE];
    let mut sites = azure.all(&SITES, &kinds, scope, "Microsoft.Web/sites").await;
    let slots = super::each(&sites, |site| async move {
        let path = format!("{}/slots", string(site, "id").unwrap_or_default());
        let listed = azure.list(&SLOTS, &path, "").await;
        azure.sheet.whole(&kinds, &path, listed)
    })
    .await;
    sites.extend(slots.into_iter().flatten());
    let wants_functions = azure.wants(&[APP]) && sites.iter().any(is_function);
    let common = Common {
        created: created(azure, scope, !sites.is_empty()).await,
        keys: if wants_functions {
            watch::function_keys(azure, scope).await
        } else {
            Ok((String::new(), Vec::new()))
        },
    };
    super::each(&sites, |site| app(azure, scope, site, &common, index)).await;
    if azure.wants(&[REFERENCE]) {
        containers(azure, scope, index).await;
    }
}

fn is_function(site: &Value) -> bool {
    string(site, "kind").is_some_and(|kind| kind.to_lowercase().contains("functionapp"))
}

/// When apps were made, which the list of them does not tell.
async fn created(
    azure: &Azure<'_>,
    scope: &Scope,
    are_there: bool,
) -> Result<BTreeMap<String, Value>, String> {
    if !are_there || !azure.wants(&[APP]) {
        return Ok(BTreeMap::new());
    }
    let path = format!("{}/resources", scope.path());
    let of_type = |of_type: &'static str| {
        let query = format!("$filter=resourceType%20eq%20%27{of_type}%27&$expand=createdTime");
        let path = path.clone();
        async move { whole(azure.list(&RESOURCES, &path, &query).await) }
    };
    let mut all = of_type("Microsoft.Web/sites").await?;
    all.extend(of_type("Microsoft.Web/sites/slots").await?);
    let one = |one: &Value| {
        let time = crate::collect::field::as_time(&one["createdTime"]);
        Some((string(one, "id")?.to_lowercase(), time.into()))
    };
    Ok(all.iter().filter_map(one).collect())
}

async fn app(azure: &Azure<'_>, scope: &Scope, site: &Value, common: &Common, index: &Index) {
    let Some(mut draft) = Draft::of(APP, site, &scope.tenant) else { return };
    let arm = string(site, "id").unwrap_or_default();
    let id = draft.id().to_owned();
    if azure.wants(&[APP]) {
        draft.copy(
            &[
                plain("state").of("properties.state"),
                plain("defaultHostName").of("properties.defaultHostName"),
            ],
            site,
        );
        draft.set("app_kind", if is_function(site) { "function" } else { "web" });
        let created = common.created.as_ref().map(|all| all.get(&id).cloned());
        draft.read("created", created.map_err(String::as_str));
        settings(azure, arm, &mut draft).await;
        keys(&mut draft, site, common);
        azure.sheet.fact(draft);
    }
    if azure.wants(&[REFERENCE]) {
        super::each(KINDS, |(path, place)| {
            references(azure, scope, (arm, &id), (path, place), index)
        })
        .await;
    }
}

/// Looks at settings, and keeps their names.
async fn settings(azure: &Azure<'_>, arm: &str, draft: &mut Draft) {
    let mut names = Vec::new();
    let mut leaks = Leaks::new(azure.judge);
    for (kind, place) in KINDS {
        let path = format!("{arm}/config/{kind}/list");
        let mut answer = match azure.post(&SETTINGS, &path, &json!({})).await {
            Ok(answer) => answer.unwrap_or_default(),
            Err(failure) => return draft.unread(&["settings", "leaks"], &failure.why),
        };
        let all = answer["properties"].as_object().into_iter().flatten();
        let pairs: Vec<(&str, &str)> = all
            .filter_map(|(name, value)| {
                let text = value.as_str().or_else(|| string(value, "value"));
                Some((name.as_str(), text?))
            })
            .collect();
        leaks.variables(&format!("{place}."), pairs.iter().copied());
        names.extend(pairs.iter().map(|(name, _)| (*name).to_owned()));
        wipe(&mut answer);
    }
    names.sort();
    draft.set("settings", names);
    draft.set("leaks", leaks.tell());
}

fn keys(draft: &mut Draft, site: &Value, common: &Common) {
    draft.set("keys_changed", Value::Null);
    draft.set("keys_known_since", Value::Null);
    if !is_function(site) {
        return;
    }
    match &common.keys {
        Ok((since, written)) => {
            let own = written.iter().filter(|(id, _)| id == draft.id());
            let last = own.map(|(_, time)| time.clone()).max();
            draft.set("keys_changed", last);
            draft.set("keys_known_since", since.as_str());
        }
        Err(why) => draft.unread(&["keys_changed", "keys_known_since"], why),
    }
}

async fn references(
    azure: &Azure<'_>,
    scope: &Scope,
    (arm, id): (&str, &str),
    (kind, place): (&str, &str),
    index: &Index,
) {
    let path = format!("{arm}/config/configreferences/{kind}");
    let listed = azure.list(&REFERENCES, &path, "").await;
    for one in azure.sheet.whole(&[REFERENCE], &path, listed) {
        let Some(name) = string(&one, "name") else { continue };
        let properties = &one["properties"];
        let text = string(properties, "reference").unwrap_or_default();
        let (url, target) = resolve(azure, index, text, properties);
        let mut draft = reference(scope, (id, "web_app"), &format!("{place}.{name}"), url, target);
        draft.set("status", properties["status"].clone());
        draft.set("details", properties["details"].clone());
        let mut leaks = Leaks::new(azure.judge);
        draft.blank(&mut leaks, &["reference", "details"]);
        azure.sheet.fact(draft);
    }
}

/// What a reference means: `@Microsoft.KeyVault(SecretUri=...)`, or `(VaultName=...;SecretName=...)`.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>.
fn resolve(
    azure: &Azure<'_>,
    index: &Index,
    text: &str,
    properties: &Value,
) -> (Option<String>, Target) {
    let inner =
        text.trim().strip_prefix("@Microsoft.KeyVault(").and_then(|rest| rest.strip_suffix(')'));
    let parts: BTreeMap<String, &str> = inner
        .unwrap_or_default()
        .split(';')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim()))
        .collect();
    if let Some(url) = parts.get("secreturi") {
        return (Some((*url).to_owned()), index.url("secrets", url));
    }
    let of = |part: &str, name: &str| {
        parts
            .get(part)
            .copied()
            .or_else(|| string(properties, name))
            .filter(|text| !text.is_empty())
    };
    let (Some(vault), Some(name)) = (of("vaultname", "vaultName"), of("secretname", "secretName"))
    else {
        return (None, Target::default());
    };
    let version = of("secretversion", "secretVersion");
    let mut url = format!("https://{vault}.{}/secrets/{name}", azure.cloud.vault_suffix);
    if let Some(version) = version {
        url = format!("{url}/{version}");
    }
    (Some(url), index.names("secrets", vault, name, version))
}

fn reference(
    scope: &Scope,
    (consumer, kind): (&str, &str),
    place: &str,
    url: Option<String>,
    target: Target,
) -> Draft {
    let mut draft = Draft::new(REFERENCE, &format!("{consumer}#{place}"), Some(&scope.tenant));
    draft.set("name", place);
    draft.set("consumer", consumer);
    draft.set("consumer_kind", kind);
    draft.set("where", place);
    draft.set("reference", url);
    draft.set("version", target.version);
    draft.set("target", target.object);
    draft.set("is_readable", target.is_readable);
    draft.set("status", Value::Null);
    draft.set("details", Value::Null);
    draft
}

async fn containers(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    let all = azure.all(&CONTAINER_APPS, &[REFERENCE], scope, "Microsoft.App/containerApps").await;
    for app in &all {
        let Some(id) = string(app, "id").map(str::to_lowercase) else { continue };
        for secret in items(app, "properties.configuration.secrets") {
            let (Some(name), Some(url)) = (string(secret, "name"), string(secret, "keyVaultUrl"))
            else {
                continue;
            };
            let target = index.url("secrets", url);
            let place = format!("secrets.{name}");
            let mut draft =
                reference(scope, (&id, "container_app"), &place, Some(url.to_owned()), target);
            draft.set("location", app["location"].clone());
            azure.sheet.fact(draft);
        }
    }
}
