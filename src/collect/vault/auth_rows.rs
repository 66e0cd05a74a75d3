//! Auth methods: their configurations, roles, users and groups.

use serde_json::{Map, Value};

use super::certificate;
use super::fields::{Field, list, plain, seconds, whole};
use super::rows::{Object, Place, Row};

/// What every role says of the tokens that it gives.
pub(super) const TOKEN: &[Field] = &[
    list("token_policies").or("policies"),
    seconds("token_ttl").or("ttl"),
    seconds("token_max_ttl").or("max_ttl"),
    seconds("token_explicit_max_ttl"),
    seconds("token_period").or("period"),
    plain("token_num_uses"),
    plain("token_bound_cidrs").or("bound_cidrs"),
    plain("token_no_default_policy"),
    plain("token_type"),
    plain("token_strictly_bind_ip"),
];

/// Automatic rotation of what a configuration logs in with.
pub(super) const ROTATION: &[Field] = &[
    seconds("rotation_period"),
    plain("rotation_schedule"),
    seconds("rotation_window"),
    plain("disable_automated_rotation"),
];

const LDAP: Place = Place::Auth(&["ldap"]);
const OKTA: Place = Place::Auth(&["okta"]);
const GITHUB: Place = Place::Auth(&["github"]);
const RADIUS: Place = Place::Auth(&["radius"]);
const JWT: Place = Place::Auth(&["jwt", "oidc"]);
const KUBERNETES: Place = Place::Auth(&["kubernetes"]);
const AWS: Place = Place::Auth(&["aws"]);
const AZURE: Place = Place::Auth(&["azure"]);
const GCP: Place = Place::Auth(&["gcp"]);

