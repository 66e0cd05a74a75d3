//! Plants things in a server: `bad-*` with something wrong, `good-*` without.

mod engines;

use serde_json::{Value, json};

use super::api::Api;
use super::server::{Postgres, Server};
use keystrel::detect::examples;

/// What was planted and must be in no inventory.
#[derive(Default)]
pub(super) struct Planted {
    pub(super) values: Vec<String>,
}

impl Planted {
    /// A value that nobody may see.
    fn value(&mut self) -> String {
        let value = examples::fill("V9${alnum:30}", None, 1000 + self.values.len() as u64).unwrap();
        self.values.push(value.clone());
        value
    }

    /// One that every scanner knows.
    fn token(&mut self) -> String {
        let seed = 5000 + self.values.len() as u64;
        let token =
            examples::fill("ghp_${alnum:30}${checksum}", Some("crc32-base62"), seed).unwrap();
        self.values.push(token.clone());
        token
    }
}

/// Everything that the server can hold, good and bad.
pub(super) fn everything(server: &Server, postgres: &Postgres, password: &str) -> Planted {
    let api = server.api();
    let mut planted = Planted::default();
    planted.values.extend([server.root.clone(), password.to_owned()]);
    planted.values.extend(server.keys.clone());
    system(&api, &mut planted);
    policies(&api, &mut planted);
    methods(&api, &mut planted);
    tokens(&api, &mut planted);
    identity(&api, &mut planted);
    kv(&api, &mut planted);
    engines::all(&api, postgres, password, &mut planted);
    namespaces(&api, &mut planted);
    attempts(&api, &mut planted);
    planted
}

