//! The estate of small inventories.

mod readers;

use serde_json::{Value, json};

use super::{Exception, Leaked, Leaks, Parts, estate};
use crate::model::{Fact, Gap, Inventory, Position};

const NOW: &str = "2026-06-01T00:00:00Z";

fn inventory(source: &str, facts: Value) -> Inventory {
    let mut facts = facts;
    let facts = facts.as_array_mut().unwrap().iter_mut().map(|fact| {
        let object = fact.as_object_mut().unwrap();
        let kind = object.shift_remove("kind").unwrap().as_str().unwrap().to_owned();
        let id = object.shift_remove("id").unwrap().as_str().unwrap().to_owned();
        Fact::new(kind, id, fact.clone())
    });
    Inventory::new(source, NOW, facts.collect())
}

fn of(inventories: &[Inventory]) -> Inventory {
    estate(&Parts { inventories, now: NOW, ..Parts::default() })
}

fn fact<'a>(estate: &'a Inventory, kind: &str, id: &str) -> &'a Fact {
    let fact = estate.facts.iter().find(|fact| fact.kind == kind && fact.id == id);
    fact.unwrap_or_else(|| {
        let ids: Vec<&str> =
            estate.facts.iter().filter(|f| f.kind == kind).map(|f| f.id.as_str()).collect();
        panic!("no {kind} {id} among {ids:?}")
    })
}

fn aws(further: Value) -> Inventory {
    let mut facts = json!([{
        "kind": "aws_secret", "id": "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf",
        "region": "eu-west-1", "Name": "prod/db", "Tags": {"Team": "orders"}, "is_replica": false,
        "CreatedDate": "2025-01-01T00:00:00Z", "current_version_created": "2026-05-01T00:00:00Z",
        "pending_version_created": "2026-05-20T00:00:00Z", "RotationEnabled": true, "rotation_interval_days": 30,
        "kms_key_arn": "arn:aws:kms:eu-west-1:1:key/k", "kms_key_is_default": false,
        "SecretVersionsToStages": {"a": ["AWSCURRENT"], "b": ["AWSPREVIOUS"], "c": ["AWSPENDING"]},
        "LastAccessedDate": "2026-05-31T00:00:00Z", "unread": {},
    }]);
    facts.as_array_mut().unwrap().extend(further.as_array().unwrap().iter().cloned());
    inventory("aws:1@eu-west-1", facts)
}

const AWS_SECRET: &str = "aws:1@eu-west-1#arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf";

#[test]
fn a_secret_of_aws_in_common_words() {
    let trail = json!({
        "kind": "aws_cloudtrail_trail", "id": "t", "Name": "all", "IsLogging": true, "IsMultiRegionTrail": true,
        "HomeRegion": "us-east-1", "S3BucketName": "logs",
        "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}],
        "AdvancedEventSelectors": [],
    });
    let estate = of(&[aws(json!([trail]))]);
    let secret = &fact(&estate, "stored_secret", AWS_SECRET).fields;
    assert_eq!(
        (&secret["name"], &secret["environment"], &secret["content"], &secret["owner"]),
        (&json!("prod/db"), &json!("production"), &json!("database"), &json!("orders"))
    );
    assert_eq!(
        (&secret["audited"], &secret["audit_paths"], &secret["last_read"]),
        (&json!(true), &json!(["all"]), &json!("2026-05-31T00:00:00Z"))
    );
    let states: Vec<(&str, &str)> = secret["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["version"].as_str().unwrap(), v["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("c", "usable"), ("a", "current"), ("b", "kept")]);
}

#[test]
fn reads_that_a_trail_leaves_out_are_not_audited() {
    let trail = |selectors: Value| {
        aws(json!([{
            "kind": "aws_cloudtrail_trail", "id": "t", "IsLogging": true, "IsMultiRegionTrail": true,
            "EventSelectors": selectors, "AdvancedEventSelectors": [],
        }]))
    };
    let audited = |inventory: Inventory| {
        fact(&of(&[inventory]), "stored_secret", AWS_SECRET).fields["audited"].clone()
    };
    let writes = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]);
    assert_eq!(audited(trail(writes)), json!(false));
    let mut gap = aws(json!([]));
    gap.gaps.push(Gap {
        needs: "aws_cloudtrail_trail".into(),
        what: "x".into(),
        why: "denied".into(),
    });
    assert_eq!(audited(gap), Value::Null);
}

