//! Secrets engines but KV.

use serde_json::json;

use super::super::api::Api;
use super::super::server::Postgres;
use super::{Planted, certificate_of};
use keystrel::detect::examples;

pub(super) fn all(api: &Api, postgres: &Postgres, password: &str, planted: &mut Planted) {
    database(api, postgres, password);
    engines(api, planted);
    pki(api);
    transit(api);
}

fn database(api: &Api, postgres: &Postgres, password: &str) {
    api.post("sys/mounts/database", &json!({"type": "database"}));
    let url = |mode: &str| {
        format!(
            "postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{}/postgres?sslmode={mode}",
            postgres.port
        )
    };
    let connection = |url: String, roles: &[&str]| {
        json!({
            "plugin_name": "postgresql-database-plugin", "connection_url": url, "allowed_roles": roles,
            "username": "owner", "password": password,
        })
    };
    api.post("database/config/bad", &connection(url("disable"), &["*"]));
    let literal = format!(
        "postgresql://owner:{password}@127.0.0.1:{}/postgres?sslmode=disable",
        postgres.port
    );
    api.post("database/config/bad-literal", &connection(literal, &["app"]));
    let mut good = connection(url("verify-full"), &["app"]);
    good["verify_connection"] = false.into();
    api.post("database/config/good", &good);
    let create = "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{{name}}\";";
    let revoke = "DROP ROLE IF EXISTS \"{{name}}\";";
    api.post("database/roles/good", &json!({
        "db_name": "bad", "creation_statements": [create], "revocation_statements": [revoke], "default_ttl": "1h", "max_ttl": "24h",
    }));
    let powerful = "CREATE ROLE \"{{name}}\" WITH SUPERUSER LOGIN PASSWORD '{{password}}';";
    api.post("database/roles/bad-super", &json!({"db_name": "bad", "creation_statements": [powerful], "default_ttl": "1440h", "max_ttl": "0"}));
    let mut far = connection(url("disable").replace("127.0.0.1", "db.example.org"), &["app"]);
    far["verify_connection"] = false.into();
    api.post("database/config/bad-remote", &far);
    // A lease of 60 days.
    api.get("database/creds/bad-super");
    let made = api.get("database/creds/good");
    let user = made["data"]["username"].as_str().unwrap();
    for (role, period) in [("static-good", "24h"), ("bad-long", "8760h")] {
        let body = json!({"db_name": "bad", "username": user, "rotation_period": period});
        api.post(&format!("database/static-roles/{role}"), &body);
    }
}

fn engines(api: &Api, planted: &mut Planted) {
    for kind in ["ldap", "rabbitmq", "kubernetes", "ssh", "totp"] {
        api.post(&format!("sys/mounts/{kind}"), &json!({"type": kind}));
    }
    api.post("ldap/config", &json!({"url": "ldap://127.0.0.1", "binddn": "cn=admin", "bindpass": planted.value(), "insecure_tls": true}));
    api.post("ldap/role/app", &json!({"creation_ldif": "dn: cn={{.Username}}\nchangetype: add\nobjectClass: person\nuserPassword: {{.Password}}", "deletion_ldif": "dn: cn={{.Username}}\nchangetype: delete", "default_ttl": "1h"}));
    let body = json!({"connection_uri": "http://127.0.0.1:1", "username": "u", "password": planted.value(), "verify_connection": false});
    api.post("rabbitmq/config/connection", &body);
    api.post("rabbitmq/roles/app", &json!({"tags": "administrator", "vhosts": "{\"/\": {\"configure\": \".*\", \"write\": \".*\", \"read\": \".*\"}}"}));
    let token = examples::fill("${jwt}", None, 78).unwrap();
    planted.values.push(token.clone());
    api.post("kubernetes/config", &json!({"kubernetes_host": "https://127.0.0.1:1", "kubernetes_ca_cert": certificate_of("k8s"), "service_account_jwt": token}));
    api.post("kubernetes/roles/app", &json!({"allowed_kubernetes_namespaces": "*", "service_account_name": "admin", "token_max_ttl": "24h"}));
    api.post(
        "ssh/config/ca",
        &json!({"generate_signing_key": true, "key_type": "ssh-rsa", "key_bits": 2048}),
    );
    for (role, body) in [
        (
            "good",
            json!({"key_type": "ca", "allow_user_certificates": true, "allowed_users": "deploy", "default_user": "deploy", "ttl": "1h", "max_ttl": "2h", "algorithm_signer": "rsa-sha2-256"}),
        ),
        (
            "bad-any",
            json!({"key_type": "ca", "allow_user_certificates": true, "allowed_users": "*", "default_user": "root", "algorithm_signer": "ssh-rsa", "allowed_user_key_lengths": {"rsa": [1024]}}),
        ),
        ("bad-otp", json!({"key_type": "otp", "default_user": "deploy", "cidr_list": "0.0.0.0/0"})),
    ] {
        api.post(&format!("ssh/roles/{role}"), &body);
    }
    let made = api.post(
        "totp/keys/app",
        &json!({"generate": true, "issuer": "x", "account_name": "y", "exported": true}),
    );
    let url = made["data"]["url"].as_str().unwrap();
    let secret = url.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    planted.values.push(secret.to_owned());
}

