//! What becomes of an audit when the API server, or what is between, refuses, hurries, breaks off, hangs, or does
//! not know the login any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::told;
use crate::proxy::{Fault, Proxy};

const DENIED: Fault = Fault::Status(
    403,
    r#"{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"the proxy forbids it"}"#,
    None,
);
const EXPIRED: Fault = Fault::Status(
    401,
    r#"{"kind":"Status","status":"Failure","code":401,"reason":"Unauthorized","message":"Unauthorized"}"#,
    None,
);
const BUSY: Fault = Fault::Status(503, "the backend is not there", None);
const SECRETS: &str = "/api/v1/secrets";

/// An inventory that came through a proxy.
struct Collected {
    text: String,
    value: Value,
    exit: i32,
}

impl Collected {
    fn of(cluster: &Cluster, proxy: &Proxy, address: &str, args: &[&str]) -> Self {
        let output = cluster.through(proxy, &[&["collect", address], args].concat());
        assert!(!output.stdout.is_empty(), "{}", told(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        Self { text, value, exit: output.status.code().unwrap() }
    }

    fn facts(&self) -> &[Value] {
        self.value["facts"].as_array().unwrap()
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.facts().iter().map(|fact| fact["id"].as_str().unwrap()).collect()
    }

    fn of_kind(&self, kind: &str) -> BTreeSet<&str> {
        let all = self.facts().iter().filter(|fact| fact["kind"] == kind);
        all.map(|fact| fact["id"].as_str().unwrap()).collect()
    }

    fn objects(&self, kind: &str) -> usize {
        self.facts().iter().filter(|fact| fact["object_kind"] == kind).count()
    }

    fn cluster(&self) -> &Value {
        self.facts().iter().find(|fact| fact["kind"] == "k8s_cluster").unwrap()
    }

    fn gaps(&self) -> Vec<String> {
        let gaps = self.value["gaps"].as_array().unwrap();
        let text = |gap: &Value, field: &str| gap[field].as_str().unwrap().to_owned();
        gaps.iter()
            .map(|gap| format!("{} {} {}", text(gap, "needs"), text(gap, "what"), text(gap, "why")))
            .collect()
    }

    /// The verdicts of controls, by control and resource.
    fn verdicts(&self, cluster: &Cluster) -> BTreeMap<(String, String), String> {
        let report = super::judged(cluster, &self.text);
        assert_eq!(report["policy_errors"], json!([]));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let checks = report["checks"].as_array().unwrap().iter();
        checks
            .map(|one| ((text(&one["control"]), text(&one["resource"])), text(&one["verdict"])))
            .collect()
    }
}

/// One cluster for all of it: it takes half a minute to start and seed.
#[test]
fn a_cluster_that_does_not_answer_well_is_told_of() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.seed();
    let proxy = cluster.proxy(|_, _| Fault::None);
    let plain = Collected::of(&cluster, &proxy, "k8s:admin", &[]);
    assert_eq!((plain.gaps(), plain.exit), (Vec::new(), 0));
    let asked: BTreeSet<String> = proxy.asked.lock().unwrap().iter().cloned().collect();
    assert!(asked.len() > 40, "{asked:?}");
    what_is_refused_is_never_a_pass(&cluster, &proxy, &plain, &asked);
    a_storm_is_waited_for(&cluster, &proxy, &plain);
    what_breaks_off_is_asked_for_again(&cluster, &proxy, &plain);
    what_never_comes_is_a_gap_in_time(&cluster, &proxy);
    a_login_that_ends_keeps_what_was_read(&cluster, &proxy);
    a_namespace_that_refuses_does_not_spoil_another(&cluster, &proxy);
    who_is_not_known_is_told(&cluster, &proxy);
}

fn what_is_refused_is_never_a_pass(
    cluster: &Cluster,
    proxy: &Proxy,
    plain: &Collected,
    asked: &BTreeSet<String>,
) {
    let before = plain.verdicts(cluster);
    let mut wrong = Vec::new();
    for name in asked.iter().filter(|name| *name != "/apis") {
        let denied = name.clone();
        proxy.decide(move |name, _| if name == denied { DENIED } else { Fault::None });
        let inventory = Collected::of(cluster, proxy, "k8s:admin", &[]);
        let gaps = inventory.gaps();
        let says = |gap: &String| gap.contains("the proxy forbids it");
        match name.as_str() {
            // That a stranger is refused is an answer.
            "/api/v1/namespaces anonymous" => {
                assert_eq!(inventory.cluster()["anonymous"], "authenticated");
                assert_eq!(gaps, Vec::<String>::new());
                continue;
            }
            "/version" => {
                let unread = &inventory.cluster()["unread"];
                let all = ["version", "platform", "managed"];
                let is_told =
                    |field: &str| unread[field].as_str().unwrap_or_default().contains("forbids");
                assert!(all.into_iter().all(is_told), "{unread}");
            }
            _ => {
                assert!(!gaps.is_empty() && gaps.iter().all(says), "{name}: {gaps:?}");
                assert_eq!(inventory.exit, 4, "{name}");
            }
        }
        let after = inventory.verdicts(cluster);
        if !after.values().any(|verdict| verdict == "unknown") {
            wrong.push(format!("{name}: nothing is unknown"));
        }
        let there = inventory.ids();
        for (check, verdict) in &before {
            match after.get(check).map(String::as_str) {
                Some("pass") if verdict != "pass" => {
                    wrong.push(format!("{name}: {check:?} was {verdict}, and passes"));
                }
                None if there.contains(check.1.as_str()) => {
                    wrong.push(format!("{name}: {check:?} was {verdict}, and does not apply"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn a_storm_is_waited_for(cluster: &Cluster, proxy: &Proxy, plain: &Collected) {
    // Every list is refused at first, in turns.
    let count = Mutex::new(BTreeMap::<String, usize>::new());
    proxy.decide(move |name, _| {
        let mut count = count.lock().unwrap();
        let before = count.entry(name.to_owned()).or_default();
        *before += 1;
        match (*before, name.len() % 3) {
            (1, 0) => Fault::Status(429, "Too many requests, please try again later.", Some(1)),
            (1, 1) => BUSY,
            (1 | 2, 2) => Fault::Status(500, "{}", None),
            _ => Fault::None,
        }
    });
    let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
    assert_eq!(after.gaps(), Vec::<String>::new());
    assert_eq!(after.ids(), plain.ids());
    // One that does not end is a gap of what was asked for.
    proxy.decide(|name, _| if name == SECRETS { BUSY } else { Fault::None });
    let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
    let gaps = after.gaps();
    for kind in ["k8s_object:Secret", "k8s_secret_readers"] {
        let start = format!("{kind} {SECRETS} 503");
        assert!(gaps.iter().any(|gap| gap.starts_with(&start)), "{gaps:?}");
    }
    assert!(after.objects("ConfigMap") > 0 && after.objects("Secret") == 0);
    // How long to wait is obeyed.
    let is_first = Mutex::new(true);
    proxy.decide(move |name, _| {
        let is_it = name == SECRETS && std::mem::take(&mut *is_first.lock().unwrap());
        if is_it { Fault::Status(429, "slow", Some(3)) } else { Fault::None }
    });
    let began = Instant::now();
    let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(after.gaps(), Vec::<String>::new());
}

fn what_breaks_off_is_asked_for_again(cluster: &Cluster, proxy: &Proxy, plain: &Collected) {
    for fault in [Fault::Cut, Fault::Halved, Fault::Hangup] {
        let (once, count) = (fault.clone(), AtomicUsize::new(0));
        proxy.decide(move |name, _| {
            let is_one = !name.ends_with("anonymous") && name != "/apis";
            if is_one && count.fetch_add(1, Ordering::SeqCst) % 5 == 2 {
                once.clone()
            } else {
                Fault::None
            }
        });
        let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
        assert_eq!(after.gaps(), Vec::<String>::new(), "{fault:?}");
        assert_eq!(after.ids(), plain.ids(), "{fault:?}");
        let always = fault.clone();
        proxy.decide(move |name, _| if name == SECRETS { always.clone() } else { Fault::None });
        // With values too: an answer that breaks off has some.
        let args = ["collect", "k8s:admin", "--read-values"];
        let output = cluster.through(proxy, &args);
        assert_eq!(output.status.code(), Some(4), "{fault:?}: {}", told(&output));
        let text = String::from_utf8(output.stdout.clone()).unwrap() + &told(&output);
        super::no_value_is_shown(&text, &cluster.secret_values());
        let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
        let gaps = inventory["gaps"].as_array().unwrap();
        assert!(gaps.iter().all(|gap| gap["what"] == SECRETS), "{fault:?}: {gaps:?}");
        assert!(gaps.iter().any(|gap| gap["needs"] == "k8s_secret_value"), "{fault:?}: {gaps:?}");
    }
    // A page that is too old: the rest is asked for in one piece. A page that is refused: what came before stays.
    for (fault, is_whole) in [(Fault::Status(410, "{}", None), true), (DENIED, false)] {
        proxy.decide(
            move |name, _| {
                if name.ends_with(" next") { fault.clone() } else { Fault::None }
            },
        );
        let many = |number: usize| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("page-{number}"), "namespace": "default"}});
        fill(cluster, "/api/v1/namespaces/default/configmaps", 600, &many);
        let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
        assert_eq!(after.gaps().is_empty(), is_whole, "{:?}", after.gaps());
        let maps = after.objects("ConfigMap");
        assert!(if is_whole { maps > 600 } else { maps == 500 }, "{maps}");
    }
}

fn what_never_comes_is_a_gap_in_time(cluster: &Cluster, proxy: &Proxy) {
    proxy.decide(|name, _| match name {
        SECRETS => Fault::Silence(Duration::from_secs(30)),
        _ => Fault::None,
    });
    let began = Instant::now();
    let args = ["--timeout", "1", "--deadline", "8"];
    let after = Collected::of(cluster, proxy, "k8s:admin", &args);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(after.exit, 4);
    let gaps = after.gaps();
    assert!(gaps.iter().any(|gap| gap.starts_with("k8s_object:Secret ")), "{gaps:?}");
    assert!(after.objects("ConfigMap") > 0);
    // Nor does anything that hangs take longer than there is.
    proxy.decide(|name, _| match name {
        "/apis" => Fault::None,
        _ => Fault::Silence(Duration::from_secs(30)),
    });
    let began = Instant::now();
    let after = Collected::of(cluster, proxy, "k8s:admin", &["--deadline", "4"]);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let gaps = after.gaps();
    assert!(gaps.iter().any(|gap| gap.contains("there was no time left")), "{gaps:?}");
    assert_eq!(after.cluster()["managed"], Value::Null);
    let verdicts = after.verdicts(cluster);
    assert!(!verdicts.values().any(|verdict| verdict == "pass"), "{verdicts:?}");
}

fn a_login_that_ends_keeps_what_was_read(cluster: &Cluster, proxy: &Proxy) {
    let count = AtomicUsize::new(0);
    proxy.decide(
        move |_, _| {
            if count.fetch_add(1, Ordering::SeqCst) < 12 { Fault::None } else { EXPIRED }
        },
    );
    let before = proxy.asked.lock().unwrap().len();
    let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
    let asked = proxy.asked.lock().unwrap().len() - before;
    assert!(asked < 20, "{asked} requests");
    let gaps = after.gaps();
    let says = |gap: &&String| gap.contains("the login is no longer valid");
    assert!(gaps.len() > 20 && gaps.iter().filter(says).count() == gaps.len(), "{gaps:?}");
    assert!(after.objects("Secret") > 0);
    assert!(after.verdicts(cluster).values().any(|verdict| verdict == "unknown"));
    // A server behind the API server may refuse a login that it takes.
    proxy.decide(
        |name, _| {
            if name.contains("/external-secrets.io/") { EXPIRED } else { Fault::None }
        },
    );
    let after = Collected::of(cluster, proxy, "k8s:admin", &[]);
    let gaps = after.gaps();
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.contains("/external-secrets.io/")));
}

fn a_namespace_that_refuses_does_not_spoil_another(cluster: &Cluster, proxy: &Proxy) {
    proxy.decide(|name, _| if name.contains("/namespaces/shop/") { DENIED } else { Fault::None });
    let both = Collected::of(cluster, proxy, "k8s:admin?namespaces=calm,shop", &[]);
    proxy.decide(|_, _| Fault::None);
    let calm = Collected::of(cluster, proxy, "k8s:admin?namespaces=calm", &[]);
    for kind in ["k8s_object", "k8s_pod", "k8s_secret_readers", "env_binding"] {
        assert_eq!(both.of_kind(kind), calm.of_kind(kind), "{kind}");
    }
    assert!(calm.objects("Secret") > 1);
    let gaps = both.gaps();
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.contains("/namespaces/shop/")));
    let (both, calm) = (both.verdicts(cluster), calm.verdicts(cluster));
    let found = |verdicts: &BTreeMap<(String, String), String>| -> Vec<(String, String)> {
        let failing = verdicts.iter().filter(|(_, verdict)| *verdict == "fail");
        failing.map(|(check, _)| check.clone()).collect()
    };
    assert_eq!(found(&both), found(&calm));
    assert!(both.values().any(|verdict| verdict == "unknown"));
}

fn who_is_not_known_is_told(cluster: &Cluster, proxy: &Proxy) {
    for (fault, said) in [(EXPIRED, "cannot log in to k8s:admin"), (DENIED, "cannot read")] {
        proxy.decide(move |_, _| fault.clone());
        let output = cluster.through(proxy, &["collect", "k8s:admin"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(told(&output).contains(said), "{}", told(&output));
        assert!(output.stdout.is_empty());
    }
}

/// Makes so many objects, several at a time.
fn fill(cluster: &Cluster, path: &str, count: usize, object: &(dyn Fn(usize) -> Value + Sync)) {
    let (server, token) = cluster.admin();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let http = cluster.http();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let request = http.post(format!("{server}{path}")).bearer_auth(&token);
                    let body = object(number).to_string();
                    let request = request.header("content-type", "application/json").body(body);
                    let status = request.send().unwrap().status().as_u16();
                    // It may be there already.
                    assert!(matches!(status, 201 | 409), "{status}");
                }
            });
        }
    });
}

