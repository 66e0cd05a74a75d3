//! Tokens by their accessors, secret ids of AppRole, and leases.

use serde_json::{Map, Value, json};

use super::client::{Answer, Question};
use super::fields::{self, Field, keys, plain, seconds, time};
use super::gather::{Gather, Mount};

/// Most leases that are looked up.
const MAX_LEASES: usize = 10_000;
/// Deepest prefixes of leases that are followed.
const MAX_DEPTH: usize = 24;

const TOKEN: &[Field] = &[
    plain("accessor"),
    time("creation_time"),
    seconds("creation_ttl"),
    plain("display_name"),
    plain("entity_id"),
    time("expire_time"),
    seconds("explicit_max_ttl"),
    time("issue_time"),
    plain("num_uses"),
    plain("orphan"),
    plain("path"),
    seconds("period"),
    plain("policies"),
    plain("identity_policies"),
    plain("renewable"),
    plain("role"),
    seconds("ttl"),
    plain("type"),
    plain("bound_cidrs"),
    keys("meta_keys", "meta"),
];

/// Reads the tokens of a namespace. Batch tokens have no accessors and are not listed.
pub(super) async fn read(gather: &Gather<'_>, namespace: &str, own: Option<&str>) {
    const KIND: &str = "vault_token";
    if !gather.wants(KIND) {
        return;
    }
    let accessors = gather.names(KIND, namespace, "auth/token/accessors").await;
    gather
        .each(accessors, async |accessor: String| {
            let body = json!({"accessor": accessor});
            let question = Question::post(namespace, "auth/token/lookup-accessor", &body);
            let path = format!("auth/token/accessors/{accessor}");
            let token = match gather.client.ask(question).await.map_data() {
                // It ended between the list and now.
                Answer::Failed(why) if why.ends_with("HTTP 400") => return,
                answer => gather.settle(KIND, namespace, &path, answer),
            };
            let Some(token) = token else { return };
            let mut facts = Map::new();
            fields::copy(TOKEN, &token, &mut gather.texts(), &mut facts);
            facts.insert("is_self".into(), (own == Some(accessor.as_str())).into());
            gather.put(KIND, namespace, &path, facts);
        })
        .await;
}

/// Secret ids of the roles of an AppRole method.
pub(super) async fn secret_ids(gather: &Gather<'_>, mount: &Mount) {
    const KIND: &str = "vault_approle_secret_id";
    const SECRET_ID: &[Field] = &[
        plain("secret_id_accessor"),
        time("creation_time"),
        time("expiration_time"),
        time("last_updated_time"),
        plain("secret_id_num_uses"),
        seconds("secret_id_ttl"),
        plain("cidr_list"),
        plain("token_bound_cidrs"),
        keys("metadata_keys", "metadata"),
    ];
    if !gather.wants(KIND) {
        return;
    }
    let namespace = mount.namespace.as_str();
    let roles = gather.names(KIND, namespace, &format!("{}role", mount.path)).await;
    gather
        .each(roles, async |role: String| {
            let base = format!("{}role/{role}", mount.path);
            let listed = format!("{base}/secret-id");
            let answer = gather.client.list(namespace, &listed).await;
            let known = !matches!(answer, Answer::Failed(_));
            let accessors = gather.settle(KIND, namespace, &listed, answer).unwrap_or_default();
            let accessors = super::gather::texts(&accessors);
            if known {
                let count = (format!("{namespace}{base}"), accessors.len());
                gather.found().secret_ids.push(count);
            }
            let lookup = format!("{base}/secret-id-accessor/lookup");
            for accessor in accessors {
                let body = json!({"secret_id_accessor": accessor});
                let path = format!("{base}/secret-id/{accessor}");
                let answer =
                    gather.client.ask(Question::post(namespace, &lookup, &body)).await.map_data();
                let Some(secret) = gather.settle(KIND, namespace, &path, answer) else { continue };
                let mut facts = Map::new();
                facts.insert("mount".into(), mount.fact.clone().into());
                facts.insert("mount_path".into(), mount.path.clone().into());
                facts.insert("role".into(), format!("{namespace}{base}").into());
                fields::copy(SECRET_ID, &secret, &mut gather.texts(), &mut facts);
                gather.put(KIND, namespace, &path, facts);
            }
        })
        .await;
}

/// Leases of a namespace, but those of tokens.
pub(super) async fn leases(gather: &Gather<'_>, namespace: &str) {
    const KIND: &str = "vault_lease";
    const COUNT: &str = "vault_lease_counts";
    const ROOT: &str = "sys/leases/lookup/";
    if !gather.wants(KIND) && !gather.wants(COUNT) {
        return;
    }
    let mut folders = vec![String::new()];
    let mut leases = Vec::new();
    let mut count = 0;
    let mut is_whole = true;
    while let Some(folder) = folders.pop() {
        let path = format!("{ROOT}{folder}");
        let answer = gather.client.list(namespace, &path).await;
        is_whole &= !matches!(answer, Answer::Failed(_));
        if let Answer::Failed(why) = &answer {
            gather.gap(COUNT, namespace, &path, why);
        }
        let keys = gather.settle(KIND, namespace, &path, answer).unwrap_or_default();
        for key in super::gather::texts(&keys) {
            let whole = format!("{folder}{key}");
            if !key.ends_with('/') {
                count += 1;
                if leases.len() < MAX_LEASES {
                    leases.push(whole);
                }
            } else if whole != "auth/" && whole.matches('/').count() <= MAX_DEPTH {
                folders.push(whole);
            }
        }
    }
    if is_whole && gather.wants(COUNT) {
        let facts = Map::from_iter([("lease_count".to_owned(), Value::from(count))]);
        gather.put(COUNT, namespace, "sys/leases/lookup#count", facts);
    }
    if !gather.wants(KIND) {
        return;
    }
    if count > leases.len() {
        let why = format!("of {count} leases {MAX_LEASES} are looked up");
        gather.gap(KIND, namespace, "sys/leases/lookup", &why);
    }
    gather
        .each(leases, async |lease: String| {
            let body = json!({"lease_id": lease});
            let path = format!("{ROOT}{lease}");
            let answer = match gather
                .client
                .ask(Question::post(namespace, "sys/leases/lookup", &body))
                .await
                .map_data()
            {
                Answer::Failed(why) if why.ends_with("HTTP 400") => return,
                answer => gather.settle(KIND, namespace, &path, answer),
            };
            let Some(answer) = answer else { return };
            let mut facts = Map::new();
            facts.insert("lease_id".into(), lease.as_str().into());
            let wanted = [
                time("issue_time"),
                time("expire_time"),
                time("last_renewal"),
                plain("renewable"),
                seconds("ttl"),
            ];
            fields::copy(&wanted, &answer, &mut gather.texts(), &mut facts);
            let prefix = lease.rsplit_once('/').map_or("", |(prefix, _)| prefix);
            facts.insert("prefix".into(), Value::from(prefix));
            gather.put(KIND, namespace, &path, facts);
        })
        .await;
}
