//! Who can do what with a secret: the facts agree with what the server itself says of each token and path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::api::Api;
use super::server::{Kind, Server};
use super::{Inventory, collect};

/// How many policies, tokens and rounds of secrets there are.
const POLICIES: usize = 60;
const TOKENS: usize = 80;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// A path of a policy: segments of names that secrets have, wildcards, templates.
    fn path(&mut self) -> String {
        let mut path = self.of(&["secret/", "secret/", "secret/", "kv/", "+/", ""]).to_owned();
        path.push_str(
            self.of(&["data", "data", "data", "metadata", "destroy", "delete", "+", "a", "d*"]),
        );
        for _ in 0..self.below(4) {
            path.push('/');
            path.push_str(self.of(&[
                "a",
                "b",
                "ab",
                "aa",
                "+",
                "+",
                "{{identity.entity.name}}",
                "{{identity.entity.metadata.team}}",
            ]));
        }
        path.push_str(self.of(&["", "", "*", "/*", "/", "a*"]));
        // The server takes no star but the last character, and no `+*`.
        let star = path.find('*').map_or(path.len(), |at| at + 1);
        path.truncate(star);
        path.replace("+*", "+").replace("+a*", "+")
    }

    fn policy(&mut self) -> String {
        let mut text = String::new();
        let mut used = BTreeSet::new();
        for _ in 0..=self.below(4) {
            let path = self.path();
            if !used.insert(path.clone()) {
                continue;
            }
            let all = ["create", "read", "update", "delete", "list", "patch", "sudo"];
            let mut capabilities: Vec<&str> = (0..=self.below(3)).map(|_| self.of(&all)).collect();
            if self.below(6) == 0 {
                capabilities = vec!["deny"];
            }
            let list: Vec<String> = capabilities.iter().map(|one| format!("\"{one}\"")).collect();
            text.push_str(&format!("path \"{path}\" {{ capabilities = [{}] }}\n", list.join(", ")));
        }
        text
    }
}