pub(super) static ROWS: &[Row] = &[
    Row::many(
        "vault_approle_role",
        Place::Auth(&["approle"]),
        "role",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("bind_secret_id"),
                plain("local_secret_ids"),
                plain("secret_id_bound_cidrs"),
                plain("secret_id_num_uses"),
                seconds("secret_id_ttl"),
            ],
        ],
    )
    .derive(role),
    Row::many("vault_userpass_user", Place::Auth(&["userpass"]), "users", "users/{}", &[TOKEN])
        .derive(role),
    Row::one(
        "vault_ldap_auth_config",
        LDAP,
        "config",
        &[
            &[
                plain("url"),
                plain("starttls"),
                plain("insecure_tls"),
                plain("deny_null_bind"),
                plain("tls_min_version"),
                plain("tls_max_version"),
                plain("binddn"),
                plain("userdn"),
                plain("userattr"),
                plain("groupdn"),
                plain("case_sensitive_names"),
                plain("use_token_groups"),
                plain("token_policies"),
            ],
            ROTATION,
        ],
    )
    .derive(certificate_set),
    Row::many("vault_ldap_auth_group", LDAP, "groups", "groups/{}", &[TOKEN]).derive(role),
    Row::many("vault_ldap_auth_user", LDAP, "users", "users/{}", &[TOKEN, &[list("groups")]])
        .derive(role),
    Row::one(
        "vault_radius_auth_config",
        RADIUS,
        "config",
        &[&[
            plain("host"),
            plain("port"),
            list("unregistered_user_policies"),
            plain("token_policies"),
        ]],
    ),
    Row::many("vault_radius_auth_user", RADIUS, "users", "users/{}", &[TOKEN]).derive(role),
    Row::one(
        "vault_okta_auth_config",
        OKTA,
        "config",
        &[&[
            plain("org_name").or("organization"),
            plain("base_url"),
            plain("bypass_okta_mfa"),
            plain("token_policies"),
        ]],
    ),
    Row::many("vault_okta_auth_group", OKTA, "groups", "groups/{}", &[TOKEN]).derive(role),
    Row::many("vault_okta_auth_user", OKTA, "users", "users/{}", &[TOKEN, &[list("groups")]])
        .derive(role),
    Row::one(
        "vault_github_auth_config",
        GITHUB,
        "config",
        &[&[
            plain("organization"),
            plain("organization_id"),
            plain("base_url"),
            plain("token_policies"),
            seconds("token_ttl"),
            seconds("token_max_ttl"),
        ]],
    ),
    Row::many("vault_github_auth_team", GITHUB, "map/teams", "map/teams/{}", &[TOKEN])
        .derive(mapping),
    Row::many("vault_github_auth_user", GITHUB, "map/users", "map/users/{}", &[TOKEN])
        .derive(mapping),
    Row::many(
        "vault_kerberos_auth_group",
        Place::Auth(&["kerberos"]),
        "groups",
        "groups/{}",
        &[TOKEN],
    )
    .derive(role),
    Row::one(
        "vault_jwt_auth_config",
        JWT,
        "config",
        &[&[
            plain("oidc_discovery_url"),
            plain("bound_issuer"),
            plain("jwks_url"),
            plain("oidc_client_id"),
            plain("default_role"),
            plain("jwt_supported_algs"),
            plain("provider").of("provider_config.provider"),
        ]],
    )
    .derive(|object, fields| {
        let keys = object.answer["jwt_validation_pubkeys"].as_array().map(Vec::len);
        fields.insert("validation_keys".into(), keys.into());
    }),
    Row::many(
        "vault_jwt_auth_role",
        JWT,
        "role",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("role_type"),
                plain("bound_audiences"),
                plain("bound_claims_type"),
                plain("bound_subject"),
                plain("user_claim"),
                plain("groups_claim"),
                plain("allowed_redirect_uris"),
                plain("oidc_scopes"),
                seconds("expiration_leeway"),
                seconds("not_before_leeway"),
                seconds("clock_skew_leeway"),
                seconds("max_age"),
                plain("verbose_oidc_logging"),
            ],
        ],
    )
    .derive(|object, fields| {
        role(object, fields);
        let claims = object.answer["bound_claims"].as_object();
        let lists = |claims: &Map<String, Value>| -> Value {
            claims
                .iter()
                .map(|(name, value)| match value {
                    Value::Array(_) => (name.clone(), value.clone()),
                    one => (name.clone(), Value::Array(vec![one.clone()])),
                })
                .collect::<Map<_, _>>()
                .into()
        };
        fields.insert("bound_claims".into(), claims.map_or(Value::Null, lists));
    }),
    Row::one(
        "vault_kubernetes_auth_config",
        KUBERNETES,
        "config",
        &[&[
            plain("kubernetes_host"),
            plain("disable_iss_validation"),
            plain("disable_local_ca_jwt"),
            plain("issuer"),
            plain("token_reviewer_jwt_set"),
            plain("use_annotations_as_alias_metadata"),
        ]],
    )
    .derive(|object, fields| {
        let keys = object.answer["pem_keys"].as_array().map_or(0, Vec::len);
        fields.insert("pem_keys".into(), keys.into());
    }),
    Row::many(
        "vault_kubernetes_auth_role",
        KUBERNETES,
        "role",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("alias_name_source"),
                plain("audience"),
                plain("bound_service_account_names"),
                plain("bound_service_account_namespaces"),
                plain("bound_service_account_namespace_selector"),
            ],
        ],
    )
    .derive(role),
    Row::one(
        "vault_aws_auth_config",
        AWS,
        "config/client",
        &[
            &[
                plain("iam_server_id_header_value"),
                plain("access_key"),
                plain("endpoint"),
                plain("sts_endpoint"),
                plain("sts_region"),
                plain("use_sts_region_from_client"),
                plain("allowed_sts_header_values"),
                plain("max_retries"),
                plain("role_arn"),
                plain("identity_token_audience"),
            ],
            ROTATION,
        ],
    ),
    Row::many(
        "vault_aws_auth_role",
        AWS,
        "roles",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("bound_account_id"),
                plain("bound_iam_principal_arn"),
                plain("bound_iam_role_arn"),
                plain("bound_iam_instance_profile_arn"),
                plain("bound_ami_id"),
                plain("bound_ec2_instance_id"),
                plain("bound_region"),
                plain("bound_vpc_id"),
                plain("bound_subnet_id"),
                plain("resolve_aws_unique_ids"),
                plain("inferred_entity_type"),
                plain("allow_instance_migration"),
                plain("disallow_reauthentication"),
            ],
        ],
    )
    .derive(|object, fields| {
        role(object, fields);
        // The role's own, by the name that the API has for it.
        fields.insert("auth_type".into(), object.answer["auth_type"].clone());
    }),
    Row::one(
        "vault_azure_auth_config",
        AZURE,
        "config",
        &[
            &[
                plain("tenant_id"),
                plain("resource"),
                plain("environment"),
                plain("client_id"),
                plain("identity_token_audience"),
                seconds("root_password_ttl"),
            ],
            ROTATION,
        ],
    ),
    Row::many(
        "vault_azure_auth_role",
        AZURE,
        "role",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("bound_service_principal_ids"),
                plain("bound_group_ids"),
                plain("bound_locations"),
                plain("bound_subscription_ids"),
                plain("bound_resource_groups"),
                plain("bound_scale_sets"),
            ],
        ],
    )
    .derive(role),
    Row::one(
        "vault_gcp_auth_config",
        GCP,
        "config",
        &[
            &[
                plain("client_email"),
                plain("project_id"),
                plain("private_key_id"),
                plain("identity_token_audience"),
            ],
            ROTATION,
        ],
    ),
    Row::many(
        "vault_gcp_auth_role",
        GCP,
        "roles",
        "role/{}",
        &[
            TOKEN,
            &[
                plain("type").or("role_type"),
                plain("bound_service_accounts"),
                plain("bound_projects"),
                plain("bound_zones"),
                plain("bound_regions"),
                plain("bound_instance_groups"),
                whole("bound_labels"),
                seconds("max_jwt_exp"),
                plain("allow_gce_inference"),
            ],
        ],
    )
    .derive(role),
    Row::many(
        "vault_cert_auth_role",
        Place::Auth(&["cert"]),
        "certs",
        "certs/{}",
        &[
            TOKEN,
            &[
                plain("display_name"),
                list("allowed_names"),
                list("allowed_common_names"),
                list("allowed_dns_sans"),
                list("allowed_email_sans"),
                list("allowed_uri_sans"),
                list("allowed_organizational_units"),
                plain("required_extensions"),
                plain("ocsp_enabled"),
                plain("ocsp_fail_open"),
            ],
        ],
    )
    .derive(|object, fields| {
        role(object, fields);
        let pem = object.answer["certificate"].as_str().unwrap_or_default();
        let read = certificate::of_pem(pem).unwrap_or_default();
        for name in ["is_ca", "subject", "not_after"] {
            fields.insert(name.into(), read.get(name).cloned().unwrap_or_default());
        }
    }),
    Row::many(
        "vault_token_role",
        Place::Auth(&["token"]),
        "roles",
        "roles/{}",
        &[&[
            plain("allowed_policies"),
            plain("allowed_policies_glob"),
            plain("disallowed_policies"),
            plain("disallowed_policies_glob"),
            plain("allowed_entity_aliases"),
            plain("orphan"),
            plain("path_suffix"),
            plain("renewable"),
            plain("token_bound_cidrs").or("bound_cidrs"),
            seconds("token_explicit_max_ttl").or("explicit_max_ttl"),
            plain("token_no_default_policy"),
            plain("token_num_uses"),
            seconds("token_period").or("period"),
            plain("token_type"),
        ]],
    ),
];

/// Kinds of facts whose holders get `token_policies` when they log in.
pub(super) fn role_kinds() -> impl Iterator<Item = &'static str> {
    let gives_tokens = |row: &&Row| {
        row.list.is_some()
            && row.fields.iter().any(|part| part.iter().any(|f| f.name == "token_policies"))
    };
    ROWS.iter().filter(gives_tokens).map(|row| row.kind)
}

fn role(object: &Object<'_>, fields: &mut Map<String, Value>) {
    fields.insert("auth_type".into(), object.mount_type.into());
}

/// Teams and users of GitHub: the policies are one text.
fn mapping(object: &Object<'_>, fields: &mut Map<String, Value>) {
    role(object, fields);
    let policies: Vec<&str> = object.answer["value"]
        .as_str()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|policy| !policy.is_empty())
        .collect();
    fields.insert("token_policies".into(), policies.into());
}

pub(super) fn certificate_set(object: &Object<'_>, fields: &mut Map<String, Value>) {
    let is_set = object.answer["certificate"].as_str().is_some_and(|pem| !pem.is_empty());
    fields.insert("certificate_set".into(), is_set.into());
}
