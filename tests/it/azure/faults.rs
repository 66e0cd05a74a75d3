//! What comes of it when Azure refuses, is slow, breaks off, or does not take the login any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::plants::{self, BAD, GOOD};
use super::server::{Asked, Deed, Options, Plane, Server};
use super::{Inventory, keystrel};

/// A server that decides about each request, with what makes up a subscription.
fn deciding(
    make: impl FnOnce(&BTreeMap<Plane, u16>) -> super::server::World,
    decide: impl Fn(&Asked, usize) -> Deed + Send + Sync + 'static,
) -> Option<Server> {
    Server::start(make, Options { decide: Box::new(decide), ..Options::default() })
}

fn bad(ports: &BTreeMap<Plane, u16>) -> super::server::World {
    plants::bad(ports).0
}

/// The verdicts on an inventory, by control and resource.
fn verdicts(server: &Server, inventory: &Inventory) -> BTreeMap<(String, String), String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory");
    std::fs::write(&file, &inventory.text).unwrap();
    let args = ["audit", "--from", file.to_str().unwrap(), "--format", "json", "--show-all"];
    let output = keystrel(server, &args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 4)), "{:?} {said}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|one| ((text(&one["control"]), text(&one["resource"])), text(&one["verdict"])))
        .collect()
}

/// What failed before and passes now, or is not spoken of, for knowing less.
fn lost(
    before: &BTreeMap<(String, String), String>,
    after: &BTreeMap<(String, String), String>,
) -> Vec<String> {
    let is_unknown = |control: &str| {
        after.iter().any(|((one, _), verdict)| one == control && verdict == "unknown")
    };
    let failed = before.iter().filter(|(_, verdict)| *verdict == "fail");
    failed
        .filter(|(key, _)| match after.get(*key).map(String::as_str) {
            Some("fail" | "unknown") => false,
            Some(_) => true,
            None => !is_unknown(&key.0),
        })
        .map(|((control, resource), _)| format!("{control} {resource}"))
        .collect()
}

