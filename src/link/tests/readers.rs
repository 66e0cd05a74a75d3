//! How many can read a secret, and who they are.

use serde_json::{Value, json};

use super::{NOW, VAULT_SECRET, fact, held, inventory, leak, of, vault};
use crate::link::{Leaks, Parts, estate};
use crate::model::Inventory;

fn reader(principal: &str, kind: &str, access: &[&str]) -> Value {
    json!({"principal": principal, "principal_kind": kind, "access": access, "via": [], "conditional": false, "conditions": []})
}

fn readers(kind: &str, secret: &str, readers: &[Value]) -> Value {
    json!({"kind": kind, "id": format!("{secret}#readers"), "secret": secret, "complete": true, "unknown": [], "readers": readers})
}

/// How many readers the only secret has, and which of them may be more than one.
fn counted(source: &str, facts: Value) -> (Value, Value) {
    let estate = of(&[inventory(source, facts)]);
    let fields = &estate.facts.iter().find(|one| one.kind == "stored_secret").unwrap().fields;
    (fields["reader_count"].clone(), fields["unknown_groups"].clone())
}

#[test]
fn of_groups_their_members_count_each_once() {
    let secret = "/subscriptions/s/vaults/shop-kv/secrets/db";
    let object = |name: &str| format!("/directoryobjects/{name}");
    let group = |name: &str, members: Value, has_more: Value| {
        json!({"kind": "azure_principal", "id": object(name), "principal_kind": "group",
            "members": members, "has_more_members": has_more, "unread": {}})
    };
    let counted = |groups: [Value; 2]| {
        let who = [("ada", "user"), ("ops", "group"), ("web", "group")];
        let who = who.map(|(name, kind)| reader(&object(name), kind, &["read"]));
        let one = json!({"kind": "azure_secret", "id": secret, "name": "db", "unread": {}});
        let [ops, web] = groups;
        counted("azure:s", json!([one, readers("azure_secret_readers", secret, &who), ops, web]))
    };
    let both = || json!(["/directoryobjects/ada", "/directoryobjects/bob"]);
    let known = group("ops", both(), json!(false));
    assert_eq!(
        counted([known.clone(), group("web", json!([]), json!(false))]),
        (json!(2), json!([]))
    );
    let denied = group("web", Value::Null, Value::Null);
    let unknown = json!(["/directoryobjects/web"]);
    assert_eq!(counted([known.clone(), denied]), (json!(3), unknown.clone()));
    let many = group("web", json!(["/directoryobjects/cleo"]), json!(true));
    assert_eq!(counted([known, many]), (json!(3), unknown));
}

#[test]
fn whoever_stands_for_others_may_be_many() {
    let aws = |who: &[(&str, &str)]| {
        let secret = "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf";
        let one = json!({"kind": "aws_secret", "id": secret, "Name": "db", "is_replica": false, "unread": {}});
        let who: Vec<Value> =
            who.iter().map(|(name, kind)| reader(name, kind, &["read"])).collect();
        counted("aws:1", json!([one, readers("aws_secret_readers", secret, &who)]))
    };
    assert_eq!(aws(&[("u", "user"), ("r", "role"), ("s", "service")]), (json!(3), json!([])));
    assert_eq!(aws(&[("u", "user"), ("2", "account")]), (json!(2), json!(["2"])));
    assert_eq!(aws(&[("*", "everyone")]), (json!(1), json!(["*"])));
    let gcp = |who: &[(&str, &str)]| {
        let secret = "//secretmanager.googleapis.com/projects/1/secrets/db";
        let one =
            json!({"kind": "gcp_secret", "id": secret, "project": "p", "name": "db", "unread": {}});
        let who: Vec<Value> =
            who.iter().map(|(name, kind)| reader(name, kind, &["read"])).collect();
        counted("gcp:p", json!([one, readers("gcp_secret_readers", secret, &who)])).1
    };
    let (pool, one) = ("principalSet://iam.googleapis.com/x", "principal://iam.googleapis.com/x");
    assert_eq!(gcp(&[(one, "federated"), (pool, "federated")]), json!([pool]));
    assert_eq!(gcp(&[("domain:a.example", "domain")]), json!(["domain:a.example"]));
    // One of which nothing was read.
    assert_eq!(gcp(&[("group:ops@a.example", "group")]), json!(["group:ops@a.example"]));
}

