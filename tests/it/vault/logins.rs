//! Ways to log in, a server as it should be, values where they were asked for, and a log.

use serde_json::{Value, json};

use super::server::{Kind, Server};
use super::{Inventory, collect, keystrel_with, planted};

/// Runs `collect` with variables of the environment, and no others for Vault.
fn collected(variables: &[(&str, &str)]) -> Inventory {
    let output = keystrel_with(variables, &["collect", "vault:"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{said}");
    Inventory::of(&output.stdout)
}

#[test]
fn approle_and_jwt_log_in_and_out_again() {
    let Some(server) = Server::start(Kind::Plain) else { return };
    let api = server.api();
    let policy = "path \"sys/policies/acl\" { capabilities = [\"list\"] }";
    api.post("sys/policies/acl/auditor", &json!({"policy": policy}));
    api.post("sys/auth/apps", &json!({"type": "approle"}));
    api.post("auth/apps/role/audit", &json!({"token_policies": ["auditor"], "token_ttl": "1h"}));
    let role =
        api.get("auth/apps/role/audit/role-id")["data"]["role_id"].as_str().unwrap().to_owned();
    let secret = api.post("auth/apps/role/audit/secret-id", &json!({}));
    let secret = secret["data"]["secret_id"].as_str().unwrap().to_owned();
    let tokens = || {
        api.ask("LIST", "auth/token/accessors", None).1["data"]["keys"].as_array().unwrap().len()
    };
    let before = tokens();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret-id");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let by_role = [
        ("VAULT_ADDR", server.address.as_str()),
        ("VAULT_ROLE_ID", &role),
        ("VAULT_SECRET_ID_FILE", &file.to_string_lossy()),
        ("VAULT_AUTH_PATH", "apps"),
    ];
    let inventory = collected(&by_role);
    // It may list policies and nothing else: what it may not is named.
    assert!(inventory.gaps().iter().any(|gap| gap.contains("sys/policies/acl/auditor")));
    assert!(!inventory.gaps().iter().any(|gap| gap.contains("\"sys/policies/acl\"")));
    assert!(!inventory.text.contains(&secret));
    assert_eq!(tokens(), before, "the token that was made is still there");
    let wrong = [by_role[0], by_role[1], ("BAO_SECRET_ID", "none"), by_role[3]];
    let output = keystrel_with(&wrong, &["collect", "vault:"]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_careful_server_is_read_over_tls_with_its_storage() {
    let Some(server) = Server::start(Kind::Careful) else { return };
    let inventory = collect(&server, &server.root, &[], 0);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    let tls = inventory.fact("sys#tls");
    assert_eq!((&tls["accepts_tls11"], &tls["accepts_tls10"]), (&json!(false), &json!(false)));
    assert_eq!(
        (&tls["self_signed"], &tls["verified"], &tls["public_key_algorithm"]),
        (&json!(false), &json!(true), &json!("ec"))
    );
    for kind in ["vault_raft", "vault_autopilot_state", "vault_autopilot_configuration"] {
        assert!(inventory.kinds().contains(kind), "no {kind}");
    }
    let peers = inventory.fact("sys/storage/raft/configuration")["servers"].as_array().unwrap();
    assert_eq!(
        (peers.len(), &peers[0]["node_id"], &peers[0]["voter"]),
        (1, &json!("one"), &json!(true))
    );
    // A certificate that nobody vouches for ends it.
    let output = keystrel_with(
        &[("VAULT_ADDR", &server.address), ("VAULT_TOKEN", &server.root)],
        &["collect", "vault:"],
    );
    assert_eq!(output.status.code(), Some(3));
    let unchecked = [
        ("VAULT_ADDR", server.address.as_str()),
        ("VAULT_TOKEN", &server.root),
        ("VAULT_SKIP_VERIFY", "true"),
    ];
    assert_eq!(collected(&unchecked).fact("sys#tls")["verified"], Value::Null);
}

#[test]
fn values_are_compared_and_not_kept() {
    let Some((server, _postgres, planted)) = planted() else { return };
    let inventory = collect(&server, &server.root, &["--read-values"], 0);
    let rolled_back = inventory.fact("secret/metadata/app/bad-rollback#values");
    assert_eq!(rolled_back["equal_versions"], json!([[1, 3]]));
    let with = json!([{"field": "password", "with": [{"secret": "secret/metadata/app/bad-reused", "field": "password"}]}]);
    assert_eq!(rolled_back["shared_fields"], with);
    assert_eq!(inventory.fact("secret/metadata/app/good#values")["shared_fields"], json!([]));
    for value in &planted.values {
        assert!(!inventory.text.contains(value.as_str()), "an inventory has a planted value");
    }
}

#[test]
fn a_log_tells_what_was_used_and_denied() {
    let Some(server) = Server::start(Kind::Careless) else { return };
    let api = server.api();
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    let policy = "path \"secret/data/used\" { capabilities = [\"create\", \"read\"] }\npath \"secret/data/unused\" { capabilities = [\"read\"] }";
    let token = server.token("app", policy);
    let app = api.with(&token);
    app.post("secret/data/used", &json!({"data": {"password": "x"}}));
    for _ in 0..3 {
        assert_eq!(app.ask("GET", "secret/data/others", None).0, 403);
    }
    let log = server.directory.path().join("audit.log");
    let inventory = collected(&[
        ("VAULT_ADDR", &server.address),
        ("VAULT_TOKEN", &server.root),
        ("KEYSTREL_VAULT_AUDIT_LOG", &log.to_string_lossy()),
    ]);
    let used =
        |path: &str| inventory.fact(&format!("audit#app#secret/data/{path}"))["requests"].clone();
    assert_eq!((used("used"), used("unused")), (json!(1), json!(0)));
    let accounts = inventory.facts().iter().filter(|fact| fact["kind"] == "vault_audit_accessor");
    let denied: Vec<&Value> =
        accounts.map(|fact| &fact["denied"]).filter(|denied| **denied != json!(0)).collect();
    assert_eq!(denied, [&json!(3)]);
}