fn pki(api: &Api) {
    api.post("sys/mounts/pki", &json!({"type": "pki", "config": {"max_lease_ttl": "8760h"}}));
    let root = json!({"common_name": "root", "ttl": "2000h", "issuer_name": "root"});
    api.post("pki/root/generate/internal", &root);
    for (role, body) in [
        (
            "good",
            json!({
                "allowed_domains": "app.example.org", "allow_bare_domains": true, "allow_wildcard_certificates": false, "allow_ip_sans": false,
                "key_type": "ec", "key_bits": 256, "max_ttl": "720h", "ttl": "24h", "server_flag": true, "client_flag": false,
                "allow_localhost": false, "use_csr_sans": false,
            }),
        ),
        (
            "bad-any",
            json!({
                "allow_any_name": true, "enforce_hostnames": false, "allow_glob_domains": true, "allowed_domains": "*", "key_type": "any",
                "max_ttl": "8760h", "code_signing_flag": true, "allowed_uri_sans": "*", "allowed_other_sans": "*", "no_store": true,
            }),
        ),
        (
            "bad-weak",
            json!({"allowed_domains": "app.example.org", "allow_bare_domains": true, "key_type": "ec", "key_bits": 224, "max_ttl": "24h"}),
        ),
        (
            "bad-glob",
            json!({"allowed_domains": "com", "allow_subdomains": true, "allow_glob_domains": true, "enforce_hostnames": false, "max_ttl": "24h"}),
        ),
    ] {
        api.post(&format!("pki/roles/{role}"), &body);
    }
    api.post("pki/config/cluster", &json!({"path": "https://127.0.0.1:8200/v1/pki"}));
    api.post("pki/config/acme", &json!({"enabled": true, "eab_policy": "not-required", "default_directory_policy": "sign-verbatim"}));
    api.post("pki/config/crl", &json!({"disable": true}));
    api.post("pki/issue/good", &json!({"common_name": "app.example.org"}));
    api.post("sys/mounts/pki_int", &json!({"type": "pki", "config": {"max_lease_ttl": "4000h"}}));
    let request =
        api.post("pki_int/intermediate/generate/internal", &json!({"common_name": "intermediate"}));
    let signed = api.post(
        "pki/root/sign-intermediate",
        &json!({"csr": request["data"]["csr"], "ttl": "1900h"}),
    );
    api.post(
        "pki_int/intermediate/set-signed",
        &json!({"certificate": signed["data"]["certificate"]}),
    );
}

fn transit(api: &Api) {
    api.post("sys/mounts/transit", &json!({"type": "transit"}));
    api.post("transit/keys/good", &json!({"auto_rotate_period": "720h"}));
    api.post("transit/keys/bad-open", &json!({"exportable": true, "allow_plaintext_backup": true}));
    api.post("transit/keys/bad-open/config", &json!({"deletion_allowed": true}));
    api.post("transit/keys/signing", &json!({"type": "ecdsa-p256", "auto_rotate_period": "720h"}));
    api.post(
        "transit/keys/bad-convergent",
        &json!({"derived": true, "convergent_encryption": true, "auto_rotate_period": "720h"}),
    );
    for _ in 0..12 {
        api.post("transit/keys/bad-open/rotate", &json!({}));
    }
    api.post("sys/quotas/rate-limit/all", &json!({"rate": 100_000}));
}