#[test]
fn accounts_of_a_cluster_are_in_the_groups_of_their_namespace_and_of_all() {
    let account = |namespace: &str, name: &str| {
        json!({"kind": "k8s_object", "id": format!("ServiceAccount/{namespace}/{name}"), "object_kind": "ServiceAccount",
            "namespace": namespace, "name": name, "object": {}})
    };
    let counted = |group: &str, namespaces: Value| {
        let secret = "Secret/shop/db";
        let facts = json!([
            {"kind": "k8s_object", "id": secret, "object_kind": "Secret", "namespace": "shop", "name": "db", "object": {}},
            {"kind": "k8s_cluster", "id": "cluster", "namespaces": namespaces},
            account("shop", "web"), account("shop", "default"), account("ci", "default"),
            readers("k8s_secret_readers", secret, &[
                reader("system:serviceaccount:shop:web", "service account", &["get"]),
                reader(group, "group", &["list"]),
            ]),
        ]);
        counted("k8s:c", facts)
    };
    let (all, shop) = ("system:serviceaccounts", "system:serviceaccounts:shop");
    assert_eq!(counted(shop, json!([])), (json!(2), json!([])));
    assert_eq!(counted(all, json!([])), (json!(3), json!([])));
    // Of other namespaces nothing was read.
    assert_eq!(counted(all, json!(["ci", "shop"])), (json!(3), json!([all])));
    assert_eq!(counted("devs", json!([])), (json!(2), json!(["devs"])));
}

#[test]
fn groups_of_vault_have_the_entities_of_the_groups_in_them() {
    let entity = |id: &str| json!({"kind": "vault_entity", "id": format!("identity/entity/id/{id}"), "entity_id": id});
    let group = |id: &str, kind: &str, entities: Value, groups: Value| {
        json!({"kind": "vault_group", "id": format!("identity/group/id/{id}"), "group_id": id, "type": kind,
            "member_entity_ids": entities, "member_group_ids": groups})
    };
    let counted = |inner: Value| {
        let estate = of(&[vault(json!([
            entity("ada"),
            entity("bob"),
            inner,
            // Groups may be in each other.
            group("ops", "internal", json!(["ada"]), json!(["inner", "ops"])),
            readers(
                "vault_secret_readers",
                "secret/metadata/app/db",
                &[
                    reader("identity/group/id/ops", "vault_group", &["read"]),
                    reader("identity/entity/id/ada", "vault_entity", &["read"]),
                ]
            ),
        ]))]);
        let fields = &fact(&estate, "stored_secret", VAULT_SECRET).fields;
        (fields["reader_count"].clone(), fields["unknown_groups"].clone())
    };
    let unknown = json!(["identity/group/id/ops"]);
    assert_eq!(
        counted(group("inner", "internal", json!(["bob"]), json!(["ops"]))),
        (json!(2), json!([]))
    );
    // Whom a directory lets in, and an entity that could not be read.
    assert_eq!(
        counted(group("inner", "external", json!([]), json!([]))),
        (json!(1), unknown.clone())
    );
    assert_eq!(counted(group("inner", "internal", json!(["eve"]), json!([]))), (json!(1), unknown));
}

#[test]
fn readers_of_a_leaked_value_are_those_that_are_counted() {
    let facts = json!([
        held("2", true, "new"),
        {"kind": "vault_entity", "id": "identity/entity/id/ada", "entity_id": "ada"},
        {"kind": "vault_entity", "id": "identity/entity/id/bob", "entity_id": "bob"},
        {"kind": "vault_group", "id": "identity/group/id/ops", "group_id": "ops", "type": "internal",
            "member_entity_ids": ["ada", "bob"], "member_group_ids": []},
        readers("vault_secret_readers", "secret/metadata/app/db", &[
            reader("identity/group/id/ops", "vault_group", &["read"]),
            reader("auth/ldap/groups/devs", "vault_ldap_auth_group", &["read"]),
            // Only who may read the value is a reader.
            reader("auth/userpass/users/eve", "vault_userpass_user", &["list"]),
        ]),
    ]);
    let stores: [Inventory; 1] = [vault(facts)];
    let leaks = Leaks { key: Some("k".into()), leaks: vec![leak("a.yml", "new", NOW)] };
    let estate =
        estate(&Parts { inventories: &stores, leaks: Some(&leaks), now: NOW, ..Parts::default() });
    let id = format!("a.yml#generic-password={VAULT_SECRET}");
    let fields = &fact(&estate, "leak_match", &id).fields;
    let directory = "auth/ldap/groups/devs";
    assert_eq!(
        fields["readers"],
        json!([directory, "identity/entity/id/ada", "identity/entity/id/bob"])
    );
    assert_eq!(
        (&fields["reader_count"], &fields["unknown_groups"]),
        (&json!(3), &json!([directory]))
    );
}
