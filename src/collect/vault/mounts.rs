//! Secrets engines, auth methods, namespaces, audit devices, plugins: what a server is put together of.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::{Map, Value, json};

use super::client::{Answer, Question};
use super::fields::{self, Field, list, names, plain, seconds, text};
use super::gather::{Gather, Mount, is_at, texts};
use super::rows;

/// Most namespaces in each other.
const MAX_DEPTH: usize = 16;

/// What secrets engines and auth methods have in common.
const COMMON: &[Field] = &[
    plain("type"),
    text("description"),
    plain("accessor"),
    plain("local"),
    plain("seal_wrap"),
    plain("external_entropy_access"),
    plain("deprecation_status"),
    plain("plugin_version"),
    plain("running_plugin_version"),
    plain("running_sha256"),
];

const CONFIG: &[Field] = &[
    seconds("default_lease_ttl"),
    seconds("max_lease_ttl"),
    plain("force_no_cache"),
    list("audit_non_hmac_request_keys"),
    list("audit_non_hmac_response_keys"),
    plain("listing_visibility"),
    list("passthrough_request_headers"),
    list("allowed_response_headers"),
];

const TUNE: &[Field] = &[
    seconds("default_lease_ttl"),
    seconds("max_lease_ttl"),
    seconds("user_lockout_counter_reset_duration"),
    plain("user_lockout_disable"),
    seconds("user_lockout_duration"),
    plain("user_lockout_threshold"),
];

/// All namespaces from `first` downwards, itself the first; each ends in a slash or is empty.
pub(super) async fn namespaces(gather: &Gather<'_>, first: &str) -> Vec<String> {
    const KIND: &str = "vault_namespace";
    let mut all = vec![first.to_owned()];
    let mut next = 0;
    while let Some(parent) = all.get(next).cloned() {
        next += 1;
        if parent.matches('/').count() > MAX_DEPTH {
            gather.gap(KIND, &parent, "sys/namespaces", "too many namespaces in each other");
            continue;
        }
        let answer = gather.client.pages(&parent, "sys/namespaces").await;
        let Some(page) = gather.settle(KIND, &parent, "sys/namespaces", answer) else { continue };
        for key in texts(&page["keys"]) {
            let info = &page["key_info"][&key];
            let path = format!("{parent}{}/", key.trim_matches('/'));
            if gather.wants(KIND) {
                let facts = Map::from_iter([
                    ("path".to_owned(), path.clone().into()),
                    ("namespace_id".to_owned(), info["id"].clone()),
                    ("locked".to_owned(), info["locked"].clone()),
                    ("tainted".to_owned(), info["tainted"].clone()),
                    ("custom_metadata_keys".to_owned(), names(&info["custom_metadata"])),
                ]);
                gather.put(
                    KIND,
                    &parent,
                    &format!("sys/namespaces/{}", key.trim_matches('/')),
                    facts,
                );
            }
            all.push(path);
        }
    }
    all
}

/// The secrets engines and auth methods of a namespace. What cannot be listed is a gap of everything on it.
pub(super) async fn read(gather: &Gather<'_>, namespace: &str) -> Vec<Mount> {
    let (engines, methods) = futures_util::join!(
        gather.client.read(namespace, "sys/mounts"),
        gather.client.read(namespace, "sys/auth"),
    );
    let mut mounts = Vec::new();
    for (is_auth, answer) in [(false, engines), (true, methods)] {
        let (path, kind) =
            if is_auth { ("sys/auth", "vault_auth_mount") } else { ("sys/mounts", "vault_mount") };
        let table = match answer {
            Answer::Found(table) => table,
            Answer::Absent => continue,
            Answer::Failed(why) => {
                gather.gap(kind, namespace, path, &why);
                for kind in super::kinds_on_mounts(is_auth) {
                    if gather.wants(kind) {
                        gather.gap(kind, namespace, path, &why);
                    }
                }
                continue;
            }
        };
        for (name, entry) in table.as_object().into_iter().flatten() {
            let Some(kind) = entry["type"].as_str().filter(|_| name.ends_with('/')) else {
                continue;
            };
            let is_kv = !is_auth && matches!(kind, "kv" | "generic");
            let version = is_kv.then(|| if entry["options"]["version"] == "2" { 2 } else { 1 });
            let mount = Mount {
                namespace: namespace.to_owned(),
                path: if is_auth { format!("auth/{name}") } else { name.clone() },
                kind: kind.to_owned(),
                fact: format!("{namespace}{path}/{name}"),
                version,
            };
            mounts.push((mount, is_auth, entry.clone()));
        }
    }
    let shown = if gather.wants("vault_auth_mount") {
        shown(gather, namespace).await
    } else {
        HashSet::new()
    };
    gather
        .each(&mounts, async |(mount, is_auth, entry): &(Mount, bool, Value)| {
            put(gather, mount, *is_auth, entry, &shown).await;
        })
        .await;
    mounts.into_iter().map(|(mount, ..)| mount).collect()
}

