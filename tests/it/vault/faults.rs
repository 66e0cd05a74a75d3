//! What becomes of an audit when the server, or what is between, does not do its part.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Kind, Server};
use super::{Inventory, PASSWORD, keystrel_at, planted};
use crate::proxy::{Fault, Header, Proxy, Upstream};

const DENIED: Fault =
    Fault::Status(403, r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#, None);

fn before(server: &Server, decide: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) -> Proxy {
    let name = |method: &str, target: &str, header: &Header<'_>| {
        let path = target.trim_start_matches("/v1/");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let namespace = header("x-vault-namespace").unwrap_or_default();
        let verb = if query.contains("list=true") { "LIST" } else { method };
        let anonymous = if header("x-vault-token").is_none() { " anonymous" } else { "" };
        format!("{verb} {namespace}{path}{anonymous}")
    };
    let upstream = Upstream {
        address: server.address.clone(),
        http: Upstream::client().build().unwrap(),
        passes: |header| header.starts_with("x-vault"),
        name,
    };
    Proxy::start(upstream, decide)
}

/// The inventory that comes through a proxy, and the exit code.
fn through(proxy: &Proxy, token: &str, args: &[&str]) -> (Inventory, i32) {
    let output = keystrel_at(&proxy.address, None, token, &[&["collect", "vault:"], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{said}");
    (Inventory::of(&output.stdout), output.status.code().unwrap())
}

/// Facts by kind and id.
fn ids(inventory: &Inventory) -> BTreeSet<String> {
    inventory
        .facts()
        .iter()
        .map(|fact| format!("{} {}", fact["kind"].as_str().unwrap(), fact["id"].as_str().unwrap()))
        .collect()
}

/// Kinds of facts that depend on others: what is missing there may be missing here.
fn may_lack(fact: &str, gaps: &[String]) -> bool {
    let kind = fact.split(' ').next().unwrap();
    let derived = matches!(kind, "vault_policy_usage" | "vault_secret_readers");
    derived || gaps.iter().any(|gap| gap.split('"').nth(1) == Some(kind))
}

#[test]
fn whatever_is_denied_is_a_gap_and_nothing_else_is_lost() {
    let Some((server, _postgres, _)) = planted() else { return };
    let proxy = before(&server, |_, _| Fault::None);
    let (all, exit) = through(&proxy, &server.root, &[]);
    assert_eq!((all.gaps(), exit), (Vec::new(), 0));
    a_clock_that_is_minutes_off_changes_no_verdict(&all);
    let all_of = all;
    let all = ids(&all_of);
    let asked: BTreeSet<String> = proxy.asked.lock().unwrap().iter().cloned().collect();
    assert!(asked.len() > 200, "{} questions", asked.len());
    // Who may not even see the state of the server has nothing to judge, and who may not look itself up may go on.
    let spared =
        ["GET sys/health anonymous", "GET sys/seal-status anonymous", "GET auth/token/lookup-self"];
    let whole = verdicts(&all_of, &["fail"]);
    assert!(whole.len() > 100, "{} findings", whole.len());
    for (index, name) in
        each_sort(&asked).iter().filter(|name| !spared.contains(&name.as_str())).enumerate()
    {
        let denied = name.clone();
        proxy.decide(move |name, _| if name == denied { DENIED } else { Fault::None });
        let (inventory, exit) = through(&proxy, &server.root, &[]);
        let gaps = inventory.gaps();
        let is_probe = name.ends_with(" anonymous") && !name.contains("internal/ui");
        if is_probe {
            // A stranger's being refused is an answer.
            assert_eq!((gaps, exit), (Vec::new(), 0), "{name}");
            continue;
        }
        assert!(!gaps.is_empty(), "{name}: denied, and no gap");
        assert_eq!(exit, 4, "{name}");
        assert!(gaps.iter().all(|gap| gap.contains("permission denied")), "{name}: {gaps:?}");
        let lost: Vec<String> = all
            .difference(&ids(&inventory))
            .filter(|fact| !may_lack(fact, &gaps))
            .cloned()
            .collect();
        // What is on a mount, in a namespace or in a folder that is not seen is behind that gap.
        let is_list_of_more =
            ["sys/mounts", "sys/auth", "sys/namespaces"].iter().any(|end| name.ends_with(end));
        assert!(lost.is_empty() || is_list_of_more, "{name}: {lost:?}");
        // What is wrong is found still, or it is not known: it never passes.
        if index % 8 == 0 {
            let passes = verdicts(&inventory, &["pass"]);
            let turned: Vec<_> = whole.intersection(&passes).collect();
            assert!(turned.is_empty(), "{name}: {turned:?}");
        }
    }
}

/// What the server made may be younger than now, where its clock and ours differ.
fn a_clock_that_is_minutes_off_changes_no_verdict(all: &Inventory) {
    let of =
        |inventory: &Inventory| ["fail", "pass", "unknown"].map(|one| verdicts(inventory, &[one]));
    let plain = of(all);
    let now: jiff::Timestamp = all.value["now"].as_str().unwrap().parse().unwrap();
    for minutes in [-10, 10] {
        let mut value = all.value.clone();
        value["now"] = (now + jiff::SignedDuration::from_mins(minutes)).to_string().into();
        let off = Inventory::of(value.to_string().as_bytes());
        assert_eq!(super::audit(&off)["policy_errors"], json!([]), "{minutes}");
        for (a, b) in plain.iter().zip(of(&off)) {
            let turned: Vec<_> = a.symmetric_difference(&b).collect();
            assert!(turned.is_empty(), "{minutes}: {turned:?}");
        }
    }
}

/// Of objects in a list that was asked for, one; everything else.
fn each_sort(asked: &BTreeSet<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let is_new = |name: &&String| {
        let (_, path) = name.split_once(' ').unwrap();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        !asked.contains(&format!("LIST {parent}"))
            || !name.starts_with("GET ")
            || seen.insert(parent.to_owned())
    };
    asked.iter().filter(is_new).cloned().collect()
}

/// Controls and resources with one of some verdicts.
fn verdicts(inventory: &Inventory, wanted: &[&str]) -> BTreeSet<(String, String)> {
    let report = super::audit(inventory);
    let checks = report["checks"].as_array().unwrap().iter();
    let checks = checks.filter(|check| wanted.iter().any(|one| check["verdict"] == *one));
    let text = |check: &serde_json::Value, name: &str| check[name].as_str().unwrap().to_owned();
    checks.map(|check| (text(check, "control"), text(check, "resource"))).collect()
}

#[test]
fn a_storm_of_refusals_is_waited_for() {
    let Some(server) = small() else { return };
    // Every question is refused at first, in turns with 429, 503 and 500, with and without a time to wait.
    let proxy = before(&server, |name, count| match (count, name.len() % 3) {
        (0, 0) => Fault::Status(429, "{}", Some(0)),
        (0, 1) => Fault::Status(503, "", None),
        (0 | 1, 2) => Fault::Status(500, "{\"errors\":[\"x\"]}", None),
        _ => Fault::None,
    });
    let (inventory, exit) = through(&proxy, &server.root, &[]);
    assert_eq!((inventory.gaps(), exit), (Vec::new(), 0));
}

#[test]
fn a_time_to_wait_is_obeyed() {
    let Some(server) = small() else { return };
    let proxy = before(&server, |name, count| match (name, count) {
        ("GET sys/key-status", 0) => Fault::Status(429, "{}", Some(2)),
        _ => Fault::None,
    });
    let began = Instant::now();
    let (inventory, _) = through(&proxy, &server.root, &[]);
    assert_eq!(inventory.gaps(), Vec::<String>::new());
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[test]
fn answers_that_break_off_are_asked_for_again_and_then_named() {
    let Some(server) = small() else { return };
    for fault in [Fault::Cut, Fault::Halved, Fault::Hangup] {
        let once = fault.clone();
        let proxy = before(&server, move |name, count| match (name, count) {
            ("LIST sys/policies/acl" | "GET sys/mounts" | "GET secret/metadata/app/one", 0) => {
                once.clone()
            }
            _ => Fault::None,
        });
        let (inventory, _) = through(&proxy, &server.root, &[]);
        assert_eq!(inventory.gaps(), Vec::<String>::new(), "{fault:?}");
        let always = fault.clone();
        proxy.decide(move |name, _| {
            if name == "GET secret/metadata/app/one" { always.clone() } else { Fault::None }
        });
        let (inventory, exit) = through(&proxy, &server.root, &[]);
        let gaps = inventory.gaps();
        assert_eq!(exit, 4);
        assert!(
            gaps.len() == 1 && gaps[0].contains("secret/metadata/app/one"),
            "{fault:?}: {gaps:?}"
        );
        assert!(ids(&inventory).contains("vault_kv_secret secret/metadata/app/two"));
    }
}

#[test]
fn silence_ends_with_the_deadline_and_what_is_missing_is_named() {
    let Some(server) = small() else { return };
    let proxy = before(&server, |name, _| {
        if name.contains("secret/metadata/app/") {
            Fault::Silence(Duration::from_secs(30))
        } else {
            Fault::None
        }
    });
    let began = Instant::now();
    let (inventory, exit) = through(&proxy, &server.root, &["--timeout", "1", "--deadline", "6"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(exit, 4);
    let gaps = inventory.gaps();
    assert!(gaps.iter().any(|gap| gap.contains("secret/metadata/app/one")), "{gaps:?}");
    assert!(inventory.kinds().contains("vault_policy"));
}

#[test]
fn a_token_that_expires_on_the_way_loses_what_comes_after_it() {
    let Some(server) = small() else { return };
    let made = server.api().post("auth/token/create", &json!({"policies": ["root"], "ttl": "1h"}));
    let token = made["auth"]["client_token"].as_str().unwrap().to_owned();
    let (api, victim) = (server.api(), token.clone());
    let proxy = before(&server, move |name, _| {
        if name == "LIST secret/metadata/app" {
            drop(api.ask("POST", "auth/token/revoke", Some(&json!({"token": victim}))));
        }
        Fault::None
    });
    let (inventory, exit) = through(&proxy, &token, &["--concurrency", "1"]);
    assert_eq!(exit, 4);
    let gaps = inventory.gaps();
    assert!(
        gaps.iter().any(|gap| gap.contains("vault_kv_secret") && gap.contains("no longer valid")),
        "{gaps:?}"
    );
    assert!(
        inventory.kinds().contains("vault_policy") && inventory.kinds().contains("vault_mount")
    );
    assert!(!inventory.text.contains(&token));
}

#[test]
fn a_sealed_server_is_told_and_everything_else_unknown() {
    let Some(server) = small() else { return };
    server.api().post("sys/seal", &json!({}));
    let output = keystrel_at(&server.address, None, &server.root, &["collect", "vault:"]);
    assert_eq!(output.status.code(), Some(4));
    let inventory = Inventory::of(&output.stdout);
    assert_eq!(ids(&inventory), BTreeSet::from(["vault_server sys".to_owned()]));
    assert_eq!(inventory.fact("sys")["seal_status"]["sealed"], true);
    assert!(
        inventory.gaps().iter().any(|gap| gap.contains("vault_policy") && gap.contains("sealed"))
    );
}

#[test]
fn who_cannot_log_in_has_nothing_to_judge() {
    let Some(server) = small() else { return };
    for (address, token) in [
        (server.address.as_str(), "no-token"),
        (server.address.as_str(), ""),
        ("http://127.0.0.1:1", "x"),
    ] {
        let output = keystrel_at(address, None, token, &["collect", "vault:"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(output.stdout.is_empty());
        assert!(token.is_empty() || !said.contains("no-token"), "{said}");
    }
}

#[test]
fn ten_thousand_secrets_are_all_read_with_no_more_requests_than_may_be() {
    const SECRETS: usize = 10_000;
    let Some(server) = small() else { return };
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let api = server.api();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= SECRETS {
                        return;
                    }
                    api.post(
                        &format!("secret/data/many/f{}/s{index}", index % 7),
                        &json!({"data": {"x": index}}),
                    );
                }
            });
        }
    });
    let proxy = before(&server, |_, _| Fault::None);
    let (inventory, exit) = through(&proxy, &server.root, &["--concurrency", "8"]);
    assert_eq!((inventory.gaps(), exit), (Vec::new(), 0));
    let many = ids(&inventory)
        .into_iter()
        .filter(|id| id.starts_with("vault_kv_secret secret/metadata/many/"));
    assert_eq!(many.count(), SECRETS);
    // The proxy counts a request until after its answer is handed over, when the next may be there already.
    let most = proxy.most.load(Ordering::SeqCst);
    assert!(most <= 16, "{most} requests at a time");
}

/// A server with little on it.
fn small() -> Option<Server> {
    let server = Server::start(Kind::Plain)?;
    let api = server.api();
    api.post("sys/mounts/secret", &json!({"type": "kv", "options": {"version": "2"}}));
    for name in ["one", "two"] {
        api.post(&format!("secret/data/app/{name}"), &json!({"data": {"password": PASSWORD}}));
    }
    Some(server)
}