#[test]
fn readers_are_who_the_server_lets_read() {
    let Some(server) = Server::start(Kind::Plain) else { return };
    let api = server.api();
    let mut dice = Dice(0x5eed_cafe);
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    api.post("sys/mounts/kv", &json!({"type": "kv", "options": {"version": "1"}}));
    for secret in [
        "a", "b", "ab", "a/a", "a/b", "b/a", "ab/a", "a/ab", "a/b/a", "b/aa/b", "a/a/a/a",
        "aa/b/ab",
    ] {
        api.post(&format!("secret/data/{secret}"), &json!({"data": {"x": "1"}}));
        api.post(&format!("kv/{secret}"), &json!({"x": "1"}));
    }
    for index in 0..POLICIES {
        api.post(&format!("sys/policies/acl/p{index}"), &json!({"policy": dice.policy()}));
    }
    let tokens = tokens(&api, &mut dice);
    let inventory = collect(&server, &server.root, &[], 0);
    let ours = readers(&inventory);
    let secrets: Vec<&Value> = inventory
        .facts()
        .iter()
        .filter(|fact| {
            ["vault_kv_secret", "vault_kv1_secret"].contains(&fact["kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(secrets.len(), 24);
    let (mut compared, mut allowed) = (0, 0);
    for (accessor, token) in &tokens {
        for secret in &secrets {
            let id = secret["id"].as_str().unwrap();
            let theirs = theirs(&api, token, secret);
            let principal = format!("auth/token/accessors/{accessor}");
            let own = ours.get(&(id.to_owned(), principal)).cloned().unwrap_or_default();
            assert_eq!(own, theirs, "{id}, {accessor}\n{}", told(&api, accessor));
            compared += 1;
            allowed += usize::from(!theirs.is_empty());
        }
    }
    // Neither everything nor nothing is allowed: the comparison tells something.
    assert!(allowed * 10 > compared && allowed * 10 < compared * 9, "{allowed} of {compared}");
}

/// Tokens with up to three of the policies, half of them of people.
fn tokens(api: &Api, dice: &mut Dice) -> Vec<(String, String)> {
    api.post("sys/auth/userpass", &json!({"type": "userpass"}));
    let accessor =
        api.get("sys/auth")["data"]["userpass/"]["accessor"].as_str().unwrap().to_owned();
    for (name, team) in [("a", "b"), ("b", ""), ("ab", "a")] {
        let own = format!("p{}", dice.below(POLICIES));
        let mut entity = json!({"name": name, "policies": [own]});
        if !team.is_empty() {
            entity["metadata"] = json!({"team": team});
        }
        let made = api.post("identity/entity", &entity);
        let id = made["data"]["id"].as_str().unwrap().to_owned();
        api.post(
            "identity/entity-alias",
            &json!({"name": name, "canonical_id": id, "mount_accessor": accessor}),
        );
        if name == "a" {
            let policies = [format!("p{}", dice.below(POLICIES))];
            let group = api.post(
                "identity/group",
                &json!({"name": "inner", "policies": policies, "member_entity_ids": [id]}),
            );
            let inner = group["data"]["id"].as_str().unwrap().to_owned();
            let policies = [format!("p{}", dice.below(POLICIES))];
            api.post(
                "identity/group",
                &json!({"name": "outer", "policies": policies, "member_group_ids": [inner]}),
            );
        }
    }
    let mut made = Vec::new();
    for index in 0..TOKENS {
        let policies: BTreeSet<String> =
            (0..=dice.below(3)).map(|_| format!("p{}", dice.below(POLICIES))).collect();
        let answer = if index % 2 == 0 {
            api.post("auth/token/create", &json!({"policies": policies}))
        } else {
            let name = dice.of(&["a", "b", "ab"]);
            let user = json!({"password": "not-much-of-one", "token_policies": policies});
            api.post(&format!("auth/userpass/users/{name}"), &user);
            api.post(
                &format!("auth/userpass/login/{name}"),
                &json!({"password": "not-much-of-one"}),
            )
        };
        let text = |field: &str| answer["auth"][field].as_str().unwrap().to_owned();
        made.push((text("accessor"), text("client_token")));
    }
    made
}

/// What our facts say, by secret and principal.
fn readers(inventory: &Inventory) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for fact in inventory.facts().iter().filter(|fact| fact["kind"] == "vault_secret_readers") {
        assert_eq!(fact["complete"], true);
        for reader in fact["readers"].as_array().unwrap() {
            let access = reader["access"].as_array().unwrap().iter();
            let access = access.map(|one| one.as_str().unwrap().to_owned()).collect();
            let key = (
                fact["secret"].as_str().unwrap().to_owned(),
                reader["principal"].as_str().unwrap().to_owned(),
            );
            all.insert(key, access);
        }
    }
    all
}

/// What the server says of a token and a secret, in the words of our facts.
fn theirs(api: &Api, token: &str, secret: &Value) -> BTreeSet<String> {
    let path = secret["path"].as_str().unwrap();
    let parent = path.rsplit_once('/').map_or(String::new(), |(parent, _)| format!("{parent}/"));
    let is_new = secret["kind"] == "vault_kv_secret";
    let (data, folder) = if is_new {
        (format!("secret/data/{path}"), format!("secret/metadata/{parent}"))
    } else {
        (format!("kv/{path}"), format!("kv/{parent}"))
    };
    let at = |part: &str| format!("secret/{part}/{path}");
    let mut paths = vec![data.clone(), folder.clone()];
    if is_new {
        paths.extend([at("metadata"), at("delete"), at("destroy")]);
    }
    let (status, answer) =
        api.ask("POST", "sys/capabilities", Some(&json!({"token": token, "paths": paths})));
    assert_eq!(status, 200, "{answer}");
    let can = |path: &str, capability: &str| {
        answer["data"][path].as_array().unwrap().iter().any(|one| one == capability)
    };
    let mut access = BTreeSet::new();
    let mut take = |is: bool, word: &str| {
        if is {
            access.insert(word.to_owned());
        }
    };
    for one in ["create", "read", "update", "patch", "delete", "sudo"] {
        take(can(&data, one), one);
    }
    take(can(&folder, "list"), "list");
    if is_new {
        take(can(&at("metadata"), "read"), "read-metadata");
        take(can(&at("metadata"), "delete"), "destroy");
        take(can(&at("delete"), "update"), "delete");
        take(can(&at("destroy"), "update"), "destroy");
    }
    let matters = ["create", "read", "update", "patch", "delete", "destroy"];
    if !matters.iter().any(|one| access.contains(*one)) {
        access.clear();
    }
    access
}

/// The policies of a token, for a message.
fn told(api: &Api, accessor: &str) -> String {
    let token = api.post("auth/token/lookup-accessor", &json!({"accessor": accessor}));
    let mut text = format!("{}\n", token["data"]["display_name"]);
    for list in ["policies", "identity_policies"] {
        for name in token["data"][list].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let policy = api.get(&format!("sys/policies/acl/{name}"));
            if name != "default" {
                text.push_str(&format!("{name}:\n{}", policy["data"]["policy"].as_str().unwrap()));
            }
        }
    }
    text
}