#[test]
fn a_key_is_missing_only_where_all_are_known() {
    let id = "aws:1@eu-west-1#arn:aws:kms:eu-west-1:1:key/k";
    let state = |inventory| fact(&of(&[inventory]), "stored_key", id).fields["state"].clone();
    assert_eq!(state(aws(json!([]))), json!("missing"));
    let mut unknown = aws(json!([]));
    unknown.gaps.push(Gap { needs: "aws_kms_key".into(), what: "x".into(), why: "denied".into() });
    assert_eq!(state(unknown), Value::Null);
    let key = json!({
        "kind": "aws_kms_key", "id": "arn:aws:kms:eu-west-1:1:key/k", "KeyState": "PendingDeletion",
        "KeySpec": "RSA_3072", "KeyRotationEnabled": false, "Tags": {}, "unread": {},
    });
    let estate = of(&[aws(json!([key]))]);
    let key = &fact(&estate, "stored_key", id).fields;
    assert_eq!(
        (&key["state"], &key["algorithm"], &key["bits"], &key["used_by"], &key["environments"]),
        (
            &json!("pending-deletion"),
            &json!("rsa"),
            &json!(3072),
            &json!([AWS_SECRET]),
            &json!(["production"])
        )
    );
}

fn vault(further: Value) -> Inventory {
    let mut facts = json!([{
        "kind": "vault_kv_secret", "id": "secret/metadata/app/db", "namespace": "", "mount_path": "secret/",
        "path": "app/db", "created_time": "2025-01-01T00:00:00Z", "current_version": 2, "current_state": "live",
        "current_created_time": "2026-05-30T00:00:00Z", "custom_metadata": {"owner": "web"},
        "versions": [
            {"version": 1, "created_time": "2025-01-01T00:00:00Z", "state": "live"},
            {"version": 2, "created_time": "2026-05-30T00:00:00Z", "state": "live"},
        ],
    }]);
    facts.as_array_mut().unwrap().extend(further.as_array().unwrap().iter().cloned());
    inventory("vault:https://vault.example:8200", facts)
}

const VAULT_SECRET: &str = "vault:https://vault.example:8200#secret/metadata/app/db";

