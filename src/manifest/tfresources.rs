//! Resources of Terraform that policies look at, with what they are set to.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::attributes::{Resource, places, to_json};
use super::hcl::{Attribute, Body};
use super::sheet::{BLANK, Sheet};
use crate::model::PathId;

/// Beginnings of the types of such resources.
const TYPES: &[&str] = &[
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_cloudtrail",
    "aws_eks_cluster",
    "aws_iam_access_key",
    "aws_iam_group_policy",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "azurerm_key_vault",
    "azurerm_kubernetes_cluster",
    "google_secret_manager_secret",
    "google_kms_",
    "google_project_iam_",
    "google_service_account_key",
    "alicloud_kms_key",
    "azurerm_security_center_subscription_pricing",
    "gitlab_project",
    "vault_",
    "yandex_kms_symmetric_key",
];

/// Arguments that are secrets by the schemas of their resources, whatever stands there.
const SECRETS: &[(&str, &[&str])] = &[
    ("aws_db_instance", &["password"]),
    ("aws_directory_service_directory", &["password"]),
    ("aws_datasync_location_object_storage", &["secret_key"]),
    ("aws_dms_endpoint", &["password"]),
    ("aws_rds_cluster", &["master_password"]),
    ("aws_docdb_cluster", &["master_password"]),
    ("aws_neptune_cluster", &["master_password"]),
    ("aws_redshift_cluster", &["master_password"]),
    ("aws_elasticache_replication_group", &["auth_token"]),
    ("aws_secretsmanager_secret_version", &["secret_string", "secret_binary"]),
    ("azurerm_automation_credential", &["password"]),
    ("azurerm_key_vault_secret", &["value"]),
    ("azurerm_mssql_server", &["administrator_login_password"]),
    ("azurerm_sql_server", &["administrator_login_password"]),
    ("azurerm_mysql_server", &["administrator_login_password"]),
    ("azurerm_mysql_flexible_server", &["administrator_password"]),
    ("azurerm_postgresql_server", &["administrator_login_password"]),
    ("azurerm_postgresql_flexible_server", &["administrator_password"]),
    ("azurerm_synapse_workspace", &["sql_administrator_login_password"]),
    ("azurerm_windows_virtual_machine", &["admin_password"]),
    ("azurerm_linux_virtual_machine", &["admin_password"]),
    ("github_actions_environment_secret", &["plaintext_value"]),
    ("github_actions_organization_secret", &["plaintext_value"]),
    ("github_actions_secret", &["plaintext_value"]),
    ("github_dependabot_secret", &["plaintext_value"]),
    ("google_compute_vpn_tunnel", &["shared_secret"]),
    ("google_sql_user", &["password"]),
    ("google_secret_manager_secret_version", &["secret_data"]),
    ("kubernetes_secret", &["data"]),
    ("kubernetes_secret_v1", &["data"]),
    ("vault_aws_secret_backend", &["secret_key"]),
    ("vault_generic_secret", &["data_json"]),
    ("vault_kv_secret", &["data_json"]),
    ("vault_kv_secret_v2", &["data_json"]),
];

/// Most resources of a file that facts are made of.
const MAX_RESOURCES: usize = 10_000;

/// The type of data that is fetched from a web address.
const REQUEST: &str = "http";

/// A block of a document of policies.
const STATEMENT: &str = "statement";

fn is_document(words: &[String]) -> bool {
    matches!(words, [kind, own, _] if kind == "data" && own == "aws_iam_policy_document")
}

/// Whether an argument of a resource (`resource.TYPE.NAME`) takes a secret by its schema.
pub(super) fn takes_secret(block: &str, path: &[String]) -> bool {
    let mut words = block.split('.');
    let (Some("resource"), Some(own)) = (words.next(), words.next()) else { return false };
    let Some(first) = path.first() else { return false };
    SECRETS.iter().any(|(known, names)| *known == own && names.contains(&first.as_str()))
}

/// The blocks of parameters of AWS that are encrypted, by their indexes: whatever their `value` is, it is a secret.
pub(super) fn encrypted_parameters(sheet: &Sheet<'_>, body: &Body) -> HashSet<usize> {
    let is_parameter = |at: usize| {
        let words = body.blocks.get(at).map(|block| block.words.as_slice());
        matches!(words, Some([kind, own, _]) if kind == "resource" && own == "aws_ssm_parameter")
    };
    let types = body.attributes.iter().filter(|own| own.path == ["type"]);
    types
        .filter(|own| sheet.raw(&own.value) == "SecureString")
        .filter_map(|own| own.block)
        .filter(|at| is_parameter(*at))
        .collect()
}

