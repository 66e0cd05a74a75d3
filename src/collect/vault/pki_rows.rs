//! Secrets engines that sign and encrypt.

use serde_json::{Map, Value, json};

use super::certificate;
use super::fields::{Field, as_time, list, plain, seconds, time, whole};
use super::rows::{Beside, Object, Place, Row};

const PKI: Place = Place::Engine(&["pki"]);
const SSH: Place = Place::Engine(&["ssh"]);

const PKI_ROLE: &[Field] = &[
    plain("allow_any_name"),
    plain("allow_bare_domains"),
    plain("allow_glob_domains"),
    plain("allow_ip_sans"),
    plain("allow_localhost"),
    plain("allow_subdomains"),
    plain("allow_wildcard_certificates"),
    list("allowed_domains"),
    plain("allowed_domains_template"),
    list("allowed_ip_sans_cidr"),
    list("allowed_other_sans"),
    list("allowed_serial_numbers"),
    list("allowed_uri_sans"),
    list("allowed_user_ids"),
    plain("client_flag"),
    plain("code_signing_flag"),
    plain("email_protection_flag"),
    plain("server_flag"),
    plain("cn_validations"),
    plain("enforce_hostnames"),
    list("ext_key_usage"),
    list("ext_key_usage_oids"),
    plain("generate_lease"),
    plain("issuer_ref"),
    plain("key_bits"),
    plain("key_type"),
    list("key_usage"),
    seconds("max_ttl"),
    plain("no_store"),
    plain("not_after"),
    list("policy_identifiers"),
    plain("require_cn"),
    plain("signature_bits"),
    seconds("ttl"),
    plain("use_csr_common_name"),
    plain("use_csr_sans"),
    plain("use_pss"),
];