/// A cluster that copies the secret by External Secrets.
fn cluster(key: &str, value: &str) -> Inventory {
    inventory(
        "k8s:prod",
        json!([
            {"kind": "k8s_object", "id": "SecretStore/shop/vault", "object_kind": "SecretStore", "namespace": "shop",
             "name": "vault", "object": {"spec": {"provider": {"vault": {
                 "server": "https://vault.example:8200/", "path": "secret"}}}}},
            {"kind": "k8s_object", "id": "ExternalSecret/shop/db", "object_kind": "ExternalSecret", "namespace": "shop",
             "name": "db", "object": {
                 "spec": {"secretStoreRef": {"name": "vault"}, "refreshInterval": "1h",
                          "data": [{"remoteRef": {"key": key, "property": "password"}}]},
                 "status": {"refreshTime": "2026-05-29T00:00:00Z"}}},
            {"kind": "k8s_object", "id": "Secret/shop/db", "object_kind": "Secret", "namespace": "shop", "name": "db",
             "object": {"type": "Opaque", "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}},
            {"kind": "stored_value", "id": "v", "secret": "Secret/shop/db", "version": "", "is_current": true, "key": "k",
             "parts": [{"field": "password", "digest": value, "is_secret": true}], "credentials": []},
        ]),
    )
}

fn held(version: &str, is_current: bool, digest: &str) -> Value {
    json!({
        "kind": "stored_value", "id": format!("held/{version}"), "secret": "secret/metadata/app/db", "version": version,
        "is_current": is_current, "key": "k",
        "parts": [{"field": "password", "digest": digest, "is_secret": true}], "credentials": [],
    })
}

#[test]
fn a_copy_in_a_cluster_finds_its_source_and_whether_it_is_equal() {
    let id = "k8s:prod#Secret/shop/db<-ExternalSecret/shop/db vault secret/app/db";
    for (value, is_equal) in [("new", true), ("old", false)] {
        let stores = [vault(json!([held("2", true, "new")])), cluster("app/db", value)];
        let estate = of(&stores);
        let copy = &fact(&estate, "secret_copy", id).fields;
        assert_eq!(
            (&copy["source"], &copy["copied"], &copy["interval"], &copy["is_equal"]),
            (&json!(VAULT_SECRET), &json!("2026-05-29T00:00:00Z"), &json!(3600), &json!(is_equal))
        );
        assert_eq!(
            fact(&estate, "stored_secret", "k8s:prod#Secret/shop/db").fields["is_copy"],
            json!(true)
        );
        let shared: Vec<&Fact> = estate.facts.iter().filter(|f| f.kind == "shared_value").collect();
        // Equal values of a copy and its source are declared.
        let declared: Vec<&Value> = shared.iter().map(|f| &f.fields["is_declared"]).collect();
        assert_eq!(declared, if is_equal { vec![&json!(true)] } else { vec![] });
    }
}

#[test]
fn a_reference_to_nothing_is_told_only_of_stores_that_are_known() {
    let of_key = |stores: &[Inventory]| {
        let estate = of(stores);
        let reference = estate.facts.iter().find(|f| f.kind == "secret_reference").unwrap();
        (reference.fields["secret"].clone(), reference.fields["is_complete"].clone())
    };
    let gone = cluster("app/gone", "x");
    assert_eq!(of_key(&[vault(json!([])), gone.clone()]), (Value::Null, json!(true)));
    assert_eq!(of_key(std::slice::from_ref(&gone)), (Value::Null, json!(false)));
    let mut partial = vault(json!([]));
    partial.gaps.push(Gap { needs: "vault_kv_secret".into(), what: "x".into(), why: "y".into() });
    assert_eq!(of_key(&[partial, gone]), (Value::Null, json!(false)));
    let stores = [vault(json!([])), cluster("/app/db", "x")];
    assert_eq!(of_key(&stores), (json!(VAULT_SECRET), json!(true)));
}

fn leak(path: &str, digest: &str, committed: &str) -> Leaked {
    let at = Position { line: 3, column: 1 };
    Leaked {
        rule: "generic-password".into(),
        severity: "high".into(),
        confidence: "high".into(),
        path: path.into(),
        start: at,
        end: at,
        commit: Some("c".repeat(40)),
        committed: Some(committed.into()),
        author: None,
        in_head: true,
        is_suppressed: false,
        digests: vec![digest.into()],
    }
}

fn with_leaks(key: &str, leaks: Vec<Leaked>) -> Inventory {
    let readers = json!({
        "kind": "vault_secret_readers", "id": "secret/data/app/db#readers", "secret": "secret/metadata/app/db",
        "complete": true, "unknown": [], "readers": [
            {"principal": "auth/approle/role/ci", "principal_kind": "vault_approle_role", "access": ["read"],
             "via": ["ci"], "conditional": false, "conditions": []},
            {"principal": "auth/userpass/users/ada", "principal_kind": "vault_userpass_user", "access": ["list"],
             "via": ["ui"], "conditional": false, "conditions": []},
        ],
    });
    let stores = [vault(json!([held("1", false, "old"), held("2", true, "new"), readers]))];
    let leaks = Leaks { key: Some(key.into()), leaks };
    estate(&Parts { inventories: &stores, leaks: Some(&leaks), now: NOW, ..Parts::default() })
}

#[test]
fn a_leak_is_matched_with_the_version_that_it_is() {
    let estate = with_leaks(
        "k",
        vec![
            leak("a.yml", "new", "2026-05-31T00:00:00Z"),
            leak("b.yml", "old", "2026-01-01T00:00:00Z"),
            leak("c.yml", "strange", "2026-01-01T00:00:00Z"),
        ],
    );
    let matched = |path: &str| {
        let id = format!("{path}#generic-password={VAULT_SECRET}");
        let fields = &fact(&estate, "leak_match", &id).fields;
        ["version", "is_current", "rotated_since", "state"].map(|name| fields[name].clone())
    };
    assert_eq!(matched("a.yml"), [json!("2"), json!(true), json!(false), json!("current")]);
    assert_eq!(matched("b.yml"), [json!("1"), json!(false), json!(true), json!("kept")]);
    let none = &fact(&estate, "leak", "c.yml#generic-password").fields;
    assert_eq!((&none["matches"], &none["is_compared"]), (&json!([]), &json!(true)));
    // Only who may read the value is a reader.
    let id = format!("a.yml#generic-password={VAULT_SECRET}");
    let fields = &fact(&estate, "leak_match", &id).fields;
    assert_eq!(
        (&fields["readers"], &fields["reader_count"]),
        (&json!(["auth/approle/role/ci"]), &json!(1))
    );
}

#[test]
fn digests_under_another_key_are_not_compared() {
    let estate = with_leaks("other", vec![leak("a.yml", "new", NOW)]);
    let leak = &fact(&estate, "leak", "a.yml#generic-password").fields;
    assert_eq!((&leak["matches"], &leak["is_compared"]), (&json!([]), &json!(false)));
}

#[test]
fn a_held_credential_is_known_by_its_issuer() {
    let id = format!("AKIA{}", "ABCDEFGH234567AB");
    let mut value = held("2", true, "x");
    value["credentials"] = json!([{"issuer": "aws", "id": id}]);
    let key = json!({
        "kind": "aws_iam_access_key", "id": "k", "AccessKeyId": id, "Status": "Active", "identity": "arn:user/ada",
        "CreateDate": "2024-01-01T00:00:00Z", "LastUsedDate": null, "unread": {},
    });
    let estate = of(&[vault(json!([value])), aws(json!([key]))]);
    let held = &fact(&estate, "held_credential", &format!("{VAULT_SECRET}->aws {id}")).fields;
    assert_eq!(
        (&held["principal"], &held["state"], &held["is_known"], &held["is_current"]),
        (&json!("arn:user/ada"), &json!("active"), &json!(true), &json!(true))
    );
}

#[test]
fn a_lost_store_and_exceptions_are_told() {
    let lost = [("vault:".to_owned(), "nobody answers".to_owned())];
    let exceptions =
        [Exception { place: "k.toml:3".into(), control: "c".into(), ..Exception::default() }];
    let parts = Parts { lost: &lost, exceptions: &exceptions, now: NOW, ..Parts::default() };
    let estate = estate(&parts);
    assert_eq!(fact(&estate, "audited_store", "vault").fields["lost"], json!("nobody answers"));
    assert_eq!(fact(&estate, "exception", "exception k.toml:3").fields["expires"], Value::Null);
}

#[test]
fn every_fact_has_the_fields_that_are_documented() {
    let text = include_str!("../../../docs/facts/estate.md");
    let estate = with_leaks("k", vec![leak("a.yml", "new", NOW)]);
    let stores = [vault(json!([held("2", true, "new")])), cluster("app/db", "new"), aws(json!([]))];
    let other = of(&stores);
    for fact in estate.facts.iter().chain(&other.facts) {
        let head = format!("## `{}`", fact.kind);
        let section = text.split_once(&head).unwrap_or_else(|| panic!("no {head}")).1;
        let section = section.split("\n## ").next().unwrap();
        let documented: Vec<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .flat_map(|row| row.split(" | ").next().unwrap_or_default().split('`').step_by(2))
            .collect();
        for field in fact.fields.keys().filter(|field| *field != "unread") {
            assert!(
                documented.contains(&field.as_str()),
                "{}: {field} is not documented",
                fact.kind
            );
        }
        for field in documented {
            assert!(fact.fields.contains_key(field), "{}: {field} is not there", fact.kind);
        }
    }
}