/// Adds their facts.
pub(super) fn resources(sheet: &mut Sheet<'_>, body: &Body) {
    // Of each block the resource that it is in, and the names between: parents stand before what is in them.
    let mut within: Vec<Option<(usize, Vec<&str>)>> = Vec::with_capacity(body.blocks.len());
    let mut found: Vec<(usize, Map<String, Value>)> = Vec::new();
    let mut parts: Vec<Vec<(PathId, Range<usize>)>> = Vec::new();
    for block in &body.blocks {
        let own = match (block.parent, block.words.as_slice()) {
            (None, [kind, own, _]) if kind == "resource" => {
                let is_known = TYPES.iter().any(|known| own.starts_with(known));
                is_known.then(|| {
                    found.push((within.len(), Map::new()));
                    (found.len() - 1, Vec::new())
                })
            }
            (None, [kind, own, _]) if kind == "data" && own == REQUEST => {
                found.push((within.len(), Map::new()));
                Some((found.len() - 1, Vec::new()))
            }
            (Some(parent), [kind])
                if kind == STATEMENT && is_document(&body.blocks[parent].words) =>
            {
                found.push((within.len(), Map::new()));
                Some((found.len() - 1, Vec::new()))
            }
            (Some(parent), words) => within.get(parent).cloned().flatten().map(|(at, mut path)| {
                match words {
                    // `dynamic "x" { content { ... } }` makes blocks `x`.
                    [kind, name] if kind == "dynamic" => path.push(name),
                    [kind] if kind == "content" => {}
                    words => path.extend(words.first().map(String::as_str)),
                }
                if let Some((_, properties)) = found.get_mut(at) {
                    insert(properties, &path, None);
                }
                parts.resize_with(found.len(), Vec::new);
                if let Some(parts) = parts.get_mut(at) {
                    parts.push((property(&path), block.span.clone()));
                }
                (at, path)
            }),
            _ => None,
        };
        within.push(own);
    }
    let encrypted = encrypted_parameters(sheet, body);
    for attribute in &body.attributes {
        let block = attribute.block.and_then(|block| Some((block, within.get(block)?.as_ref()?)));
        let Some((_, (at, path))) = block else { continue };
        let Some((name, outer)) = attribute.path.split_last() else { continue };
        let Some((index, _)) = found.get(*at) else { continue };
        let words = &body.blocks[*index].words;
        let is_hidden = path.is_empty()
            && (takes_secret(&words.join("."), &attribute.path)
                || attribute.path == ["value"] && encrypted.contains(index));
        let value = match &attribute.encoded {
            _ if is_hidden => BLANK.into(),
            Some(node) => to_json(sheet, node, |_| false),
            None => shown(sheet, attribute),
        };
        let path: Vec<&str> =
            path.iter().copied().chain(outer.iter().map(String::as_str)).collect();
        parts.resize_with(found.len(), Vec::new);
        if let (Some((_, properties)), Some(parts)) = (found.get_mut(*at), parts.get_mut(*at)) {
            let outer = property(&path);
            parts.push((outer.key(name), attribute.span.clone()));
            if let Some(node) = attribute.encoded.as_ref().filter(|_| !is_hidden) {
                places(node, outer.key(name), parts);
            }
            insert(properties, &path, Some((name.clone(), value)));
        }
    }
    parts.resize_with(found.len(), Vec::new);
    if found.len() > MAX_RESOURCES {
        sheet.gap("iac_resource", format!("more than {MAX_RESOURCES} resources"));
    }
    for ((at, properties), parts) in found.into_iter().zip(parts).take(MAX_RESOURCES) {
        let block = &body.blocks[at];
        let properties = properties.into();
        let system = "terraform";
        if let [kind, own_type, name] = block.words.as_slice() {
            let data = format!("data.{own_type}");
            let own_type = if kind == "data" { &data } else { own_type };
            let id = if kind == "data" {
                format!("{own_type}.{name}")
            } else {
                format!("resource.{own_type}.{name}")
            };
            let resource = Resource { system, own_type, name, properties, parts };
            resource.add(sheet, &id, &block.span);
        } else if let Some([_, own, name]) =
            block.parent.and_then(|parent| body.blocks.get(parent)).map(|own| own.words.as_slice())
        {
            // Of a document each statement stands alone: there are several.
            let own_type = &format!("{own}.{STATEMENT}");
            let resource = Resource { system, own_type, name, properties, parts };
            resource.add(sheet, &format!("data.{own}.{name}.{STATEMENT}"), &block.span);
        }
    }
}

/// The path of a property, within the fields of a fact.
fn property(path: &[&str]) -> PathId {
    path.iter().fold(PathId::ROOT.key("properties"), |at, name| at.key(name))
}

/// Puts a field into the object at a path, which is made if there is none. Recursion is as deep as files may be.
fn insert(map: &mut Map<String, Value>, path: &[&str], field: Option<(String, Value)>) {
    let Some((first, rest)) = path.split_first() else {
        map.extend(field);
        return;
    };
    let mut inner = match map.remove(*first) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    insert(&mut inner, rest, field);
    map.insert((*first).to_owned(), inner.into());
}

/// A value as JSON of Terraform has it: expressions are `${ }`.
fn shown(sheet: &mut Sheet<'_>, attribute: &Attribute) -> Value {
    let raw = sheet.raw(&attribute.value);
    let text = sheet.blanked(&attribute.value, raw);
    if attribute.is_text || text == BLANK {
        return text.into();
    }
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => value,
        _ => format!("${{{}}}", text.trim()).into(),
    }
}
