//! What policies cost: making the engine, many small inventories (manifests), and a large one (a cluster).
#![expect(clippy::unwrap_used, reason = "a bench without its policies should fail")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use keystrel::model::{Fact, Inventory};
use keystrel::policy::{Bundle, Params, PolicyEngine};
use serde_json::json;

fn main() {
    divan::main();
}

fn engine() -> PolicyEngine {
    PolicyEngine::new(&Bundle::builtin().unwrap(), &Params::new()).unwrap()
}

fn inventory(facts: Vec<Fact>) -> Inventory {
    Inventory::new("files", "2026-01-02T03:04:05Z", facts)
}

#[divan::bench]
fn start() -> PolicyEngine {
    engine()
}

/// Dockerfiles that set a secret, each for itself.
#[divan::bench(sample_count = 10)]
fn manifests(bencher: Bencher<'_, '_>) {
    let engine = engine();
    let one = |n: usize| {
        let fields = json!({
            "name": "DB_PASSWORD", "value_kind": "literal", "holds_secret": true,
            "secret_rule": "generic-password", "secret_confidence": "likely",
            "container_format": "dockerfile", "instruction": "ENV",
        });
        inventory(vec![Fact::new("env_binding", n.to_string(), fields)])
    };
    let all: Vec<Inventory> = (0..1_000).map(one).collect();
    bencher.counter(ItemsCount::new(all.len())).bench_local(|| {
        for inventory in &all {
            assert_eq!(black_box(engine.evaluate(inventory)).unwrap().outcomes.len(), 1);
        }
    });
}

/// Workloads of a cluster, together.
#[divan::bench(sample_count = 10)]
fn cluster(bencher: Bencher<'_, '_>) {
    let engine = engine();
    let one = |n: usize| {
        let spec =
            json!({"containers": [{"name": "a", "envFrom": []}], "serviceAccountName": "web"});
        let object = json!({"spec": {"template": {"spec": spec}}});
        let fields =
            json!({"object_kind": "Deployment", "name": "a", "object": object, "secrets": []});
        Fact::new("k8s_object", n.to_string(), fields)
    };
    let all = inventory((0..5_000).map(one).collect());
    bencher.counter(ItemsCount::new(all.facts.len())).bench_local(|| {
        assert!(!black_box(engine.evaluate(&all)).unwrap().has_failures());
    });
}
