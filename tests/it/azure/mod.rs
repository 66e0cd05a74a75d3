//! Azure: what is collected of subscriptions that a server in the tests has, what policies find in them, and what
//! comes of it when it does not answer.
#![expect(clippy::panic, reason = "a test fails by it")]

mod consumers;
mod faults;
mod logins;
mod plants;
mod server;
mod vaults;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::cases::quiet;
use plants::{BAD, GOOD, Planted};
use server::{Options, Plane, QUOTE, Server};

/// Runs keystrel with the login of a server.
fn keystrel(server: &Server, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home.path());
    command.envs(server.environment()).args(args).output().unwrap()
}

/// An inventory.
struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    /// What is collected.
    fn of(server: &Server, address: &str, args: &[&str]) -> Self {
        let output = keystrel(server, &[&["collect", address], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 4)), "{:?} {said}", output.status);
        assert!(!said.contains(QUOTE), "{said}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(QUOTE), "a message of the server is in the inventory");
        let value = serde_json::from_str(&text).unwrap();
        Self { text, value }
    }

    fn facts(&self) -> &[Value] {
        self.value["facts"].as_array().unwrap()
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.value["gaps"].as_array().unwrap();
        gaps.iter().map(|gap| format!("{} {} {}", gap["needs"], gap["what"], gap["why"])).collect()
    }

    fn fact(&self, id: &str) -> &Value {
        self.facts().iter().find(|fact| fact["id"] == id).unwrap_or_else(|| panic!("no fact {id}"))
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }

    /// Everything that a fact says could not be read.
    fn unread(&self) -> BTreeSet<String> {
        let of = |fact: &Value| {
            let unread = fact["unread"].as_object().unwrap();
            unread
                .iter()
                .map(|(field, why)| format!("{} {field}: {why}", fact["id"]))
                .collect::<Vec<_>>()
        };
        self.facts().iter().flat_map(of).collect()
    }
}

/// What an audit says: the ids that fail by control, and the whole report.
fn failing(server: &Server, address: &str) -> (Planted, Value) {
    let output = keystrel(server, &["audit", address, "--format", "json", "--show-all"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 4)), "{:?} {said}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["policy_errors"], json!([]));
    let mut failing = Planted::new();
    for check in report["checks"].as_array().unwrap() {
        if check["verdict"] == "fail" {
            let resource = check["resource"].as_str().unwrap().to_owned();
            failing
                .entry(check["control"].as_str().unwrap().to_owned())
                .or_default()
                .insert(resource);
        }
    }
    (failing, report)
}

