//! Secrets engines that give credentials.

use serde_json::{Map, Value, json};

use super::auth_rows::{ROTATION, certificate_set};
use super::database;
use super::fields::{Field, as_seconds, list, plain, seconds, text, time, whole};
use super::rows::{Beside, Object, Place, Row};

const DATABASE: Place = Place::Engine(&["database"]);
const AWS: Place = Place::Engine(&["aws"]);
const AZURE: Place = Place::Engine(&["azure"]);
const GCP: Place = Place::Engine(&["gcp"]);
const LDAP: Place = Place::Engine(&["ldap", "openldap"]);
const AD: Place = Place::Engine(&["ad"]);
const KUBERNETES: Place = Place::Engine(&["kubernetes"]);

const GCP_ACCOUNT: &[Field] = &[
    plain("secret_type"),
    plain("service_account_email"),
    plain("service_account_project").or("project"),
    plain("token_scopes"),
    whole("bindings"),
    seconds("ttl"),
];

const LIBRARY: &[Field] = &[
    list("service_account_names"),
    seconds("ttl"),
    seconds("max_ttl"),
    plain("disable_check_in_enforcement"),
];

pub(super) static ROWS: &[Row] = &[
    Row::many(
        "vault_database_connection",
        DATABASE,
        "config",
        "config/{}",
        &[
            &[
                plain("plugin_name"),
                plain("plugin_version"),
                list("allowed_roles"),
                plain("password_policy"),
                text("root_credentials_rotate_statements"),
                plain("verify_connection"),
            ],
            ROTATION,
        ],
    )
    .derive(database::connection)
    .texts(&["connection_details", "url_parameters"]),
    Row::many(
        "vault_database_role",
        DATABASE,
        "roles",
        "roles/{}",
        &[&[
            plain("db_name"),
            seconds("default_ttl"),
            seconds("max_ttl"),
            text("creation_statements"),
            text("revocation_statements"),
            text("rollback_statements"),
            text("renew_statements"),
            plain("credential_type"),
        ]],
    ),
    Row::many(
        "vault_database_static_role",
        DATABASE,
        "static-roles",
        "static-roles/{}",
        &[&[
            plain("db_name"),
            plain("username"),
            time("last_vault_rotation"),
            seconds("rotation_period"),
            plain("rotation_schedule"),
            seconds("rotation_window"),
            text("rotation_statements"),
            plain("credential_type"),
            time("next_vault_rotation"),
            plain("skip_import_rotation"),
        ]],
    ),
    Row::one(
        "vault_aws_engine_config",
        AWS,
        "config/root",
        &[
            &[
                plain("access_key"),
                plain("region"),
                plain("iam_endpoint"),
                plain("sts_endpoint"),
                plain("username_template"),
                plain("role_arn"),
                plain("identity_token_audience"),
                seconds("identity_token_ttl"),
            ],
            ROTATION,
        ],
    )
    .beside(&[Beside { path: "config/lease", lists: false, fields: &[] }])
    .derive(|object, fields| {
        let lease = &object.beside[0];
        fields.insert("lease".into(), as_seconds(&lease["lease"]).into());
        fields.insert("lease_max".into(), as_seconds(&lease["lease_max"]).into());
    }),
    Row::many(
        "vault_aws_engine_role",
        AWS,
        "roles",
        "roles/{}",
        &[&[
            list("credential_type").or("credential_types"),
            list("policy_arns"),
            list("role_arns"),
            list("iam_groups"),
            plain("permissions_boundary_arn"),
            seconds("default_sts_ttl"),
            seconds("max_sts_ttl"),
            plain("user_path"),
        ]],
    )
    .derive(|object, fields| {
        let document = match &object.answer["policy_document"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        };
        fields.insert("policy_document".into(), document);
        let has_id = object.answer["external_id"].as_str().is_some_and(|id| !id.is_empty());
        fields.insert("external_id_set".into(), has_id.into());
    }),
    Row::many(
        "vault_aws_engine_static_role",
        AWS,
        "static-roles",
        "static-roles/{}",
        &[&[plain("username"), seconds("rotation_period"), plain("assume_role_arn")]],
    ),
    Row::one(
        "vault_azure_engine_config",
        AZURE,
        "config",
        &[
            &[
                plain("tenant_id"),
                plain("subscription_id"),
                plain("client_id"),
                plain("environment"),
                seconds("root_password_ttl"),
                time("root_password_expiration_date"),
                plain("identity_token_audience"),
            ],
            ROTATION,
        ],
    ),
    Row::many(
        "vault_azure_engine_role",
        AZURE,
        "roles",
        "roles/{}",
        &[&[
            plain("application_object_id"),
            seconds("ttl"),
            seconds("max_ttl"),
            plain("permanently_delete"),
            plain("persist_app"),
            plain("sign_in_audience"),
        ]],
    )
    .derive(|object, fields| {
        for (name, parts) in [
            ("azure_roles", ["role_name", "role_id", "scope"].as_slice()),
            ("azure_groups", &["group_name", "object_id"]),
        ] {
            // A text of JSON in old versions.
            let value = match &object.answer[name] {
                Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
                other => other.clone(),
            };
            let picked = value.is_array().then(|| super::sys_rows::picked(&value, parts));
            fields.insert(name.into(), picked.unwrap_or_default());
        }
    }),
    Row::one(
        "vault_gcp_engine_config",
        GCP,
        "config",
        &[
            &[
                seconds("ttl"),
                seconds("max_ttl"),
                plain("service_account_email"),
                plain("identity_token_audience"),
            ],
            ROTATION,
        ],
    ),
    Row::many("vault_gcp_engine_roleset", GCP, "rolesets", "roleset/{}", &[GCP_ACCOUNT]),
    Row::many(
        "vault_gcp_engine_static_account",
        GCP,
        "static-accounts",
        "static-account/{}",
        &[GCP_ACCOUNT],
    ),
    Row::many(
        "vault_gcp_engine_impersonated_account",
        GCP,
        "impersonated-accounts",
        "impersonated-account/{}",
        &[GCP_ACCOUNT],
    ),
    Row::one(
        "vault_ldap_engine_config",
        LDAP,
        "config",
        &[
            &[
                plain("url"),
                plain("starttls"),
                plain("insecure_tls"),
                plain("binddn"),
                plain("userdn"),
                plain("schema"),
                plain("password_policy"),
                seconds("request_timeout"),
            ],
            ROTATION,
        ],
    )
    .derive(certificate_set),
    Row::many(
        "vault_ldap_engine_static_role",
        LDAP,
        "static-role",
        "static-role/{}",
        &[&[
            plain("username"),
            plain("dn"),
            seconds("rotation_period"),
            time("last_vault_rotation"),
        ]],
    ),
    Row::many(
        "vault_ldap_engine_role",
        LDAP,
        "role",
        "role/{}",
        &[&[seconds("default_ttl"), seconds("max_ttl"), plain("username_template")]],
    ),
    Row::many("vault_ldap_engine_library", LDAP, "library", "library/{}", &[LIBRARY])
        .beside(STATUS)
        .derive(library),
    Row::one(
        "vault_ad_engine_config",
        AD,
        "config",
        &[&[
            plain("url"),
            plain("starttls"),
            plain("insecure_tls"),
            plain("binddn"),
            seconds("ttl"),
            seconds("max_ttl"),
            seconds("last_rotation_tolerance"),
        ]],
    ),
    Row::many(
        "vault_ad_engine_role",
        AD,
        "roles",
        "roles/{}",
        &[&[
            plain("service_account_name"),
            seconds("ttl"),
            time("last_vault_rotation"),
            time("password_last_set"),
        ]],
    ),
    Row::many("vault_ad_engine_library", AD, "library", "library/{}", &[LIBRARY])
        .beside(STATUS)
        .derive(library),
    Row::one(
        "vault_kubernetes_engine_config",
        KUBERNETES,
        "config",
        &[&[plain("kubernetes_host"), plain("disable_local_ca_jwt")]],
    ),
    Row::many(
        "vault_kubernetes_engine_role",
        KUBERNETES,
        "roles",
        "roles/{}",
        &[&[
            plain("allowed_kubernetes_namespaces"),
            plain("allowed_kubernetes_namespace_selector"),
            plain("service_account_name"),
            plain("kubernetes_role_name"),
            plain("kubernetes_role_type"),
            plain("generated_role_rules"),
            seconds("token_default_ttl").or("token_default_tll"),
            seconds("token_max_ttl"),
            plain("token_default_audiences"),
        ]],
    ),
    Row::many(
        "vault_rabbitmq_engine_role",
        Place::Engine(&["rabbitmq"]),
        "roles",
        "roles/{}",
        &[&[plain("tags"), whole("vhosts"), whole("vhost_topics")]],
    ),
];

const STATUS: &[Beside] = &[Beside { path: "library/{}/status", lists: false, fields: &[] }];

/// Which accounts of a library are lent.
fn library(object: &Object<'_>, fields: &mut Map<String, Value>) {
    let status = object.beside[0].as_object().map(|accounts| {
        accounts
            .iter()
            .map(|(account, state)| {
                json!({
                    "account": account,
                    "available": state["available"],
                    "borrower_entity_id": state["borrower_entity_id"],
                })
            })
            .collect::<Value>()
    });
    fields.insert("status".into(), status.unwrap_or_default());
}