fn system(api: &Api, planted: &mut Planted) {
    api.post("sys/config/cors", &json!({"allowed_origins": "*"}));
    api.post("sys/config/auditing/request-headers/Authorization", &json!({"hmac": false}));
    api.post("sys/config/auditing/request-headers/X-Request-Id", &json!({"hmac": false}));
    api.post(
        "sys/policies/password/bad-short",
        &json!({"policy": "length = 8\nrule \"charset\" { charset = \"abcdefghij\" }"}),
    );
    let good = r#"
        length = 32
        rule "charset" { charset = "abcdefghijklmnopqrstuvwxyz" min-chars = 1 }
        rule "charset" { charset = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" min-chars = 1 }
        rule "charset" { charset = "0123456789" min-chars = 1 }
        rule "charset" { charset = "!-_" min-chars = 1 }"#;
    api.post("sys/policies/password/good", &json!({"policy": good}));
    let described = format!("old token {}", planted.token());
    api.post(
        "sys/mounts/bad-described",
        &json!({"type": "kv", "description": described, "options": {"version": "2"}}),
    );
    api.post("bad-described/data/one", &json!({"data": {"a": "1"}}));
    api.post("sys/mounts/bad-unused", &json!({"type": "kv", "options": {"version": "2"}}));
    api.post(
        "sys/mounts/bad-unhashed",
        &json!({"type": "kv", "options": {"version": "2"}, "config": {"audit_non_hmac_response_keys": ["value", "password"]}}),
    );
    api.post("bad-unhashed/data/one", &json!({"data": {"a": "1"}}));
}

fn policies(api: &Api, planted: &mut Planted) {
    for (name, text) in [
        ("good-app", "path \"secret/data/app/*\" {\n capabilities = [\"read\"]\n}".to_owned()),
        ("good-templated", "path \"secret/data/{{identity.entity.name}}/*\" { capabilities = [\"read\"] }".into()),
        ("bad-all", "path \"*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\", \"sudo\"] }".into()),
        ("bad-sudo", "path \"sys/remount\" { capabilities = [\"update\", \"sudo\"] }".into()),
        ("bad-wide", "path \"secret/data/*\" { capabilities = [\"read\"] }\npath \"secret/metadata/*\" { capabilities = [\"list\"] }".into()),
        ("bad-escalate", "path \"sys/policies/acl/*\" { capabilities = [\"create\", \"update\"] }".into()),
        ("bad-audit", "path \"sys/audit/*\" { capabilities = [\"update\", \"delete\", \"sudo\"] }".into()),
        ("bad-raw", "path \"sys/raw/*\" { capabilities = [\"read\", \"sudo\"] }".into()),
        ("bad-seal", "path \"sys/seal\" { capabilities = [\"update\", \"sudo\"] }".into()),
        ("bad-snapshot", "path \"sys/storage/raft/snapshot\" { capabilities = [\"read\"] }".into()),
        ("bad-export", "path \"transit/export/*\" { capabilities = [\"read\"] }".into()),
        ("bad-both-ways", "path \"transit/encrypt/*\" { capabilities = [\"update\"] }\npath \"transit/decrypt/*\" { capabilities = [\"update\"] }".into()),
        ("bad-verbatim", "path \"pki/sign-verbatim\" { capabilities = [\"update\"] }".into()),
        ("bad-db-root", "path \"database/config/*\" { capabilities = [\"create\", \"update\"] }".into()),
        ("bad-token-open", "path \"auth/token/create\" { capabilities = [\"update\"] }".into()),
        ("bad-deny", "path \"secret/+/app/one*\" { capabilities = [\"deny\"] }\npath \"secret/data/app/o*\" { capabilities = [\"read\"] }".into()),
        ("bad-secret-id", "path \"auth/approle/role/+/secret-id\" { capabilities = [\"update\"] }".into()),
        ("bad-orphan", "path \"secret/data/nobody\" { capabilities = [\"read\"] }".into()),
        ("bad-comment", format!("# {}\npath \"secret/data/app/x\" {{ capabilities = [\"read\"] }}", planted.token())),
        ("bad-star", "path \"*\" { capabilities = [\"read\"] }".into()),
        ("bad-list", "path \"secret/metadata/*\" { capabilities = [\"list\"] }".into()),
        ("bad-below", "path \"+/sys/policies/acl/*\" { capabilities = [\"read\"] }".into()),
        ("good-old-form", "path \"secret/data/old\" { policy = \"read\" }".into()),
        ("good-json", r#"{"path": {"secret/data/json": {"capabilities": ["read"], "allowed_parameters": {"version": []}}}}"#.into()),
    ] {
        api.post(&format!("sys/policies/acl/{name}"), &json!({"policy": text}));
    }
}

fn methods(api: &Api, planted: &mut Planted) {
    for kind in ["approle", "userpass", "jwt", "kubernetes", "ldap", "radius", "cert", "kerberos"] {
        api.post(&format!("sys/auth/{kind}"), &json!({"type": kind}));
    }
    api.post(
        "sys/auth/good-oidc",
        &json!({"type": "oidc", "config": {"max_lease_ttl": "8h", "default_lease_ttl": "1h"}}),
    );
    api.post(
        "sys/auth/userpass/tune",
        &json!({
            "listing_visibility": "unauth", "max_lease_ttl": "8760h",
            "user_lockout_config": {"lockout_disable": true},
        }),
    );
    let good = json!({
        "token_policies": ["good-app"], "secret_id_ttl": "12h", "secret_id_num_uses": 1, "token_ttl": "20m",
        "token_max_ttl": "1h", "secret_id_bound_cidrs": ["10.0.0.0/24"], "token_bound_cidrs": ["10.0.0.0/24"],
    });
    api.post("auth/approle/role/good", &good);
    api.post(
        "auth/approle/role/bad-open",
        &json!({"token_policies": ["good-app", "missing-policy"]}),
    );
    let open = json!({"bind_secret_id": false, "token_bound_cidrs": ["0.0.0.0/0"], "token_policies": ["bad-all"], "secret_id_ttl": "1h", "secret_id_num_uses": 1});
    api.post("auth/approle/role/bad-no-secret", &open);
    for role in ["good", "bad-open"] {
        let made = api.post(
            &format!("auth/approle/role/{role}/secret-id"),
            &json!({"metadata": "{\"made_by\": \"test\"}", "cidr_list": ["10.0.0.0/24"]}),
        );
        planted.values.push(made["data"]["secret_id"].as_str().unwrap().to_owned());
    }
    for (user, policies) in [("good", "good-app"), ("bad-admin", "bad-all")] {
        let body = json!({"password": planted.value(), "token_policies": [policies], "token_ttl": "1h", "token_max_ttl": "8h"});
        api.post(&format!("auth/userpass/users/{user}"), &body);
    }
    // Any public key: nobody logs in.
    let pem = certificate_of("jwt");
    api.post("auth/jwt/config", &json!({"jwt_validation_pubkeys": [public_key_of("jwt")], "bound_issuer": "https://token.actions.githubusercontent.com"}));
    let role = |extra: Value| {
        let mut role = json!({"role_type": "jwt", "user_claim": "sub", "token_policies": ["good-app"], "token_ttl": "10m", "token_max_ttl": "30m"});
        role.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        role
    };
    let pinned = json!({"bound_audiences": ["vault"], "bound_claims": {"repository": "org/repo", "ref": ["refs/heads/main"]}});
    api.post("auth/jwt/role/good", &role(pinned));
    let open = json!({"bound_audiences": ["vault"], "bound_claims_type": "glob", "bound_claims": {"sub": "*"}});
    api.post("auth/jwt/role/bad-open", &role(open));
    api.post(
        "auth/jwt/role/bad-audience",
        &role(json!({"bound_claims": {"repository": "org/repo"}})),
    );
    let reviewer = examples::fill("${jwt}", None, 77).unwrap();
    planted.values.push(reviewer.clone());
    api.post("auth/kubernetes/config", &json!({
        "kubernetes_host": "https://127.0.0.1:6443", "kubernetes_ca_cert": pem, "token_reviewer_jwt": reviewer,
        "disable_local_ca_jwt": true,
    }));
    for (role, names, namespaces, audience) in [
        ("good", "app", "prod", "vault"),
        ("bad-any", "*", "*", "vault"),
        ("bad-default", "default", "prod", "vault"),
        ("bad-audience", "app", "prod", ""),
    ] {
        api.post(&format!("auth/kubernetes/role/{role}"), &json!({
            "bound_service_account_names": names, "bound_service_account_namespaces": namespaces, "audience": audience,
            "token_policies": ["good-app"], "token_ttl": "10m", "token_max_ttl": "30m",
        }));
    }
    api.post("auth/ldap/config", &json!({
        "url": "ldap://ldap.example.org", "insecure_tls": true, "binddn": "cn=reader", "bindpass": planted.value(),
    }));
    api.post("auth/ldap/groups/admins", &json!({"policies": "bad-all"}));
    api.post("auth/ldap/users/ann", &json!({"groups": "admins", "policies": "good-app"}));
    api.post("auth/radius/config", &json!({"host": "127.0.0.1", "secret": planted.value()}));
    api.post("auth/radius/users/ann", &json!({"policies": "good-app"}));
    api.post("auth/kerberos/groups/ops", &json!({"policies": "good-app"}));
    let body = json!({"certificate": pem, "token_policies": ["good-app"], "token_ttl": "1h", "token_max_ttl": "2h"});
    api.post("auth/cert/certs/bad-any", &body);
    let body = json!({"certificate": pem, "allowed_common_names": "app.example.org", "token_policies": ["good-app"], "token_ttl": "1h", "token_max_ttl": "2h"});
    api.post("auth/cert/certs/good", &body);
}

fn tokens(api: &Api, planted: &mut Planted) {
    api.post("auth/token/roles/bad-open", &json!({"orphan": true, "allowed_policies_glob": ["*"]}));
    api.post("auth/token/roles/good", &json!({
        "orphan": false, "allowed_policies": ["good-app"], "disallowed_policies": ["root"], "token_explicit_max_ttl": "12h",
    }));
    for (path, body) in [
        (
            "auth/token/create-orphan",
            json!({"policies": ["good-app"], "ttl": "900h", "display_name": "bad-orphan"}),
        ),
        (
            "auth/token/create",
            json!({"policies": ["good-app"], "period": "24h", "display_name": "bad-periodic"}),
        ),
        (
            "auth/token/create",
            json!({"policies": ["good-app"], "ttl": "1h", "explicit_max_ttl": "2h", "display_name": "good"}),
        ),
        (
            "auth/token/create",
            json!({"policies": ["bad-all"], "ttl": "1h", "display_name": "bad-unbound"}),
        ),
        ("auth/token/create", json!({"policies": ["root"], "display_name": "bad-root"})),
    ] {
        let made = api.post(path, &body);
        planted.values.push(made["auth"]["client_token"].as_str().unwrap().to_owned());
    }
}

fn identity(api: &Api, planted: &mut Planted) {
    let methods = api.get("sys/auth");
    let accessor =
        |name: &str| methods["data"][format!("{name}/")]["accessor"].as_str().unwrap().to_owned();
    let userpass = accessor("userpass");
    // Logging in makes an entity.
    let made = api.post(
        "auth/userpass/login/good",
        &json!({"password": planted.values.iter().find(|value| value.starts_with("V9")).unwrap()}),
    );
    planted.values.push(made["auth"]["client_token"].as_str().unwrap().to_owned());
    let ann = api.post(
        "identity/entity",
        &json!({"name": "ann", "policies": ["bad-all"], "metadata": {"team": "ops"}}),
    );
    let ann = ann["data"]["id"].as_str().unwrap().to_owned();
    api.post(
        "identity/entity-alias",
        &json!({"name": "ann", "canonical_id": ann, "mount_accessor": userpass}),
    );
    let bob = api.post("identity/entity", &json!({"name": "bob"}));
    let bob = bob["data"]["id"].as_str().unwrap().to_owned();
    api.post(
        "identity/group",
        &json!({"name": "readers", "policies": ["good-templated"], "member_entity_ids": [bob]}),
    );
    let external = api.post(
        "identity/group",
        &json!({"name": "outside", "type": "external", "policies": ["good-app"]}),
    );
    let external = external["data"]["id"].as_str().unwrap().to_owned();
    api.post(
        "identity/group-alias",
        &json!({"name": "ops", "canonical_id": external, "mount_accessor": accessor("ldap")}),
    );
    let method =
        api.post("identity/mfa/method/totp", &json!({"issuer": "vault", "method_name": "second"}));
    let method = method["data"]["method_id"].as_str().unwrap().to_owned();
    api.post(
        "identity/mfa/login-enforcement/ldap",
        &json!({"mfa_method_ids": [method], "auth_method_accessors": [accessor("ldap")]}),
    );
    api.post(
        "identity/oidc/key/bad-any",
        &json!({"allowed_client_ids": ["*"], "rotation_period": "720h"}),
    );
    api.post(
        "identity/oidc/key/good",
        &json!({"allowed_client_ids": [], "rotation_period": "24h", "verification_ttl": "24h"}),
    );
    api.post("identity/oidc/role/app", &json!({"key": "good", "ttl": "1h"}));
    api.post("identity/oidc/assignment/app", &json!({"entity_ids": [ann]}));
    api.post("identity/oidc/client/app", &json!({"key": "bad-any", "redirect_uris": ["https://app.example.org/cb"], "assignments": ["app"]}));
    let client = api.get("identity/oidc/client/app");
    planted.values.push(client["data"]["client_secret"].as_str().unwrap().to_owned());
    api.post("identity/oidc/provider/app", &json!({"allowed_client_ids": ["*"]}));
}

fn kv(api: &Api, planted: &mut Planted) {
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    api.post("sys/mounts/kv", &json!({"type": "kv", "options": {"version": "1"}}));
    let owner = json!({"custom_metadata": {"owner": "shop team", "rotation_days": "90"}, "cas_required": true, "max_versions": 3});
    let write = |path: &str, value: String| {
        api.post(&format!("secret/data/{path}"), &json!({"data": {"password": value}}));
    };
    write("app/good", planted.value());
    api.post("secret/metadata/app/good", &owner);
    write("app/one", planted.value());
    for _ in 0..7 {
        write("app/bad-versions", planted.value());
    }
    api.post(
        "secret/metadata/app/bad-many",
        &json!({"max_versions": 20, "custom_metadata": {"owner": "x"}}),
    );
    for _ in 0..12 {
        write("app/bad-many", planted.value());
    }
    let same = planted.value();
    for value in [same.clone(), planted.value(), same.clone()] {
        write("app/bad-rollback", value);
    }
    write("app/bad-reused", same);
    write("app/bad-deleted", planted.value());
    write("app/bad-deleted", planted.value());
    api.post("secret/delete/app/bad-deleted", &json!({"versions": [1]}));
    write("app/bad-empty", planted.value());
    api.post("secret/destroy/app/bad-empty", &json!({"versions": [1]}));
    write("ann/mine", planted.value());
    write("odd%20name/%C3%A4%23%3F%25/x", planted.value());
    write("app/bad-metadata", planted.value());
    let token = planted.token();
    api.post(
        "secret/metadata/app/bad-metadata",
        &json!({"custom_metadata": {"note": format!("login with {token}"), "owner": "x"}}),
    );
    let token = planted.token();
    write(&format!("app/{token}"), planted.value());
    api.post("kv/old/one", &json!({"password": planted.value()}));
    api.post("kv/two", &json!({"password": planted.value()}));
}

fn namespaces(api: &Api, planted: &mut Planted) {
    api.post("sys/namespaces/team", &json!({"custom_metadata": {"owner": "team"}}));
    let team = api.within("team");
    team.post(
        "sys/policies/acl/bad-orphan",
        &json!({"policy": "path \"secret/data/nobody\" { capabilities = [\"read\"] }"}),
    );
    let default =
        team.get("sys/policies/acl/default")["data"]["policy"].as_str().unwrap().to_owned();
    let wider = format!("{default}\npath \"secret/data/*\" {{ capabilities = [\"read\"] }}");
    team.post("sys/policies/acl/default", &json!({"policy": wider}));
    team.post("sys/namespaces/shop", &json!({}));
    let shop = api.within("team/shop");
    for (within, name) in [(&team, "team"), (&shop, "shop")] {
        within.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
        within.post("secret/data/own", &json!({"data": {"password": planted.value()}}));
        within.post(
            "sys/policies/acl/good-own",
            &json!({"policy": "path \"secret/data/own\" { capabilities = [\"read\"] }"}),
        );
        within.post("sys/auth/approle", &json!({"type": "approle"}));
        within.post("auth/approle/role/app", &json!({"token_policies": ["good-own"]}));
        within.post("identity/entity", &json!({"name": name, "policies": ["good-own"]}));
    }
}

/// What is left half done.
fn attempts(api: &Api, planted: &mut Planted) {
    api.post("sys/rekey/init", &json!({"secret_shares": 1, "secret_threshold": 1}));
    let attempt = api.post("sys/generate-root-token/attempt", &json!({}));
    planted.values.push(attempt["data"]["otp"].as_str().unwrap().to_owned());
    let wrapped = api.wrapped("sys/wrapping/wrap", &json!({"password": planted.value()}));
    planted.values.push(wrapped["wrap_info"]["token"].as_str().unwrap().to_owned());
}

fn openssl(name: &str, args: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let make = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "30",
        "-keyout",
        "key",
        "-out",
        "certificate",
    ];
    for args in [[make.as_slice(), &["-subj", &format!("/CN={name}")]].concat(), args.to_vec()] {
        let output = std::process::Command::new("openssl")
            .args(args)
            .current_dir(directory.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    std::fs::read_to_string(directory.path().join("out")).unwrap()
}

fn certificate_of(name: &str) -> String {
    openssl(name, &["x509", "-in", "certificate", "-out", "out"])
}

fn public_key_of(name: &str) -> String {
    openssl(name, &["pkey", "-in", "key", "-pubout", "-out", "out"])
}

/// A little, as it should be.
pub(super) fn careful(api: &Api) {
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    api.post("secret/config", &json!({"cas_required": true, "max_versions": 5}));
    api.post("secret/data/app/db", &json!({"data": {"password": "x"}, "options": {"cas": 0}}));
    let metadata = json!({"custom_metadata": {"owner": "shop team", "rotation_days": "90"}});
    api.post("secret/metadata/app/db", &metadata);
    api.post(
        "sys/policies/acl/app",
        &json!({"policy": "path \"secret/data/app/db\" { capabilities = [\"read\"] }"}),
    );
    api.post(
        "sys/auth/approle",
        &json!({"type": "approle", "config": {"max_lease_ttl": "8h", "default_lease_ttl": "1h"}}),
    );
    let role = json!({
        "token_policies": ["app"], "secret_id_ttl": "12h", "secret_id_num_uses": 1, "token_ttl": "20m",
        "token_max_ttl": "1h", "secret_id_bound_cidrs": ["10.0.0.0/24"], "token_bound_cidrs": ["10.0.0.0/24"],
    });
    api.post("auth/approle/role/app", &role);
    api.post("sys/quotas/rate-limit/all", &json!({"rate": 100_000}));
}