#[test]
fn ten_thousand_objects_of_each_kind_are_read_by_pages() {
    const COUNT: usize = 10_000;
    let Some(cluster) = Cluster::start() else { return };
    let named = |kind: &str, number: usize, more: (&str, Value)| {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": format!("n-{number}"), "namespace": "default"}});
        object[more.0] = more.1;
        object
    };
    let value = ["aG9yc2U", "tYmF0dGVyeQ=="].concat();
    fill(&cluster, "/api/v1/namespaces/default/secrets", COUNT, &|number| {
        named("Secret", number, ("data", json!({"password": value})))
    });
    fill(&cluster, "/api/v1/namespaces/default/configmaps", COUNT, &|number| {
        named("ConfigMap", number, ("data", json!({"host": format!("db-{number}.example")})))
    });
    let proxy = cluster.proxy(|_, _| Fault::None);
    let began = Instant::now();
    let inventory = Collected::of(&cluster, &proxy, "k8s:admin", &[]);
    let took = began.elapsed();
    assert_eq!((inventory.gaps(), inventory.exit), (Vec::new(), 0));
    assert_eq!(inventory.objects("Secret"), COUNT);
    assert!(inventory.objects("ConfigMap") >= COUNT);
    assert_eq!(inventory.of_kind("k8s_secret_readers").len(), COUNT);
    assert!(!inventory.text.contains(&value));
    let asked = proxy.asked.lock().unwrap().len();
    // A page has 500.
    assert!(asked < 2 * COUNT / 500 + 60, "{asked} requests");
    let most = proxy.most.load(Ordering::SeqCst);
    assert!(most <= 16, "{most} requests at a time");
    println!("{asked} requests, {took:?}");
}