/// The auth methods that are shown to those without a token.
async fn shown(gather: &Gather<'_>, namespace: &str) -> HashSet<String> {
    const PATH: &str = "sys/internal/ui/mounts";
    let question = Question { as_nobody: true, ..Question::get(namespace, PATH) };
    let answer = gather.client.ask(question).await.map_data();
    let shown = gather.settle("vault_auth_mount", namespace, PATH, answer).unwrap_or_default();
    let names = shown["auth"].as_object().into_iter().flat_map(Map::keys);
    names.map(|name| format!("auth/{name}")).collect()
}

async fn put(
    gather: &Gather<'_>,
    mount: &Mount,
    is_auth: bool,
    entry: &Value,
    shown: &HashSet<String>,
) {
    let kind = if is_auth { "vault_auth_mount" } else { "vault_mount" };
    if !gather.wants(kind) {
        return;
    }
    let name = mount.path.strip_prefix("auth/").filter(|_| is_auth).unwrap_or(&mount.path);
    let mut texts = gather.texts();
    let mut facts = Map::new();
    facts.insert("path".into(), name.into());
    fields::copy(COMMON, entry, &mut texts, &mut facts);
    let mut config = Map::new();
    fields::copy(CONFIG, &entry["config"], &mut texts, &mut config);
    if is_auth {
        config.insert("token_type".into(), entry["config"]["token_type"].clone());
        // Not below sys/auth, where reading it would need sudo.
        let path = format!("sys/mounts/{}tune", mount.path);
        let tuned = gather.read(kind, &mount.namespace, &path).await.unwrap_or_default();
        let mut tune = Map::new();
        fields::copy(TUNE, &tuned, &mut texts, &mut tune);
        facts.insert("tune".into(), Value::Object(tune));
        facts.insert("shown_unauthenticated".into(), shown.contains(&mount.path).into());
        // Filled in when they are known.
        facts.insert("enforcements".into(), Value::Null);
    } else {
        facts.insert("options".into(), json!({"version": entry["options"]["version"]}));
        facts.insert("kv_version".into(), mount.version.into());
        facts.insert("object_count".into(), objects(gather, mount).await.into());
    }
    facts.insert("config".into(), Value::Object(config));
    facts.insert("secret_rules".into(), texts.rules());
    let fact = mount.fact.strip_prefix(&mount.namespace).unwrap_or(&mount.fact);
    gather.put(kind, &mount.namespace, fact, facts);
}

/// How many things there are on an engine; None if it has no such things, or they cannot be counted.
async fn objects(gather: &Gather<'_>, mount: &Mount) -> Option<usize> {
    let paths: Vec<String> = match (mount.kind.as_str(), mount.version) {
        ("kv" | "generic", Some(2)) => vec![format!("{}metadata", mount.path)],
        ("kv" | "generic", _) => vec![mount.path.clone()],
        ("totp", _) => vec![format!("{}keys", mount.path)],
        (kind, _) => rows::all()
            .filter(|row| is_at(row, false, kind))
            .filter_map(|row| Some(format!("{}{}", mount.path, row.list?)))
            .collect(),
    };
    if paths.is_empty() {
        return None;
    }
    let mut count = 0;
    for path in paths {
        match gather.client.list(&mount.namespace, &path).await {
            Answer::Found(keys) => count += keys.as_array().map_or(0, Vec::len),
            Answer::Absent => {}
            Answer::Failed(why) => {
                gather.gap("vault_mount", &mount.namespace, &path, &why);
                return None;
            }
        }
    }
    Some(count)
}

