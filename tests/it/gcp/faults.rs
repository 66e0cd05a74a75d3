//! What comes of it when the APIs refuse, hurry, break off, hang, or do not know the login any more.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::routes::ROUTES;
use super::server::{Deed, Server};
use super::{Inventory, audit, bad, keystrel, with, world};

#[test]
fn what_is_refused_is_told_and_no_control_passes_for_it() {
    let before = audit(Server::start(world::good()).port);
    let permissions: BTreeSet<&str> = ROUTES
        .iter()
        .map(|route| route.3)
        .filter(|name| !name.is_empty() && !name.ends_with(".access"))
        .collect();
    // Roles of elsewhere and keys of other projects are not in this world.
    let left_out = [
        "cloudasset.assets.listResource",
        "iam.roles.get",
        "iam.denypolicies.get",
        "resourcemanager.projects.list",
        "resourcemanager.folders.list",
    ];
    let mut wrong = Vec::new();
    for permission in permissions.into_iter().filter(|name| !left_out.contains(name)) {
        let server = Server::with(world::good(), None, move |asked, _| {
            if asked.permission == permission {
                Deed::Refuse(403, "PERMISSION_DENIED")
            } else {
                Deed::Pass
            }
        });
        let inventory = Inventory::of(server.port, &[]);
        let told = format!("PERMISSION_DENIED at {permission}");
        let is_asked = server.asked().iter().any(|asked| asked.permission == permission);
        // There is no key here of which it would be said.
        let is_of_keys = permission.starts_with("policyanalyzer.serviceAccountKey");
        if is_asked && !is_of_keys && !inventory.text.contains(&told) {
            wrong.push(format!("{permission} is not told of"));
        }
        let after = audit(server.port);
        for (check, verdict) in &before {
            let now = after.get(check).map(String::as_str);
            // Nothing that was found is not found now; a fact that is not there has no verdict of its own.
            if verdict == "fail" && now == Some("pass") {
                wrong.push(format!("{permission}: {check:?} passes"));
            }
        }
        let decides = !IN_A_SOUND_WORLD.contains(&permission);
        if decides && !after.values().any(|verdict| verdict == "unknown") {
            wrong.push(format!("{permission}: nothing is unknown"));
        }
        if let Some((check, _)) = after.iter().find(|(_, verdict)| *verdict == "fail") {
            wrong.push(format!("{permission}: {check:?} fails for knowing less"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Permissions whose refusal decides nothing in a sound world: it has no key of an account, and no member whose domain or
/// project would have to be known.
const IN_A_SOUND_WORLD: &[&str] = &[
    "cloudasset.assets.searchAllResources",
    "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
    "resourcemanager.folders.get",
    "resourcemanager.organizations.get",
];

#[test]
fn no_finding_becomes_a_pass_for_knowing_less() {
    let before = audit(Server::start(bad::world()).port);
    let mut wrong = Vec::new();
    for permission in [
        "secretmanager.versions.list",
        "secretmanager.secrets.getIamPolicy",
        "resourcemanager.projects.getIamPolicy",
        "resourcemanager.projects.get",
        "iam.roles.list",
        "cloudkms.cryptoKeyVersions.list",
        "cloudkms.cryptoKeys.get",
        "logging.sinks.list",
        "logging.privateLogEntries.list",
        "pubsub.topics.get",
        "cloudasset.assets.searchAllResources",
        "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
        "iam.roles.get",
        "iam.denypolicies.get",
    ] {
        let server = Server::with(bad::world(), None, move |asked, _| {
            if asked.permission == permission {
                Deed::Refuse(403, "PERMISSION_DENIED")
            } else {
                Deed::Pass
            }
        });
        let after = audit(server.port);
        for (check, verdict) in before.iter().filter(|(_, verdict)| *verdict != "pass") {
            if after.get(check).is_some_and(|now| now == "pass") {
                wrong.push(format!("{permission}: {check:?} was {verdict}, and passes"));
            }
        }
        if !after.values().any(|verdict| verdict == "unknown") {
            wrong.push(format!("{permission}: nothing is unknown"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_passes_by_itself_is_waited_for() {
    let plain = Inventory::of(Server::start(world::good()).port, &[]);
    let storms: [fn(usize) -> Deed; 4] = [
        |count| match count {
            0..60 if count % 2 == 0 => Deed::Refuse(429, "RESOURCE_EXHAUSTED"),
            60..200 if count % 10 == 0 => Deed::Refuse(503, "UNAVAILABLE"),
            _ => Deed::Pass,
        },
        |count| if count % 5 == 3 { Deed::Cut(60) } else { Deed::Pass },
        |count| if count % 5 == 3 { Deed::Halve } else { Deed::Pass },
        |count| if count % 6 == 3 { Deed::Refuse(500, "INTERNAL") } else { Deed::Pass },
    ];
    for (number, storm) in storms.into_iter().enumerate() {
        let server = Server::with(world::good(), None, move |_, count| storm(count));
        let after = Inventory::of(server.port, &[]);
        assert_eq!(after.gaps(), plain.gaps(), "{number}");
        assert_eq!(after.unread(), plain.unread(), "{number}");
        assert_eq!(after.facts().len(), plain.facts().len(), "{number}");
    }
}

#[test]
fn a_storm_that_does_not_end_is_a_gap_of_what_was_asked() {
    let server = Server::with(world::good(), None, |asked, _| {
        if asked.permission == "secretmanager.secrets.list" {
            Deed::Refuse(503, "UNAVAILABLE")
        } else {
            Deed::Pass
        }
    });
    let inventory = Inventory::of(server.port, &[]);
    assert!(
        inventory
            .gaps()
            .iter()
            .any(|gap| gap.starts_with("gcp_secret ") && gap.contains("UNAVAILABLE"))
    );
    assert!(inventory.kinds().contains("gcp_kms_key"));
}

#[test]
fn what_never_comes_is_a_gap_in_time() {
    let began = Instant::now();
    let server = Server::with(world::good(), None, |asked, _| {
        if asked.permission == "cloudkms.keyRings.list" { Deed::Hang } else { Deed::Pass }
    });
    let inventory = Inventory::of(server.port, &["--timeout", "1", "--deadline", "12"]);
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    let gaps = inventory.gaps();
    assert!(
        gaps.iter()
            .any(|gap| gap.starts_with("gcp_kms_key ") && gap.contains("cloudkms.keyRings.list")),
        "{gaps:?}"
    );
    assert!(inventory.kinds().contains("gcp_secret"));
}

#[test]
fn a_token_that_expires_leaves_what_was_read_and_is_said_to_have() {
    let server = Server::with(world::good(), None, |_, count| {
        if count < 40 { Deed::Pass } else { Deed::Refuse(401, "UNAUTHENTICATED") }
    });
    let inventory = Inventory::of(server.port, &[]);
    assert!(inventory.kinds().contains("gcp_project"));
    assert!(inventory.text.contains("the login is no longer valid"), "{}", inventory.text);
    // Each host is asked once more at the most, with what was under way.
    let asked = server.asked().len();
    assert!(asked < 120, "{asked} requests");
    let server = Server::with(world::good(), None, |_, count| {
        if count < 40 { Deed::Pass } else { Deed::Refuse(401, "UNAUTHENTICATED") }
    });
    assert!(audit(server.port).values().any(|verdict| verdict == "unknown"));
}

#[test]
fn a_project_that_refuses_does_not_spoil_another() {
    let refuses = |path: &str| path.contains("/till") || path.contains("/416");
    let server = Server::with(bad::world(), None, move |asked, _| {
        if refuses(&asked.path) { Deed::Refuse(403, "PERMISSION_DENIED") } else { Deed::Pass }
    });
    let both = Inventory::at(server.port, "gcp:shop,till", &[]);
    let shop = Inventory::of(Server::start(bad::world()).port, &[]);
    assert_eq!(both.ids("gcp_secret"), shop.ids("gcp_secret"));
    for gap in both.gaps() {
        assert!(gap.contains("/till"), "{gap}");
    }
    let till = both.fact("//cloudresourcemanager.googleapis.com/projects/till");
    assert_eq!(till["iam_policy"], serde_json::Value::Null);
    assert!(till["unread"]["ancestors"].as_str().unwrap().contains("PERMISSION_DENIED"));
}

#[test]
fn pages_that_are_refused_half_way_keep_what_came() {
    let server = Server::with(bad::world(), None, |asked, _| {
        let is_later =
            asked.path.contains("pageToken=") && asked.permission == "secretmanager.secrets.list";
        if is_later { Deed::Refuse(403, "PERMISSION_DENIED") } else { Deed::Pass }
    });
    let inventory = Inventory::of(server.port, &[]);
    assert_eq!(inventory.ids("gcp_secret").len(), 3 + 1);
    assert!(inventory.gaps().iter().any(|gap| gap.starts_with("gcp_secret ")));
}

#[test]
fn ten_thousand_secrets_are_read_by_the_inventory_of_assets_or_one_by_one() {
    const COUNT: usize = 10_000;
    let many = with(bad::many(COUNT as u32));
    let server = Server::start(many.clone());
    let began = Instant::now();
    let by_assets = Inventory::of(server.port, &[]);
    let took = began.elapsed();
    assert_eq!(by_assets.ids("gcp_secret").len(), COUNT + 2);
    let asked = server.asked().len();
    let by = asked;
    assert!(asked < 250, "{asked} requests");
    assert_eq!(by_assets.gaps(), Vec::<String>::new());
    let server = Server::with(many, None, |asked, _| {
        if asked.permission.starts_with("cloudasset.assets.list") {
            Deed::Refuse(403, "PERMISSION_DENIED")
        } else {
            Deed::Pass
        }
    });
    let began = Instant::now();
    let one_by_one = Inventory::of(server.port, &[]);
    let asked = server.asked().len();
    assert!((2 * COUNT..2 * COUNT + 250).contains(&asked), "{asked} requests");
    println!("by assets {took:?} {by}, one by one {:?} {asked}", began.elapsed());
    // Save for the time they say the same.
    assert_eq!(by_assets.facts().len(), one_by_one.facts().len());
    for (a, b) in by_assets.facts().iter().zip(one_by_one.facts()) {
        let policy = |fact: &serde_json::Value| {
            (
                fact["id"].clone(),
                fact["iam_policy"].clone(),
                fact["readers"].clone(),
                fact["versions"].clone(),
            )
        };
        assert_eq!(policy(a), policy(b));
    }
}

#[test]
fn many_keys_are_read_by_the_inventory_of_assets_too() {
    let world = with(|world| {
        world.page = 0;
        for number in 0..150 {
            let versions =
                vec![world::key_version(2, "ENABLED", 30), world::key_version(1, "DESTROYED", 90)];
            world.key(&format!("many-{number}"), serde_json::json!({}), versions, 0);
        }
    });
    let plain = Server::with(world.clone(), None, |asked, _| {
        if asked.permission.starts_with("cloudasset.assets.list") {
            Deed::Refuse(403, "PERMISSION_DENIED")
        } else {
            Deed::Pass
        }
    });
    let one_by_one = Inventory::of(plain.port, &[]);
    let server = Server::start(world);
    let by_assets = Inventory::of(server.port, &[]);
    assert_eq!(by_assets.ids("gcp_kms_key").len(), 151);
    assert_eq!(by_assets.gaps(), Vec::<String>::new());
    let saved = plain.asked().len() - server.asked().len();
    assert!(saved >= 298, "{saved}");
    // Times count from that of the audit.
    let fixed = |fact: &serde_json::Value| {
        let mut fact = fact.clone();
        for field in ["use_known_since", "reads_known_since"] {
            fact.as_object_mut().unwrap().remove(field);
        }
        fact
    };
    for (a, b) in by_assets.facts().iter().zip(one_by_one.facts()) {
        assert_eq!(fixed(a), fixed(b));
    }
}

#[test]
fn answers_of_other_types_are_stood() {
    for seed in 0..20 {
        let server = Server::with(bad::world(), None, move |asked, _| {
            // What it is about is known.
            let is_first = asked.permission == "resourcemanager.projects.get";
            if is_first { Deed::Pass } else { Deed::Odd(seed) }
        });
        let output = keystrel(server.port, &["audit", "gcp:shop", "--format", "json"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 4)), "{seed}: {said}");
        assert!(!said.contains("panicked"), "{seed}: {said}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["policy_errors"], serde_json::json!([]), "{seed}");
    }
}

#[test]
fn a_login_that_is_none_is_said_to_be() {
    let server = Server::with(world::good(), None, |_, _| Deed::Refuse(401, "UNAUTHENTICATED"));
    let output = keystrel(server.port, &["collect", "gcp:shop"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot log in to GCP"), "{said}");
    let output = keystrel(1, &["collect", "gcp:shop", "--deadline", "3"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot read GCP"), "{said}");
}