#[test]
fn what_is_refused_is_told_and_nothing_passes_for_it() {
    let Some(server) = deciding(bad, |_, _| Deed::Pass) else { return };
    let address = format!("azure:{BAD}");
    let plain = Inventory::of(&server, &address, &[]);
    let before = verdicts(&server, &plain);
    let rights: BTreeSet<String> = server.log().iter().map(|one| one.right.clone()).collect();
    let mut wrong = Vec::new();
    // Without the subscription there is nothing.
    let skipped = ["", "Microsoft.Resources/subscriptions/read"];
    for right in rights.iter().filter(|right| !skipped.contains(&right.as_str())) {
        let refused = right.clone();
        let refusing = deciding(bad, move |asked, _| {
            if asked.right == refused {
                Deed::Refuse(403, "AuthorizationFailed")
            } else {
                Deed::Pass
            }
        });
        let inventory = Inventory::of(refusing.as_ref().unwrap(), &address, &[]);
        let is_told = inventory.text.contains("AuthorizationFailed at ");
        if !is_told && !is_made_up_for(right) {
            wrong.push(format!("{right} is refused, and nothing says so"));
        }
        let lost = lost(&before, &verdicts(&server, &inventory));
        wrong.extend(lost.iter().map(|what| format!("without {right}: {what}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether another call tells the same.
fn is_made_up_for(right: &str) -> bool {
    [
        // The data plane has both.
        "Microsoft.KeyVault/vaults/keys/versions/read",
        "Microsoft.KeyVault/managedHSMs/keys/read",
        "Microsoft.KeyVault/managedHSMs/keys/versions/read",
        // Nobody's owners are told to be administrators then.
        "RoleManagement.Read.Directory",
    ]
    .contains(&right)
}

#[test]
fn what_passes_by_itself_is_waited_for() {
    let Some(server) = deciding(plants::good, |_, _| Deed::Pass) else { return };
    let plain = Inventory::of(&server, "azure:", &[]);
    let ids = |inventory: &Inventory| -> BTreeSet<String> {
        inventory.facts().iter().map(|fact| fact["id"].to_string()).collect()
    };
    // A storm: each second request is throttled at first, then each seventh fails.
    let storm = deciding(plants::good, |asked, count| match count {
        _ if asked.plane == Plane::Login => Deed::Pass,
        0..60 if count % 2 == 0 => Deed::Refuse(429, "TooManyRequests"),
        _ if count % 7 == 0 => Deed::Refuse(503, "ServerTimeout"),
        _ => Deed::Pass,
    });
    let after = Inventory::of(storm.as_ref().unwrap(), "azure:", &[]);
    assert_eq!(after.gaps(), plain.gaps());
    assert_eq!(after.unread(), plain.unread());
    assert_eq!(ids(&after), ids(&plain));
    let cut = deciding(plants::good, |asked, count| match count {
        _ if asked.plane == Plane::Login => Deed::Pass,
        _ if count % 5 == 3 => Deed::Cut(40),
        _ => Deed::Pass,
    });
    let after = Inventory::of(cut.as_ref().unwrap(), "azure:", &[]);
    assert_eq!(after.gaps(), plain.gaps());
    assert_eq!(after.unread(), plain.unread());
    assert_eq!(ids(&after), ids(&plain));
}

#[test]
fn what_is_always_broken_is_a_gap() {
    let broken = deciding(plants::good, |asked, _| match asked.path.as_str() {
        path if path.ends_with("/providers/microsoft.keyvault/vaults") => Deed::Cut(30),
        _ => Deed::Pass,
    });
    let Some(server) = broken else { return };
    let inventory = Inventory::of(&server, "azure:", &[]);
    let gaps = inventory.gaps();
    assert!(gaps.iter().any(|gap| gap.starts_with("\"azure_key_vault\"")), "{gaps:?}");
    assert!(gaps.iter().any(|gap| gap.starts_with("\"azure_secret\"")), "{gaps:?}");
    let known = verdicts(&server, &inventory);
    assert!(known.values().any(|verdict| verdict == "unknown"));
}

#[test]
fn what_never_comes_is_a_gap_in_time() {
    let hanging = deciding(plants::good, |asked, _| match asked.path.as_str() {
        path if path.ends_with("/secrets") && asked.plane == Plane::Vaults => Deed::Hang,
        _ => Deed::Pass,
    });
    let Some(server) = hanging else { return };
    let began = Instant::now();
    let inventory = Inventory::of(&server, "azure:", &["--timeout", "1", "--deadline", "15"]);
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    // The management plane has what it has of them.
    let secret = inventory.facts().iter().find(|fact| fact["kind"] == "azure_secret").unwrap();
    assert!(secret["unread"]["versions"].as_str().unwrap().contains("secrets"), "{secret}");
    assert!(secret["exp"].is_string());
}

#[test]
fn a_login_that_expires_leaves_what_was_read() {
    let counted = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&counted);
    let expiring = deciding(bad, move |asked, _| {
        let is_data = asked.plane != Plane::Login;
        if is_data && count.fetch_add(1, Ordering::SeqCst) > 200 {
            Deed::Refuse(401, "ExpiredAuthenticationToken")
        } else {
            Deed::Pass
        }
    });
    let Some(server) = expiring else { return };
    let inventory = Inventory::of(&server, &format!("azure:{BAD}"), &[]);
    assert!(inventory.kinds().contains("azure_key_vault"));
    let said = format!("{:?} {:?}", inventory.gaps(), inventory.unread());
    assert!(said.contains("the login"), "{said}");
    let asked = server.count();
    assert!(asked < 1200, "{asked} requests");
    assert!(verdicts(&server, &inventory).values().any(|verdict| verdict == "unknown"));
}

#[test]
fn a_token_that_ends_soon_is_asked_for_anew() {
    // It counts for two seconds, and then for as long as a new one is asked for.
    let options = || Options {
        lasts: 62,
        decide: Box::new(|asked, _| {
            if asked.plane == Plane::Management {
                std::thread::sleep(Duration::from_millis(100));
            }
            Deed::Pass
        }),
        ..Options::default()
    };
    let Some(server) = Server::start(plants::good, options()) else { return };
    let inventory = Inventory::of(&server, "azure:", &["--concurrency", "1"]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    let logins = server.log().iter().filter(|one| one.plane == Plane::Login).count();
    assert!(logins > 5, "{logins} logins");
}

#[test]
fn a_vault_behind_a_firewall_tells_what_the_management_plane_knows() {
    let closed = deciding(bad, |asked, _| {
        let is_own = asked.plane == Plane::Vaults && asked.path.starts_with("/objects-kv/");
        if is_own { Deed::Refuse(403, "ForbiddenByFirewall") } else { Deed::Pass }
    });
    let Some(server) = closed else { return };
    let inventory = Inventory::of(&server, &format!("azure:{BAD}"), &[]);
    let vault = format!(
        "/subscriptions/{BAD}/resourcegroups/app/providers/microsoft.keyvault/vaults/objects-kv"
    );
    let secret = inventory.fact(&format!("{vault}/secrets/expired"));
    assert!(secret["exp"].is_string() && secret["enabled"] == true, "{secret}");
    assert_eq!(secret["unread"]["versions"], "ForbiddenByFirewall at secrets");
    let key = inventory.fact(&format!("{vault}/keys/weak"));
    assert_eq!(
        (&key["keySize"], &key["rotation_policy"]["actions"][0]["action"]),
        (&1024.into(), &"rotate".into())
    );
    // Which of them belong to a certificate follows from names and versions.
    assert_eq!((&secret["managed"], &key["managed"]), (&false.into(), &false.into()));
    let verdicts = verdicts(&server, &inventory);
    let of = |control: &str, resource: &str| {
        verdicts.get(&(control.to_owned(), format!("{vault}/{resource}"))).map(String::as_str)
    };
    // Private vaults do not fail falsely, and do not pass falsely.
    assert_eq!(of("az-kv-secret-expired", "secrets/expired"), Some("fail"));
    assert_eq!(of("az-kv-secret-expired", "secrets/no-type"), Some("pass"));
    assert_eq!(of("az-kv-key-weak", "keys/weak"), Some("fail"));
    assert_eq!(of("az-kv-key-rotation-policy", "keys/weak"), Some("pass"));
    assert_eq!(of("az-kv-secret-old-versions-enabled", "secrets/two-versions"), Some("unknown"));
    let gaps = inventory.gaps();
    assert!(gaps.iter().any(|gap| gap.contains("azure_certificate") && gap.contains("objects-kv")));
}

#[test]
fn one_subscription_that_is_refused_does_not_hide_the_other() {
    let both = |ports: &BTreeMap<Plane, u16>| {
        let mut world = plants::good(ports);
        world.extend(bad(ports).into_iter().filter(|((_, path), _)| path.contains(BAD)));
        world
    };
    let refusing = deciding(both, |asked, _| {
        if asked.path.contains(BAD) { Deed::Refuse(403, "AuthorizationFailed") } else { Deed::Pass }
    });
    let Some(server) = refusing else { return };
    let inventory = Inventory::of(&server, &format!("azure:{GOOD},{BAD}"), &[]);
    assert!(inventory.kinds().contains("azure_secret"));
    let gaps = inventory.gaps();
    assert!(gaps.iter().any(|gap| gap.contains(&format!("\"/subscriptions/{BAD}\""))), "{gaps:?}");
    let all = verdicts(&server, &inventory);
    assert!(all.iter().any(|((_, of), is)| of.contains(BAD) && is == "unknown"));
    assert!(all.iter().any(|((_, of), is)| of.contains(GOOD) && is == "pass"));
    let output = keystrel(&server, &["collect", &format!("azure:{BAD}")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("AuthorizationFailed"));
}