fn compare(found: &Planted, planted: &Planted) {
    let none = BTreeSet::new();
    let mut wrong = Vec::new();
    for control in found.keys().chain(planted.keys()).collect::<BTreeSet<_>>() {
        let found = found.get(control).unwrap_or(&none);
        let planted = planted.get(control).unwrap_or(&none);
        let missed: Vec<_> = planted.difference(found).collect();
        let more: Vec<_> = found.difference(planted).collect();
        if !(missed.is_empty() && more.is_empty()) {
            wrong.push(format!("{control}: missed {missed:?}, found too {more:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let mut planted = BTreeMap::new();
    let make = |ports: &BTreeMap<_, _>| {
        let (world, all) = plants::bad(ports);
        planted = all;
        world
    };
    let Some(server) = Server::start(make, Options::default()) else { return };
    let (found, report) = failing(&server, &format!("azure:{BAD}"));
    assert!(!report.to_string().contains(&plants::leak()), "a report has a planted value");
    compare(&found, &planted);
}

#[test]
fn a_sound_subscription_is_found_sound() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let (found, report) = failing(&server, &format!("azure:{GOOD}"));
    compare(&found, &Planted::new());
    let unknown = report["checks"].as_array().unwrap().iter();
    let unknown: Vec<_> = unknown.filter(|check| check["verdict"] == "unknown").collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_subscription_is_read_without_gaps_and_no_value_of_a_secret() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let inventory = Inventory::of(&server, "azure:", &[]);
    assert_eq!(inventory.value["source"], format!("azure:{GOOD}"));
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert_eq!(inventory.unread(), BTreeSet::new());
    assert!(inventory.kinds().len() >= 20, "{:?}", inventory.kinds());
    assert!(!inventory.text.contains("planted+value"));
    let asked = server.log();
    assert!(asked.iter().all(|one| !one.right.contains("getSecret")), "a value was asked for");
}

/// What the role that is printed lets its holder do: actions, data actions, and what its description names.
fn printed(server: &Server, args: &[&str]) -> BTreeSet<String> {
    let args = [&["audit", "azure:", "--explain-permissions"], args].concat();
    let output = keystrel(server, &args);
    let role: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lists = ["Actions", "DataActions"].iter().flat_map(|list| role[*list].as_array().unwrap());
    let mut rights: BTreeSet<String> = lists.map(|one| one.as_str().unwrap().to_owned()).collect();
    let description = role["Description"].as_str().unwrap();
    let words = description.split([' ', ',']).map(|word| word.trim_end_matches('.'));
    rights.extend(words.filter(|word| word.contains(".Read")).map(str::to_owned));
    if description.contains("Managed HSM Crypto Auditor") {
        // Source: https://learn.microsoft.com/azure/key-vault/managed-hsm/built-in-roles
        let of_role =
            ["keys/read/action", "roleAssignments/read/action", "roleDefinitions/read/action"];
        rights.extend(of_role.map(|right| format!("Microsoft.KeyVault/managedHsm/{right}")));
    }
    rights
}

#[test]
fn the_printed_permissions_suffice_and_each_is_needed_or_spare() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let rights = printed(&server, &[]);
    let options = Options { rights: Some(rights.clone()), ..Options::default() };
    let Some(server) = Server::start(plants::good, options) else { return };
    let inventory = Inventory::of(&server, "azure:", &[]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert_eq!(inventory.unread(), BTreeSet::new());
    // What is printed and was not asked for is for what is not there, or asked only where another call fails.
    let asked: BTreeSet<String> = server.log().into_iter().map(|one| one.right).collect();
    let spare: Vec<&String> = rights
        .iter()
        .filter(|right| !asked.iter().any(|one| one.eq_ignore_ascii_case(right)))
        .collect();
    for right in spare {
        let is_for_more = [
            "/slots/config/",
            "/vaults/secrets/read",
            "/keyrotationpolicies/read",
            "/storageAccounts/managementPolicies/",
            "/blobServices/containers/",
            "Microsoft.EventHub/",
            "/systemTopics/eventSubscriptions/",
            "/workspaces/query/A",
            "/managedInstances/encryptionProtector/",
            "Microsoft.Insights/eventtypes/",
            "/managedHsm/",
        ];
        assert!(is_for_more.iter().any(|part| right.contains(part)), "{right} is not used");
    }
}

#[test]
fn permissions_for_one_control_are_few() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let rights = printed(&server, &["--control", "az-kv-alert-rules"]);
    assert!(rights.contains("Microsoft.Insights/activityLogAlerts/read"), "{rights:?}");
    assert!(!rights.iter().any(|right| right.contains("Microsoft.Web")), "{rights:?}");
    assert!(!rights.iter().any(|right| right.contains("Read.All")), "{rights:?}");
}

#[test]
fn one_vault_is_read_by_name_address_or_id() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let id = format!(
        "/subscriptions/{GOOD}/resourceGroups/app/providers/Microsoft.KeyVault/vaults/good-kv"
    );
    for address in ["azure:good-kv".to_owned(), format!("azure:{id}")] {
        let inventory = Inventory::of(&server, &address, &[]);
        assert_eq!(inventory.value["source"], "azure:good-kv");
        assert_eq!(inventory.gaps(), Vec::<String>::new());
        let vaults: Vec<&Value> =
            inventory.facts().iter().filter(|fact| fact["kind"] == "azure_key_vault").collect();
        assert_eq!(vaults.len(), 1);
        let readers = inventory.fact(&format!("{}/secrets/database#readers", id.to_lowercase()));
        assert_eq!(readers["complete"], true, "{readers}");
        assert!(!inventory.kinds().contains("azure_storage_account"));
    }
    let output = keystrel(&server, &["collect", "azure:no-such-vault"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn readers_are_those_of_roles_policies_and_whoever_may_let_himself_in() {
    let make = |ports: &BTreeMap<_, _>| plants::bad(ports).0;
    let Some(server) = Server::start(make, Options::default()) else { return };
    let inventory = Inventory::of(&server, &format!("azure:{BAD}"), &[]);
    let vault =
        format!("/subscriptions/{BAD}/resourcegroups/app/providers/microsoft.keyvault/vaults");
    let of = |secret: &str| {
        let readers = inventory.fact(&format!("{vault}/{secret}#readers"));
        assert_eq!(readers["complete"], true, "{readers}");
        let all = readers["readers"].as_array().unwrap().iter();
        all.map(|reader| {
            let principal = inventory.fact(reader["principal"].as_str().unwrap());
            let name = principal["displayName"].as_str().unwrap_or("gone").to_owned();
            let access = reader["access"].as_array().unwrap().iter();
            let access: Vec<&str> = access.map(|one| one.as_str().unwrap()).collect();
            (name, access.join(" "))
        })
        .collect::<BTreeSet<_>>()
    };
    let pair = |name: &str, access: &str| (name.to_owned(), access.to_owned());
    let sound = of("sound-kv/secrets/database");
    for expected in [
        pair("app", "list read"),
        pair("bad-identity", "list read"),
        pair("bob", "list read"),
        pair("cleo", "delete list read update"),
        pair("dan", "update"),
        pair("gone", "list read"),
        pair("guest", "list read"),
        pair("operators", "delete list read update"),
        pair("owned", "list read"),
        pair("owners", "grant update"),
        pair("worker", "list read"),
    ] {
        assert!(sound.contains(&expected), "{expected:?} is not in {sound:#?}");
    }
    assert_eq!(sound.len(), 11, "{sound:#?}");
    // Of groups those who are in them are told, and not the groups.
    let named = |name: &str| {
        let all = inventory.facts().iter().filter(|fact| fact["kind"] == "azure_principal");
        all.clone().find(|fact| fact["displayName"] == name).unwrap()
    };
    let members = named("operators")["members"].as_array().unwrap().iter();
    let members: BTreeSet<&str> = members.map(|id| id.as_str().unwrap()).collect();
    let expected = ["bob", "worker"].map(|name| named(name)["id"].as_str().unwrap());
    assert_eq!(members, expected.into());
    assert_eq!(named("operators")["has_more_members"], false);
    assert_eq!(named("owners")["members"], json!([]));
    assert_eq!(named("bob")["members"], Value::Null);
    let by_policy = of("policies-kv/secrets/one");
    let expected = [
        pair("by-policy", "list read"),
        pair("dan", "grant update"),
        pair("owners", "grant update"),
    ];
    assert_eq!(by_policy, expected.into());
}

#[test]
fn denials_conditions_and_eligible_roles_count() {
    let mut people = BTreeMap::new();
    let make = |ports: &BTreeMap<_, _>| {
        let mut maker = world::Maker::new(ports);
        maker.subscription(GOOD, "good", "Standard");
        maker.put_workspace(&world::Maker::workspace(GOOD), 400);
        let mut vault = world::Maker::sound(GOOD, "denied-kv");
        vault.properties = json!({"enabledForTemplateDeployment": true});
        vault.secrets.push(maker.secret("one"));
        let id = maker.vault(vault);
        let actions = json!([
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ]);
        let reads = maker.role(GOOD, "Reads", false, json!({"dataActions": actions}));
        let deploys = maker.role(
            GOOD,
            "Deploys",
            true,
            json!({"actions": ["Microsoft.KeyVault/vaults/deploy/action"]}),
        );
        for name in ["spared", "denied", "eligible", "deployer", "attributed"] {
            people.insert(name, maker.principal("user", name, json!({})));
        }
        let at = |secret: &str| format!("{id}{secret}");
        let user = |name: &str| (people[name].as_str(), "User");
        // Of one secret alone, or of all of the vault.
        maker.assign(GOOD, &at("/secrets/one"), &reads, user("spared"), json!({}));
        maker.assign(GOOD, &at("/secrets/another"), &reads, user("deployer"), json!({}));
        maker.assign(GOOD, &id, &reads, user("denied"), json!({}));
        maker.assign(GOOD, &id, &deploys, user("deployer"), json!({}));
        maker.assign(
            GOOD,
            "/",
            &reads,
            user("attributed"),
            json!({"condition": "@Resource[a] StringEquals 'b'"}),
        );
        let eligible = json!({"id": "/e", "properties": {"scope": id, "roleDefinitionId": reads,
            "principalId": people["eligible"], "principalType": "User"}});
        maker.add(GOOD, "microsoft.authorization/roleeligibilityscheduleinstances", eligible);
        let excluded: Vec<Value> = ["spared", "eligible", "deployer", "attributed"]
            .iter()
            .map(|name| json!({"id": people[*name], "type": "User"}))
            .collect();
        let denial = json!({"id": "/d", "properties": {
            "denyAssignmentName": "frozen", "scope": format!("/subscriptions/{GOOD}"),
            "permissions": [{"actions": [], "dataActions": ["Microsoft.KeyVault/vaults/secrets/getSecret/*"]}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
            "excludePrincipals": excluded,
        }});
        maker.add(GOOD, "microsoft.authorization/denyassignments", denial);
        maker.finish()
    };
    let Some(server) = Server::start(make, Options::default()) else { return };
    let inventory = Inventory::of(&server, &format!("azure:{GOOD}"), &[]);
    let all = inventory.facts().iter().find(|fact| fact["kind"] == "azure_secret_readers").unwrap();
    let of = |name: &str| -> Vec<(String, String)> {
        let id = format!("/directoryobjects/{}", people[name]);
        let own = all["readers"].as_array().unwrap().iter().filter(|one| one["principal"] == id);
        own.map(|one| {
            let access = one["access"].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
            let conditions = one["conditions"].as_array().unwrap().iter();
            let conditions: Vec<&str> = conditions.map(|one| one.as_str().unwrap()).collect();
            (access.collect::<Vec<_>>().join(" "), conditions.join("; "))
        })
        .collect()
    };
    let pair = |access: &str, conditions: &str| vec![(access.to_owned(), conditions.to_owned())];
    assert_eq!(of("spared"), pair("list read", ""));
    // Whoever is spared may be a group that the user is in.
    assert_eq!(of("denied")[0], ("list".to_owned(), String::new()));
    assert_eq!(of("denied")[1], ("read".to_owned(), "unless `frozen` denies it".to_owned()));
    assert_eq!(of("eligible"), pair("list read", "after activation of an eligible role"));
    assert_eq!(of("deployer"), pair("read", "by a template deployment"));
    assert_eq!(of("attributed"), pair("list read", "@Resource[a] StringEquals 'b'"));
    assert_eq!(all["complete"], true, "{all}");
}

#[test]
fn values_are_told_about_where_they_may_be_read_and_are_nowhere() {
    let Some(server) = Server::start(plants::good, Options::default()) else { return };
    let inventory = Inventory::of(&server, "azure:", &["--read-values"]);
    let values: Vec<&Value> =
        inventory.facts().iter().filter(|fact| fact["kind"] == "azure_secret_value").collect();
    // That of a certificate is no secret of its own.
    assert_eq!(values.len(), 1);
    assert_eq!(values[0]["length"], "planted+value+database".len());
    assert!(!inventory.text.contains("planted+value"));
    let reading = server.log().into_iter().filter(|one| one.right.contains("getSecret")).count();
    assert_eq!(reading, 1);
}

#[test]
fn a_leaked_value_is_known_as_that_of_a_secret_and_of_which_version() {
    let make = |ports: &BTreeMap<_, _>| {
        let mut maker = world::Maker::new(ports);
        maker.subscription(GOOD, "good", "Standard");
        maker.put_workspace(&world::Maker::workspace(GOOD), 400);
        let mut vault = world::Maker::sound(GOOD, "held-kv");
        let mut secret = maker.secret("stripe");
        secret.value = Some(plants::leak());
        secret.versions.insert(0, secret.versions[0].clone());
        vault.secrets.push(secret);
        maker.vault(vault);
        maker.finish()
    };
    let Some(server) = Server::start(make, Options::default()) else { return };
    let scanned = tempfile::tempdir().unwrap();
    let text = format!("STRIPE_KEY={}\n", plants::leak());
    std::fs::write(scanned.path().join(".env"), text).unwrap();
    let directory = scanned.path().to_str().unwrap();
    let address = format!("azure:{GOOD}");
    let args =
        ["audit", &address, "--read-values", "--scan", directory, "--format", "json", "--show-all"];
    let output = keystrel(&server, &args);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    let live: Vec<_> = checks
        .filter(|one| one["control"] == "x-repo-leak-live" && one["verdict"] == "fail")
        .collect();
    assert_eq!(live.len(), 1, "{live:#?}");
    assert!(live[0]["message"].as_str().unwrap().contains("held-kv/stripe"), "{live:?}");
    assert!(!report.to_string().contains(&plants::leak()));
    // The version before was read, too.
    let reading = server.log().into_iter().filter(|one| one.right.contains("getSecret")).count();
    assert_eq!(reading, 2);
}

#[test]
fn ten_thousand_secrets_take_a_request_each_and_little_more() {
    let make = |ports: &BTreeMap<_, _>| {
        let mut maker = world::Maker::new(ports);
        maker.subscription(GOOD, "good", "Standard");
        maker.put_workspace(&world::Maker::workspace(GOOD), 400);
        let mut vault = world::Maker::sound(GOOD, "many-kv");
        vault.secrets = (0..10_000).map(|index| maker.secret(&format!("s{index}"))).collect();
        maker.vault(vault);
        maker.finish()
    };
    let Some(server) = Server::start(make, Options { page: 25, ..Options::default() }) else {
        return;
    };
    let began = std::time::Instant::now();
    let inventory = Inventory::of(&server, &format!("azure:{GOOD}"), &["--concurrency", "32"]);
    let facts = |kind: &str| inventory.facts().iter().filter(|fact| fact["kind"] == kind).count();
    assert_eq!((facts("azure_secret"), facts("azure_secret_readers")), (10_000, 10_000));
    assert_eq!(inventory.unread(), BTreeSet::new());
    let asked = server.count();
    assert!(asked <= 10_000 + 400 + 100, "{asked} requests");
    let versions = server.log().iter().filter(|one| one.path.ends_with("/versions")).count();
    assert_eq!(versions, 10_000);
    assert!(
        server
            .log()
            .iter()
            .all(|one| one.plane != Plane::Vaults || !one.right.contains("getSecret"))
    );
    assert!(began.elapsed().as_secs() < 240, "{:?}", began.elapsed());
}
