//! Google Cloud: what is collected of APIs that a server here speaks, what policies find in it, and what comes of it
//! when they do not answer.
#![expect(clippy::panic, reason = "a test fails by it")]

mod bad;
mod faults;
mod login;
mod routes;
mod server;
mod table;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::cases::quiet;
use server::{Server, TOKEN, World};

/// The APIs, each of which has its variable.
const APIS: &[&str] = &[
    "accessapproval",
    "accesscontextmanager",
    "apikeys",
    "cloudasset",
    "cloudfunctions",
    "cloudidentity",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "iam",
    "kmsinventory",
    "logging",
    "monitoring",
    "orgpolicy",
    "policyanalyzer",
    "pubsub",
    "recommender",
    "run",
    "secretmanager",
];

/// The command with all APIs at a port.
fn command(port: u16, home: &std::path::Path) -> Command {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_keystrel")), home);
    for api in APIS {
        let name = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_uppercase());
        command.env(name, format!("http://127.0.0.1:{port}/{api}/"));
    }
    command
}

/// Runs keystrel with a login that the server takes.
fn keystrel(port: u16, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    command(port, home.path()).env("CLOUDSDK_AUTH_ACCESS_TOKEN", TOKEN).args(args).output().unwrap()
}

/// An inventory.
struct Inventory {
    text: String,
    value: Value,
}

impl Inventory {
    /// What is collected of the shop.
    fn of(port: u16, args: &[&str]) -> Self {
        Self::at(port, "gcp:shop", args)
    }

    /// What is collected of an address.
    fn at(port: u16, address: &str, args: &[&str]) -> Self {
        let output = keystrel(port, &[&["collect", address], args].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            matches!(output.status.code(), Some(0 | 4)),
            "{args:?}: {:?} {said}",
            output.status
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        Self { text, value }
    }

    fn facts(&self) -> &[Value] {
        self.value["facts"].as_array().unwrap()
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.value["gaps"].as_array().unwrap();
        let text = |gap: &Value, name: &str| gap[name].as_str().unwrap().to_owned();
        gaps.iter()
            .map(|gap| format!("{} {} {}", text(gap, "needs"), text(gap, "what"), text(gap, "why")))
            .collect()
    }

    fn ids(&self, kind: &str) -> Vec<&str> {
        let of = self.facts().iter().filter(|fact| fact["kind"] == kind);
        of.map(|fact| fact["id"].as_str().unwrap()).collect()
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["kind"].as_str().unwrap()).collect()
    }

    fn fact(&self, id: &str) -> &Value {
        self.facts().iter().find(|fact| fact["id"] == id).unwrap_or_else(|| panic!("no fact {id}"))
    }

    /// What could not be read, by the id of a fact and field.
    fn unread(&self) -> Vec<String> {
        let all = self.facts().iter().flat_map(|fact| {
            let fields = fact["unread"].as_object().unwrap().iter();
            fields.map(|(name, why)| {
                format!("{} {name} {}", fact["id"].as_str().unwrap(), why.as_str().unwrap())
            })
        });
        all.collect()
    }
}

/// Verdicts by control and resource, of what was collected or is in an inventory.
fn verdicts(output: &Output) -> BTreeMap<(String, String), String> {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 4)), "{:?} {said}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["policy_errors"], json!([]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .filter(|one| text(&one["control"]).starts_with("gcp-"))
        .map(|one| ((text(&one["control"]), text(&one["resource"])), text(&one["verdict"])))
        .collect()
}

/// Collects and judges the shop.
fn audit(port: u16) -> BTreeMap<(String, String), String> {
    verdicts(&keystrel(port, &["audit", "gcp:shop", "--format", "json", "--show-all"]))
}

/// A sound world with one more thing.
fn with(add: impl FnOnce(&mut World)) -> World {
    let mut world = world::good();
    add(&mut world);
    world
}

