//! Kubernetes: scans and audits of a real API server, with what is planted there.
#![expect(clippy::panic, reason = "a test fails by it")]

mod cluster;
mod faults;

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;

use cluster::Cluster;

/// What controls are to find, and when: lines of control, fact, `now`, `later` or `values`.
const PLANTED: &str = include_str!("../../servers/kubernetes/planted.tsv");

type Found = BTreeSet<(String, String)>;

fn planted(when: &str) -> Found {
    let rows = PLANTED.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let rows = rows.filter_map(|line| line.rsplit_once('\t')).filter(|(_, then)| *then == when);
    rows.filter_map(|(row, _)| row.split_once('\t')).map(|(c, f)| (c.into(), f.into())).collect()
}

/// Checks of a JSON report with a verdict.
fn checks(report: &Value, verdict: &str) -> Found {
    let text = |check: &Value, field: &str| check[field].as_str().unwrap_or_default().to_owned();
    let all = report["checks"].as_array().unwrap().iter();
    all.filter(|check| check["verdict"] == verdict)
        .map(|check| (text(check, "control"), text(check, "resource")))
        .collect()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn judged(cluster: &Cluster, inventory: &str) -> Value {
    let file = cluster.file("inventory.json", inventory);
    let output = cluster.keystrel(&["audit", "--from", &file, "--format", "json"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", told(&output)))
}

/// What of that which is planted is not found in an inventory after forty days.
fn of_later(cluster: &Cluster, inventory: &str, when: &str) -> Vec<(String, String)> {
    let mut aged: Value = serde_json::from_str(inventory).unwrap();
    let now: jiff::Timestamp = aged["now"].as_str().unwrap().parse().unwrap();
    aged["now"] = (now + jiff::SignedDuration::from_hours(40 * 24)).to_string().into();
    let found = checks(&judged(cluster, &aged.to_string()), "fail");
    planted(when).into_iter().filter(|row| !found.contains(row)).collect()
}

/// One cluster for all of it: it takes half a minute to start and seed.
#[test]
fn a_cluster_is_audited_and_scanned() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.seed();
    let collected = cluster.keystrel(&["collect", "k8s:admin"]);
    assert_eq!(collected.status.code(), Some(0), "{}", told(&collected));
    let inventory = String::from_utf8(collected.stdout).unwrap();

    let schema = include_str!("../../../schemas/inventory-v1.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&inventory).unwrap();
    let errors: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());

    // What is planted is found, and nothing else.
    let report = judged(&cluster, &inventory);
    let found = checks(&report, "fail");
    let expected = planted("now");
    assert!(expected.len() > 80, "{}", expected.len());
    let difference: Vec<_> = found.symmetric_difference(&expected).collect();
    assert!(difference.is_empty(), "{difference:#?}");
    assert_eq!(checks(&report, "unknown"), Found::new());
    assert_eq!(report["policy_errors"], Value::Array(Vec::new()));

    // So is what takes forty days to be wrong.
    let missing: Vec<_> = of_later(&cluster, &inventory, "later");
    assert!(missing.is_empty(), "{missing:#?}");

    // And what only values tell, of which none is kept.
    let output = cluster.keystrel(&["collect", "k8s:admin", "--read-values"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let with_values = String::from_utf8(output.stdout).unwrap();
    assert!(with_values.contains("k8s_secret_value"));
    assert_eq!(checks(&judged(&cluster, &with_values), "unknown"), Found::new());
    let missing = of_later(&cluster, &with_values, "values");
    assert!(missing.is_empty(), "{missing:#?}");

    let values = cluster.secret_values();
    no_value_is_shown(&with_values, &values);
    assert!(values.len() > 20, "{}", values.len());
    no_value_is_shown(&inventory, &values);
    certificates_end(&cluster);
    the_printed_role_is_enough(&cluster, &inventory);
    what_is_forbidden_is_never_a_pass(&cluster);
    leaks_are_found_where_they_are(&cluster, &values);
}

/// What the API server shows, and what is in files of the control plane, all of which end within a year.
fn certificates_end(cluster: &Cluster) {
    let files = cluster.path("certs/apiserver.crt");
    let output = cluster.keystrel(&["collect", "k8s:admin", "--kube-config-files", &files]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let mut aged: Value = serde_json::from_slice(&output.stdout).unwrap();
    let now: jiff::Timestamp = aged["now"].as_str().unwrap().parse().unwrap();
    let of = |report: &Value, verdict: &str| -> BTreeSet<String> {
        let all = checks(report, verdict).into_iter();
        all.filter(|(control, _)| control == "k8s-cert-expiry").map(|(_, fact)| fact).collect()
    };
    let all =
        BTreeSet::from(["cluster#endpoint".into(), format!("{files}#1"), format!("{files}#2")]);
    assert_eq!(of(&judged(cluster, &aged.to_string()), "pass"), all);
    aged["now"] = (now + jiff::SignedDuration::from_hours(350 * 24)).to_string().into();
    assert_eq!(of(&judged(cluster, &aged.to_string()), "fail"), all);
}

fn no_value_is_shown(text: &str, values: &[String]) {
    let shown: Vec<&String> = values.iter().filter(|value| text.contains(*value)).collect();
    assert!(shown.is_empty(), "{} values of Secrets", shown.len());
}

fn the_printed_role_is_enough(cluster: &Cluster, by_admin: &str) {
    let role = cluster.keystrel(&["audit", "--explain-permissions", "k8s:"]);
    let role = String::from_utf8(role.stdout).unwrap().replace("keystrel-audit", "printed");
    cluster.kubectl(&["apply", "-f", "-"], &role);
    cluster.kubectl(
        &["create", "clusterrolebinding", "printed", "--clusterrole=printed", "--user=nobody"],
        "",
    );
    let output = cluster.keystrel(&["collect", "k8s:nobody"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let facts = |text: &str| -> BTreeSet<String> {
        let inventory: Value = serde_json::from_str(text).unwrap();
        let all = inventory["facts"].as_array().unwrap().iter();
        all.map(|fact| format!("{} {}", fact["kind"], fact["id"])).collect()
    };
    let by_nobody = facts(&String::from_utf8(output.stdout).unwrap());
    let missing: Vec<_> = facts(by_admin).into_iter().filter(|f| !by_nobody.contains(f)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    cluster.kubectl(&["delete", "clusterrolebinding", "printed"], "");
}

/// Takes the right to one kind of objects after the other away.
fn what_is_forbidden_is_never_a_pass(cluster: &Cluster) {
    let output = cluster.keystrel(&["audit", "k8s:nobody", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let gaps = report["stores"][0]["gaps"].as_array().unwrap();
    assert!(gaps.len() > 20, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap["why"].as_str().unwrap().contains("forbidden")), "{gaps:?}");
    let passed = checks(&report, "pass");
    let of_objects: Vec<_> =
        passed.iter().filter(|(_, fact)| !fact.starts_with("cluster")).collect();
    assert!(of_objects.is_empty(), "{of_objects:?}");
    for (resource, control) in [("secrets", "k8s-secret-owner"), ("roles", "k8s-rbac-wildcard")] {
        let role = cluster.keystrel(&["audit", "--explain-permissions", "k8s:"]);
        let role = String::from_utf8(role.stdout).unwrap().replace("keystrel-audit", "printed");
        let without: String = role
            .lines()
            .map(|line| match line.strip_prefix("  resources: [") {
                Some(list) => {
                    let list = list.trim_end_matches(']').split(", ");
                    let left: Vec<&str> = list.filter(|one| *one != resource).collect();
                    format!("  resources: [{}]\n", left.join(", "))
                }
                None => format!("{line}\n"),
            })
            .collect();
        cluster.kubectl(&["apply", "-f", "-"], &without);
        let bind =
            ["create", "clusterrolebinding", "cut", "--clusterrole=printed", "--user=nobody"];
        cluster.kubectl(&bind, "");
        let output = cluster.keystrel(&["audit", "k8s:nobody", "--format", "json"]);
        cluster.kubectl(&["delete", "clusterrolebinding", "cut"], "");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let unknown = checks(&report, "unknown");
        assert!(unknown.iter().any(|(id, _)| id == control), "{resource}: {unknown:?}");
        // The rest is judged all the same.
        assert!(checks(&report, "fail").len() > 40, "{resource}");
    }
}

fn leaks_are_found_where_they_are(cluster: &Cluster, values: &[String]) {
    let planted = ["uT7xK2", "pLq9"].concat();
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: leak, namespace: shop}}\n\
         data:\n  application.properties: |\n    spring.datasource.password={planted}\n"
    );
    cluster.kubectl(&["apply", "--server-side", "-f", "-"], &map);
    let output = cluster.keystrel(&["scan", "k8s:admin?namespaces=shop", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let paths: BTreeSet<&str> =
        findings.iter().filter_map(|finding| finding["path"].as_str()).collect();
    let expected = "k8s:admin?namespaces=shop/shop/ConfigMap/leak.json";
    assert!(paths.contains(expected), "{paths:?}");
    assert!(!text.contains(&planted));
    no_value_is_shown(&text, values);
    let none = cluster.keystrel(&["scan", "k8s:no-such-context"]);
    assert_eq!(none.status.code(), Some(3), "{}", told(&none));
}