pub(super) static ROWS: &[Row] = &[
    Row::many("vault_pki_role", PKI, "roles", "roles/{}", &[PKI_ROLE]),
    Row::many(
        "vault_pki_issuer",
        PKI,
        "issuers",
        "issuer/{}",
        &[&[
            plain("issuer_id"),
            plain("issuer_name"),
            plain("key_id"),
            list("usage"),
            plain("leaf_not_after_behavior"),
            plain("revoked"),
            time("revocation_time_rfc3339"),
        ]],
    )
    // Old versions do not tell it in the list.
    .beside(&[Beside { path: "config/issuers", lists: false, fields: &[] }])
    .derive(issuer),
    Row::one(
        "vault_pki_crl_config",
        PKI,
        "config/crl",
        &[&[
            plain("disable"),
            seconds("expiry"),
            plain("auto_rebuild"),
            seconds("auto_rebuild_grace_period"),
            plain("enable_delta"),
            seconds("delta_rebuild_interval"),
            plain("ocsp_disable"),
            seconds("ocsp_expiry"),
        ]],
    )
    .beside(&[Beside { path: "cert/crl", lists: false, fields: &[] }])
    .derive(|object, fields| {
        let pem = object.beside[0]["certificate"].as_str().unwrap_or_default();
        fields.extend(certificate::of_crl(pem));
    }),
    Row::one(
        "vault_pki_auto_tidy",
        PKI,
        "config/auto-tidy",
        &[&[
            plain("enabled"),
            seconds("interval_duration"),
            plain("tidy_cert_store"),
            plain("tidy_revoked_certs"),
            plain("tidy_expired_issuers"),
            seconds("safety_buffer"),
        ]],
    )
    .beside(&[
        Beside {
            path: "tidy-status",
            lists: false,
            fields: &[plain("state"), time("time_finished"), plain("error")],
        },
        Beside { path: "certs", lists: true, fields: &[] },
    ])
    .derive(|object, fields| {
        let count = object.beside[1]["keys"].as_array().map_or(0, Vec::len);
        fields.insert("certificate_count".into(), count.into());
    }),
    Row::one(
        "vault_pki_acme_config",
        PKI,
        "config/acme",
        &[&[
            plain("enabled"),
            plain("eab_policy"),
            plain("default_directory_policy"),
            plain("allowed_roles"),
            plain("allowed_issuers"),
            plain("allow_role_ext_key_usage"),
        ]],
    ),
    Row::many(
        "vault_ssh_role",
        SSH,
        "roles",
        "roles/{}",
        &[&[
            plain("key_type"),
            list("allowed_users"),
            plain("allowed_users_template"),
            plain("default_user"),
            plain("default_user_template"),
            plain("allow_user_certificates"),
            plain("allow_host_certificates"),
            list("allowed_domains"),
            plain("allow_bare_domains"),
            plain("allow_subdomains"),
            plain("allow_user_key_ids"),
            plain("allow_empty_principals"),
            list("allowed_critical_options"),
            list("allowed_extensions"),
            whole("default_critical_options"),
            whole("default_extensions"),
            plain("algorithm_signer"),
            seconds("ttl"),
            seconds("max_ttl"),
            list("cidr_list"),
            list("exclude_cidr_list"),
            plain("port"),
        ]],
    )
    .derive(|object, fields| {
        let lengths = object.answer["allowed_user_key_lengths"].as_object().map(|lengths| {
            lengths
                .iter()
                .map(|(kind, length)| match length {
                    Value::Array(_) => (kind.clone(), length.clone()),
                    one => (kind.clone(), Value::Array(vec![one.clone()])),
                })
                .collect::<Map<_, _>>()
        });
        fields
            .insert("allowed_user_key_lengths".into(), lengths.map_or(Value::Null, Value::Object));
    }),
    Row::one("vault_ssh_ca", SSH, "config/ca", &[&[]]).derive(|object, fields| {
        let key = object.answer["public_key"].as_str().unwrap_or_default();
        let (algorithm, bits) = certificate::of_ssh_key(key).unzip();
        fields.insert("public_key_algorithm".into(), algorithm.into());
        fields.insert("public_key_bits".into(), bits.into());
    }),
    Row::many(
        "vault_transit_key",
        Place::Engine(&["transit"]),
        "keys",
        "keys/{}",
        &[&[
            plain("type"),
            plain("derived"),
            plain("convergent_encryption"),
            plain("exportable"),
            plain("allow_plaintext_backup"),
            plain("deletion_allowed"),
            seconds("auto_rotate_period"),
            plain("imported_key"),
            plain("imported_key_allow_rotation"),
            plain("latest_version"),
            plain("min_available_version"),
            plain("min_decryption_version"),
            plain("min_encryption_version"),
            plain("supports_encryption"),
            plain("supports_signing"),
            plain("soft_deleted"),
        ]],
    )
    .derive(|object, fields| {
        let mut versions: Vec<(u64, Option<String>)> = object.answer["keys"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(version, key)| {
                // Of asymmetric keys an object with the public key.
                let made = key.get("creation_time").unwrap_or(key);
                Some((version.parse().ok()?, as_time(made)))
            })
            .collect();
        versions.sort_by_key(|(version, _)| *version);
        let versions: Value = versions
            .into_iter()
            .map(|(version, made)| json!({"version": version, "creation_time": made}))
            .collect();
        fields.insert("versions".into(), versions);
    }),
];

fn issuer(object: &Object<'_>, fields: &mut Map<String, Value>) {
    let is_default = match &object.info["is_default"] {
        Value::Bool(is_default) => Value::Bool(*is_default),
        _ => match object.beside[0]["default"].as_str() {
            Some(default) => Value::Bool(default == object.name),
            None => Value::Null,
        },
    };
    fields.insert("is_default".into(), is_default);
    let pem = object.answer["certificate"].as_str().unwrap_or_default();
    let read = certificate::of_pem(pem).unwrap_or_default();
    for name in certificate::FIELDS.iter().filter(|name| **name != "dns_names") {
        fields.insert((*name).to_owned(), read.get(*name).cloned().unwrap_or_default());
    }
}