#[test]
fn a_sound_project_is_read_without_a_gap_and_found_sound() {
    let server = Server::start(world::good());
    let inventory = Inventory::of(server.port, &[]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert_eq!(inventory.unread(), Vec::<String>::new());
    assert_eq!(server.strange(), Vec::<String>::new());
    assert_eq!(inventory.value["source"], "gcp:shop");
    let found = audit(server.port);
    let bad: Vec<_> = found.iter().filter(|(_, verdict)| *verdict != "pass").collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(found.len() > 60, "{}", found.len());
}

#[test]
fn facts_are_as_they_are_documented() {
    let inventory = Inventory::of(Server::start(bad::world()).port, &[]);
    let document = include_str!("../../../docs/facts/gcp.md");
    let table = document.split("| kind | what each is |").nth(1).unwrap();
    let rows = table.trim().lines().take_while(|line| line.starts_with('|'));
    let names: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(names.len(), 31);
    for kind in &names {
        let expected = *kind != "gcp_secret_value";
        assert_eq!(inventory.kinds().contains(kind), expected, "{kind}");
    }
    // Each field that a section names is there, in facts of one of its kinds.
    for section in document.split("\n## ").skip(1) {
        let (head, body) = section.split_once('\n').unwrap();
        let kinds: Vec<&str> = head
            .split('`')
            .filter(|name| names.contains(name) && *name != "gcp_secret_value")
            .collect();
        for row in body.lines().filter(|line| line.starts_with("| `")) {
            let first = row.split('|').nth(1).unwrap();
            for field in first.split('`').skip(1).step_by(2) {
                let is_there = kinds.is_empty()
                    || inventory.facts().iter().any(|fact| {
                        kinds.contains(&fact["kind"].as_str().unwrap()) && fact.get(field).is_some()
                    });
                assert!(is_there, "{kinds:?} {field}");
            }
        }
    }
}

#[test]
fn an_inventory_has_no_value_that_is_planted() {
    let server = Server::start(bad::world());
    let inventory = Inventory::of(server.port, &[]);
    for value in bad::values() {
        assert!(!inventory.text.contains(&value), "an inventory has a planted value");
    }
    assert!(!inventory.text.contains("private words"));
    assert!(!inventory.text.contains(TOKEN));
}

#[test]
fn settings_of_a_secret_are_those_of_the_api() {
    let inventory = Inventory::of(Server::start(world::good()).port, &[]);
    let db = inventory.fact("//secretmanager.googleapis.com/projects/shop/secrets/db");
    assert_eq!((&db["project"], &db["location"]), (&json!("shop"), &json!("global")));
    assert_eq!(
        db["replication"],
        json!({"automatic": {"customerManagedEncryption": null}, "userManaged": null})
    );
    assert_eq!(db["topics"], json!(["//pubsub.googleapis.com/projects/shop/topics/rotate"]));
    assert_eq!(db["versions"][0]["version"], 1);
    assert!(db["last_accessed"].is_string() && db["reads_known_since"].is_string(), "{db}");
    let eu = inventory
        .fact("//secretmanager.googleapis.com/projects/shop/locations/europe-west1/secrets/eu");
    assert_eq!((&eu["is_regional"], &eu["replication"]), (&json!(true), &Value::Null));
    let key = "//cloudkms.googleapis.com/projects/shop/locations/europe-west1/keyRings/main/cryptoKeys/db";
    assert_eq!(eu["kms_keys"], json!([key]));
    assert_eq!(
        eu["versions"][0]["kms_key_versions"],
        json!([format!("{key}/cryptoKeyVersions/2")])
    );
    let project = inventory.fact("//cloudresourcemanager.googleapis.com/projects/shop");
    let above = ["folders/456", "organizations/1"]
        .map(|name| format!("//cloudresourcemanager.googleapis.com/{name}"));
    assert_eq!(project["ancestors"], json!(above));
    let organization = inventory.fact("//cloudresourcemanager.googleapis.com/organizations/1");
    assert_eq!(organization["organization_projects"], json!(["415", "shop"]));
}

/// Who can read the secret `db`, as `principal access via`.
fn readers(inventory: &Inventory) -> (Vec<String>, Value) {
    let fact = inventory.fact("//secretmanager.googleapis.com/projects/shop/secrets/db#readers");
    let shown = fact["readers"].as_array().unwrap().iter().map(|one| {
        let texts = |name: &str| {
            let all: Vec<&str> =
                one[name].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
            all.join("+")
        };
        let conditional = if one["conditional"] == true {
            format!(" if {}", texts("conditions"))
        } else {
            String::new()
        };
        format!(
            "{} {} {}{conditional}",
            one["principal"].as_str().unwrap(),
            texts("access"),
            texts("via")
        )
    });
    (shown.collect(), fact.clone())
}

#[test]
fn readers_are_those_that_some_policy_allows_and_none_denies() {
    let reader = "serviceAccount:reader@shop.iam.gserviceaccount.com read roles/secretmanager.secretAccessor on the secret";
    let lister = "group:security@example.com list roles/viewer on organizations/1";
    let (found, fact) = readers(&Inventory::of(Server::start(world::good()).port, &[]));
    assert_eq!(found, [lister, reader]);
    assert_eq!((&fact["complete"], &fact["unknown"]), (&json!(true), &json!([])));
    let (found, _) = readers(&Inventory::of(Server::start(with(|world| {
        let admin = "roles/secretmanager.admin";
        world.policy("folders/456", world::policy(&[(admin, &["user:ada@example.com", "deleted:user:x@example.com?uid=1"])]));
        world.policy("projects/shop", json!({"bindings": [
            {"role": world::ACCESSOR, "members": ["user:other@example.com"], "condition": {"title": "another", "expression":
                "resource.name.startsWith(\"projects/415/secrets/other\")"}},
            {"role": world::ACCESSOR, "members": ["user:late@example.com"], "condition": {"title": "over", "expression":
                "request.time < timestamp(\"2020-01-01T00:00:00Z\")"}},
            {"role": world::ACCESSOR, "members": ["user:now@example.com"], "condition": {"title": "for now", "expression":
                "request.time < timestamp(\"2099-01-01T00:00:00Z\")"}},
            {"role": "projects/shop/roles/peek", "members": ["user:peek@example.com"]},
        ]}));
        world.list("iam", "v1/projects/shop/roles", vec![json!({
            "name": "projects/shop/roles/peek", "title": "Peek", "includedPermissions": ["secretmanager.versions.access"],
        })]);
    })).port, &[]));
    assert_eq!(
        found,
        [
            lister,
            reader,
            "user:ada@example.com delete+list+policy+read+update roles/secretmanager.admin on folders/456",
            "user:now@example.com read roles/secretmanager.secretAccessor on projects/shop if for now",
            "user:peek@example.com read projects/shop/roles/peek on projects/shop",
        ]
    );
    let denied = with(|world| {
        let point =
            "v2/policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies";
        let name =
            "policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies/no";
        world.list("iam", point, vec![json!({"name": name})]);
        world.object("iam", &format!("{point}/no"), json!({"name": name, "rules": [{"denyRule": {
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "exceptionPrincipals": ["principal://iam.googleapis.com/projects/-/serviceAccounts/reader@shop.iam.gserviceaccount.com"],
            "deniedPermissions": ["secretmanager.googleapis.com/versions.access"],
        }}]}));
        world.policy("folders/456", world::policy(&[(world::ACCESSOR, &["user:ada@example.com"])]));
    });
    let (found, fact) = readers(&Inventory::of(Server::start(denied).port, &[]));
    assert_eq!(found, [lister, reader], "{fact}");
}

#[test]
fn folders_and_organizations_are_read_as_their_projects() {
    let world =
        with(|world| {
            world::project(world, "till", "416");
            world.list("cloudresourcemanager", "v3/projects?organizations/1", vec![
            json!({"name": "projects/417", "projectId": "gone", "state": "DELETE_REQUESTED"}),
        ]);
        });
    let server = Server::start(world);
    for address in
        ["gcp:organizations/1", "gcp:folders/456", "gcp:till,shop", "gcp:415,projects/till"]
    {
        let inventory = Inventory::at(server.port, address, &[]);
        let projects = ["shop", "till"]
            .map(|id| format!("//cloudresourcemanager.googleapis.com/projects/{id}"));
        assert_eq!(inventory.ids("gcp_project"), projects, "{address}");
        assert_eq!(inventory.gaps(), Vec::<String>::new(), "{address}");
        assert_eq!(inventory.ids("gcp_folder").len(), 1, "{address}");
    }
    let output = keystrel(server.port, &["collect", "gcp:Bad/Name"]);
    assert_eq!(output.status.code(), Some(2));
    let output = keystrel(server.port, &["collect", "gcp:"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("GOOGLE_CLOUD_PROJECT"));
}

#[test]
fn an_api_that_is_off_has_nothing_unless_it_is_that_of_the_login() {
    let off = |api: &str, consumer: &str| {
        with(|world| drop(world.off.insert(api.into(), consumer.into())))
    };
    let inventory = Inventory::of(Server::start(off("cloudfunctions", "projects/415")).port, &[]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    let inventory = Inventory::of(Server::start(off("secretmanager", "projects/shop")).port, &[]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert!(inventory.ids("gcp_secret").is_empty());
    let inventory = Inventory::of(Server::start(off("secretmanager", "projects/999")).port, &[]);
    assert!(
        inventory
            .gaps()
            .iter()
            .any(|gap| gap.starts_with("gcp_secret ") && gap.contains("SERVICE_DISABLED"))
    );
    // Of these nobody knows then what there is.
    let inventory = Inventory::of(Server::start(off("apikeys", "projects/415")).port, &[]);
    assert!(
        inventory.gaps().iter().any(|gap| gap.starts_with("gcp_api_key ")),
        "{:?}",
        inventory.gaps()
    );
}

#[test]
fn values_are_read_on_demand_and_only_told_of() {
    let value = ["correct", "horse", "battery"].join("-");
    let payload = json!({"username": "app", "host": "db", "password": value}).to_string();
    let data = |text: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    };
    let world = with(|world| {
        world.object(
            "secretmanager",
            "v1/projects/shop/secrets/db/versions/latest:access",
            json!({
                "name": "projects/415/secrets/db/versions/1", "payload": {"data": data(&payload)},
            }),
        );
    });
    let server = Server::start(world.clone());
    let inventory = Inventory::of(server.port, &[]);
    assert!(inventory.ids("gcp_secret_value").is_empty());
    assert!(
        !server.asked().iter().any(|asked| asked.permission == "secretmanager.versions.access")
    );
    let server = Server::start(world);
    let inventory = Inventory::of(server.port, &["--read-values"]);
    let fact = inventory.fact("//secretmanager.googleapis.com/projects/shop/secrets/db#value");
    assert_eq!(fact["length"], value.len());
    assert_eq!(fact["is_common"], false);
    assert!(!inventory.text.contains(&value) && !inventory.text.contains(&data(&payload)));
}

#[test]
fn members_of_groups_are_told_where_they_may_be_seen() {
    let mut world = bad::world();
    let member = |kind: &str, id: &str| json!({"member": format!("{kind}/{id}"), "preferredMemberKey": [{"id": id}], "relationType": "INDIRECT"});
    let account = "web@shop.iam.gserviceaccount.com";
    world.list(
        "cloudidentity",
        "v1/groups/01/memberships:searchTransitiveMemberships",
        vec![
            member("users", "cleo@example.com"),
            member("groups", "inner@example.com"),
            member("users", "ada@example.com"),
            member("users", account),
        ],
    );
    let id = "//cloudidentity.googleapis.com/group:admins@example.com";
    let inventory = Inventory::of(Server::start(world.clone()).port, &[]);
    let group = inventory.fact(id);
    let expected = json!([
        format!("serviceAccount:{account}"),
        "user:ada@example.com",
        "user:cleo@example.com"
    ]);
    assert_eq!((&group["members"], &group["has_more_members"]), (&expected, &json!(false)));
    for refused in ["groups:lookup", "searchTransitiveMemberships"] {
        let server = Server::with(world.clone(), None, move |asked, _| {
            if asked.path.contains(refused) {
                server::Deed::Refuse(403, "PERMISSION_DENIED")
            } else {
                server::Deed::Pass
            }
        });
        let inventory = Inventory::of(server.port, &[]);
        let group = inventory.fact(id);
        assert_eq!(group["members"], Value::Null);
        let why = group["unread"]["members"].as_str().unwrap();
        assert!(why.contains("PERMISSION_DENIED"), "{why}");
    }
}

/// The permissions of the role that is printed.
fn printed(args: &[&str]) -> BTreeSet<String> {
    let output = keystrel(0, &[&["audit", "gcp:", "--explain-permissions"], args].concat());
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("- "));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn no_more_is_asked_than_the_role_of_the_chosen_controls_allows() {
    for control in [
        "gcp-apikey-age",
        "gcp-gke-etcd-kms",
        "gcp-iam-custom-role-access",
        "gcp-iam-sa-key-age",
        "gcp-iam-public-project",
        "gcp-iam-wif-condition",
        "gcp-kms-rotation",
        "gcp-kms-external",
        "gcp-log-sink",
        "gcp-project-ssh-keys",
        "gcp-run-env-literal",
        "gcp-sm-quota",
        "gcp-sm-version-latest-alias",
        "gcp-sm-vpcsc",
    ] {
        let granted = printed(&["--control", control]);
        let server = Server::start(bad::world());
        let output = keystrel(server.port, &["audit", "gcp:shop", "--control", control]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{control}");
        let asked: BTreeSet<String> =
            server.asked().into_iter().map(|asked| asked.permission).collect();
        let more: Vec<_> =
            asked.iter().filter(|one| !one.is_empty() && !granted.contains(*one)).collect();
        assert!(more.is_empty(), "{control}: {more:?}");
    }
}

#[test]
fn the_printed_role_is_enough() {
    let granted = printed(&[]);
    let server = Server::with(bad::world(), Some(granted.clone()), |_, _| server::Deed::Pass);
    let inventory = Inventory::of(server.port, &[]);
    let refused: Vec<_> = inventory
        .gaps()
        .into_iter()
        .chain(inventory.unread())
        .filter(|why| why.contains("PERMISSION_DENIED"))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
    // And not more than that is asked for, with an organization and many secrets.
    let many = Server::start(with(bad::many(120)));
    Inventory::at(many.port, "gcp:organizations/1", &[]);
    let asked: BTreeSet<String> =
        server.asked().into_iter().chain(many.asked()).map(|asked| asked.permission).collect();
    let unused: Vec<&String> = granted.iter().filter(|one| !asked.contains(*one)).collect();
    assert_eq!(unused, Vec::<&String>::new());
}
