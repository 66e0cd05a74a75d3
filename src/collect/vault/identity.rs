//! Entities and groups.

use serde_json::{Map, Value, json};

use super::fields::{self, Field, keys, plain, time};
use super::gather::Gather;
use super::sys_rows::picked;

const ENTITY: &[Field] = &[
    plain("entity_id").of("id"),
    plain("name"),
    plain("policies"),
    plain("disabled"),
    time("creation_time"),
    time("last_update_time"),
    plain("direct_group_ids"),
    plain("inherited_group_ids"),
    keys("metadata_keys", "metadata"),
];

const GROUP: &[Field] = &[
    plain("group_id").of("id"),
    plain("name"),
    plain("type"),
    plain("policies"),
    plain("member_entity_ids"),
    plain("member_group_ids"),
    plain("parent_group_ids"),
    time("creation_time"),
    time("last_update_time"),
    keys("metadata_keys", "metadata"),
];

/// Reads those of a namespace.
pub(super) async fn read(gather: &Gather<'_>, namespace: &str) {
    futures_util::join!(entities(gather, namespace), groups(gather, namespace));
}

async fn entities(gather: &Gather<'_>, namespace: &str) {
    const KIND: &str = "vault_entity";
    if !gather.wants(KIND) {
        return;
    }
    let ids = gather.names(KIND, namespace, "identity/entity/id").await;
    gather
        .each(ids, async |id: String| {
            let path = format!("identity/entity/id/{id}");
            let Some(entity) = gather.read(KIND, namespace, &path).await else { return };
            let mut facts = Map::new();
            fields::copy(ENTITY, &entity, &mut gather.texts(), &mut facts);
            let aliases: Value = entity["aliases"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|alias| {
                    json!({
                        "alias_id": alias["id"], "name": alias["name"],
                        "mount_accessor": alias["mount_accessor"], "mount_path": alias["mount_path"],
                        "mount_type": alias["mount_type"],
                        "creation_time": fields::as_time(&alias["creation_time"]),
                        "last_update_time": fields::as_time(&alias["last_update_time"]),
                    })
                })
                .collect();
            facts.insert("aliases".into(), aliases);
            // Filled in when tokens are known.
            facts.insert("token_count".into(), Value::Null);
            facts.insert("last_token_time".into(), Value::Null);
            gather.put(KIND, namespace, &path, facts);
            gather.found().entities.insert(id, (namespace.to_owned(), entity));
        })
        .await;
}

async fn groups(gather: &Gather<'_>, namespace: &str) {
    const KIND: &str = "vault_group";
    if !gather.wants(KIND) {
        return;
    }
    let ids = gather.names(KIND, namespace, "identity/group/id").await;
    gather
        .each(ids, async |id: String| {
            let path = format!("identity/group/id/{id}");
            let Some(group) = gather.read(KIND, namespace, &path).await else { return };
            let mut facts = Map::new();
            fields::copy(GROUP, &group, &mut gather.texts(), &mut facts);
            let alias = Some(&group["alias"]).filter(|alias| alias["name"].is_string());
            let names = ["name", "mount_accessor", "mount_path"];
            let alias =
                alias.map(|alias| picked(&Value::Array(vec![alias.clone()]), &names)[0].clone());
            facts.insert("alias".into(), alias.unwrap_or_default());
            gather.put(KIND, namespace, &path, facts);
            gather.found().groups.insert(id, (namespace.to_owned(), group));
        })
        .await;
}