/// Audit devices and audited headers.
pub(super) async fn audit(gather: &Gather<'_>) {
    const HEADER: &str = "vault_request_header";
    const HEADERS: &str = "sys/config/auditing/request-headers";
    const KIND: &str = "vault_audit_device";
    if gather.wants(KIND) {
        let devices = gather.read(KIND, "", "sys/audit").await.unwrap_or_default();
        for (path, device) in devices.as_object().into_iter().flatten() {
            if device["type"].is_string() {
                gather.put(
                    KIND,
                    "",
                    &format!("sys/audit/{path}"),
                    self::device(gather, path, device),
                );
            }
        }
    }
    if gather.wants(HEADER) {
        let answer = gather.read(HEADER, "", HEADERS).await.unwrap_or_default();
        for (name, header) in answer["headers"].as_object().into_iter().flatten() {
            let facts = Map::from_iter([
                ("name".to_owned(), name.as_str().into()),
                ("hmac".to_owned(), header["hmac"].clone()),
            ]);
            gather.put(HEADER, "", &format!("{HEADERS}/{name}"), facts);
        }
    }
}

fn device(gather: &Gather<'_>, path: &str, device: &Value) -> Map<String, Value> {
    const OPTIONS: &[Field] = &[
        plain("file_path").or("path"),
        plain("address"),
        plain("socket_type"),
        plain("mode"),
        plain("format"),
        plain("log_raw"),
        plain("hmac_accessor"),
        plain("elide_list_responses"),
        plain("filter"),
        plain("exclude"),
        plain("fallback"),
        plain("facility"),
        plain("tag"),
    ];
    let mut texts = gather.texts();
    let mut facts = Map::new();
    facts.insert("path".into(), path.into());
    fields::copy(
        &[plain("type"), text("description"), plain("local")],
        device,
        &mut texts,
        &mut facts,
    );
    let mut options = Map::new();
    fields::copy(OPTIONS, &device["options"], &mut texts, &mut options);
    // Where it sends to may hold a login.
    let url = device["options"]["uri"].as_str().and_then(|uri| Url::parse(uri).ok());
    let url = url.map(|mut url| {
        let bare = url.set_username("").and_then(|()| url.set_password(None));
        url.set_query(None);
        if bare.is_ok() { url.to_string() } else { String::new() }
    });
    let flag = |name: &str, unset: bool| match options.get(name).and_then(Value::as_str) {
        Some(text) => text.eq_ignore_ascii_case("true") || text == "1",
        None => options.get(name).and_then(Value::as_bool).unwrap_or(unset),
    };
    let is_set =
        |name: &str| options.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let (log_raw, fallback, hmac) =
        (flag("log_raw", false), flag("fallback", false), flag("hmac_accessor", true));
    let filtered = is_set("filter") || is_set("exclude");
    let option = |name: &str| options.get(name).cloned().unwrap_or_default();
    let sink = match device["type"].as_str() {
        Some("file") => option("file_path"),
        Some("socket") => option("address"),
        Some("syslog") => "syslog".into(),
        _ => url.clone().into(),
    };
    options.insert("uri".into(), url.into());
    facts.insert("options".into(), Value::Object(options));
    facts.insert("log_raw".into(), log_raw.into());
    facts.insert("fallback".into(), fallback.into());
    facts.insert("hmac_accessor".into(), hmac.into());
    facts.insert("filtered".into(), filtered.into());
    facts.insert("sink".into(), sink);
    facts.insert("secret_rules".into(), texts.rules());
    facts
}

/// The catalogue of plugins.
pub(super) async fn plugins(gather: &Gather<'_>, mounts: &[Mount]) {
    const KIND: &str = "vault_plugin";
    if !gather.wants(KIND) {
        return;
    }
    let catalog = gather.read(KIND, "", "sys/plugins/catalog").await.unwrap_or_default();
    for plugin in catalog["detailed"].as_array().into_iter().flatten() {
        let (Some(kind), Some(name)) = (plugin["type"].as_str(), plugin["name"].as_str()) else {
            continue;
        };
        let mut facts = Map::new();
        for field in ["name", "type", "version", "builtin", "sha256", "deprecation_status"] {
            facts.insert(field.into(), plugin[field].clone());
        }
        let is_of = |mount: &&Mount| {
            mount.kind == name
                && mount.path.starts_with("auth/") == (kind == "auth")
                && kind != "database"
        };
        let by: Value = mounts.iter().filter(is_of).map(|mount| mount.fact.as_str()).collect();
        facts.insert("mounted_by".into(), by);
        gather.put(KIND, "", &format!("sys/plugins/catalog/{kind}/{name}"), facts);
    }
}
