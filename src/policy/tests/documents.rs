//! Documents are what people write: nothing in them may make a control fail.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// JSON of the keys that policies read, with anything below them.
fn any_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z%{}]{0,4}".prop_map(Value::from),
    ];
    let keys = &[
        "spec",
        "template",
        "jobTemplate",
        "containers",
        "initContainers",
        "envFrom",
        "secretRef",
        "name",
        "automountServiceAccountToken",
        "serviceAccountName",
        "serviceAccount",
        "sops",
        "mac",
        "data",
    ];
    leaf.prop_recursive(7, 64, 4, move |inner| {
        let key = prop::sample::select(&keys[..]);
        let object = prop::collection::btree_map(key, inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_a_built_in_control_fail(
        objects in prop::collection::vec((any_document(), any_document(), 0..14_usize), 1..4),
    ) {
        let kinds = [
            "Pod", "PodTemplate", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob",
            "ConfigMap", "Secret", "ServiceAccount", "EncryptionConfiguration", "KubeletConfiguration", "Static",
        ];
        let fact = |(n, (object, name, kind)): (usize, (Value, Value, usize))| {
            let fields = json!({
                "api_version": "v1", "object_kind": kinds[kind], "name": name, "namespace": name,
                "object": object, "secrets": [{"path": ["data", 0], "rule": null, "confidence": null}],
            });
            if kinds[kind] != "Static" {
                return Fact::new("k8s_object", n.to_string(), fields);
            }
            let mut fields = fields;
            fields["object_kind"] = "Pod".into();
            fields["managed"] = false.into();
            Fact::new("k8s_control_plane", n.to_string(), fields)
        };
        let inventory = files(objects.into_iter().enumerate().map(fact).collect());
        ENGINE.with(|engine| {
            let evaluation = engine.evaluate(&inventory).unwrap();
            assert!(!evaluation.has_failures(), "{evaluation:#?}");
        });
    }
}

/// What a field of a fact is, where it is neither null nor left out.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Text,
    Texts,
    Truth,
    Number,
    /// A document.
    Any,
}

use Sort::{Any, Number, Text, Texts, Truth};

/// The fields of facts besides objects of Kubernetes, as docs/policies.md has them.
const FACTS: &[(&str, &[(&str, Sort)])] = &[
    (
        "ansible_task",
        &[
            ("name", Text),
            ("module", Text),
            ("no_log", Truth),
            ("secrets", Texts),
            ("loop_secrets", Texts),
            ("file", Any),
        ],
    ),
    ("build_argument", VALUE),
    (
        "cfn_output",
        &[("name", Text), ("names_secret", Truth), ("secrets", Texts), ("holds_secret", Truth)],
    ),
    ("cfn_parameter", VALUE),
    ("ci_executor", &[("system", Text), ("workflow", Text), ("name", Text), ("credentials", Any)]),
    (
        "ci_job",
        &[
            ("system", Text),
            ("triggers", Texts),
            ("workflow", Text),
            ("name", Text),
            ("environment", Text),
            ("uses", Text),
            ("env", Texts),
            ("secrets", Texts),
            ("secret_variables", Texts),
            ("secret_access", Texts),
            ("credentials", Any),
            ("traces", Truth),
            ("id_tokens", Texts),
        ],
    ),
    (
        "ci_step",
        &[
            ("system", Text),
            ("triggers", Texts),
            ("workflow", Text),
            ("job", Text),
            ("run", Text),
            ("shell", Text),
            ("uses", Text),
            ("with", Any),
            ("env", Texts),
            ("secrets", Texts),
            ("secret_variables", Texts),
            ("interpolated_secrets", Texts),
            ("inherits_secrets", Truth),
            ("secret_access", Texts),
        ],
    ),
    (
        "ci_workflow",
        &[
            ("system", Text),
            ("triggers", Texts),
            ("permissions", Any),
            ("job_permissions", Any),
            ("env", Texts),
            ("secret_variables", Texts),
            ("secret_access", Texts),
            ("traces", Truth),
        ],
    ),
    (
        "compose_service",
        &[("name", Text), ("image", Text), ("env_files", Texts), ("secrets", Texts)],
    ),
    (
        "docker_instruction",
        &[("instruction", Text), ("arguments", Text), ("mounts", Any), ("secret_arguments", Texts)],
    ),
    ("env_binding", VALUE),
    ("iac_attribute", VALUE),
    (
        "iac_resource",
        &[("resource_type", Text), ("name", Text), ("names_secret", Truth), ("properties", Any)],
    ),
    (
        "kustomize_generator",
        &[
            ("generator", Text),
            ("name", Text),
            ("literals", Texts),
            ("envs", Texts),
            ("files", Texts),
        ],
    ),
    ("tf_attribute", VALUE),
    (
        "tf_output",
        &[("name", Text), ("sensitive", Truth), ("ephemeral", Truth), ("secrets", Texts)],
    ),
    ("tf_state", &[("encrypted", Truth), ("resources", Number), ("values", Number)]),
    ("tf_state_value", &[("address", Text), ("sensitive", Truth)]),
    ("tf_variable", VALUE),
];

/// The fields of what binds a value to a name.
const VALUE: &[(&str, Sort)] = &[
    ("name", Text),
    ("block", Text),
    ("instruction", Text),
    ("value_kind", Text),
    ("holds_secret", Truth),
    ("takes_secret", Truth),
    ("secret_rule", Text),
    ("secret_confidence", Text),
    ("names_secret", Truth),
    ("no_echo", Truth),
    ("sensitive", Truth),
    ("ephemeral", Truth),
];

/// Types of resources that policies look at, and what they read of them.
const RESOURCES: &[&str] = &[
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_rotation",
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::KMS::Key",
    "AWS::EKS::Cluster",
    "aws_ssm_parameter",
    "aws_kms_key",
    "aws_cloudtrail",
    "aws_iam_access_key",
    "azurerm_key_vault",
    "azurerm_key_vault_secret",
    "azurerm_kubernetes_cluster",
    "google_secret_manager_secret",
    "google_kms_crypto_key",
    "google_kms_key_ring_iam_member",
    "vault_audit",
    "vault_policy",
    "vault_kubernetes_auth_backend_role",
    "vault_jwt_auth_backend_role",
    "vault_approle_auth_backend_role",
    "vault_pki_secret_backend_role",
    "vault_token",
];

/// Texts that policies compare with or look into, and odd ones.
fn any_text() -> impl Strategy<Value = String> {
    let known = &[
        "literal",
        "likely",
        "String",
        "SecureString",
        "printenv",
        "set -x\necho $A_TOKEN",
        "echo $(a.b",
        "##vso[task.setvariable variable=a_token]x",
        "jenkins",
        "secret",
        "jwt",
        "debug",
        "${a.b.c}",
        "99s",
        "pull_request_target",
        "actions/checkout@v4",
        "git fetch ${{ github.head_ref }}",
        "path \"*\"",
    ];
    prop_oneof![
        "[a-z%{}$()\\[*.|+?\\\\]{0,6}",
        prop::sample::select(&known[..]).prop_map(str::to_owned),
    ]
}

fn value_of(sort: Sort) -> BoxedStrategy<Value> {
    let is_there = match sort {
        Text => any_text().prop_map(Value::from).boxed(),
        Texts => prop::collection::vec(any_text(), 0..3).prop_map(Value::from).boxed(),
        Truth => any::<bool>().prop_map(Value::from).boxed(),
        Number => any::<u16>().prop_map(Value::from).boxed(),
        Any => any_value().boxed(),
    };
    prop_oneof![8 => is_there, 1 => Just(Value::Null)].boxed()
}

/// A fact of any kind, with some of its fields.
fn any_fact() -> impl Strategy<Value = Fact> {
    prop::sample::select(FACTS).prop_flat_map(|(kind, fields)| {
        let values: Vec<_> = fields
            .iter()
            .map(|(name, sort)| (Just(*name), prop::option::weighted(0.9, value_of(*sort))))
            .collect();
        (values, prop::sample::select(RESOURCES)).prop_map(move |(values, resource)| {
            let mut all: serde_json::Map<String, Value> = values
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect();
            if kind == "iac_resource" {
                all.insert("resource_type".into(), resource.into());
            }
            Fact::new(kind, "id", all.into())
        })
    })
}

/// Anything below the names that policies read of resources and steps.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    let keys = &[
        "Statement",
        "Effect",
        "Principal",
        "AWS",
        "Ref",
        "Fn::GetAtt",
        "KeyPolicy",
        "ResourcePolicy",
        "SecretId",
        "secret_id",
        "RotationRules",
        "rotation_rules",
        "AutomaticallyAfterDays",
        "automatically_after_days",
        "kms_key_id",
        "recovery_window_in_days",
        "type",
        "Type",
        "enable_key_rotation",
        "key_usage",
        "network_acls",
        "default_action",
        "key_vault_secrets_provider",
        "rotation_period",
        "destroy_scheduled_duration",
        "member",
        "options",
        "log_raw",
        "policy",
        "bound_service_account_names",
        "bound_service_account_namespaces",
        "role_type",
        "secret_id_ttl",
        "allow_any_name",
        "ref",
        "repository",
        "of",
        "sort",
        "value_kind",
        "password",
        "creds",
        "path",
        "owner",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let key = prop::sample::select(&keys[..]);
        let object = prop::collection::btree_map(key, inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_other_fact_makes_a_built_in_control_fail(facts in prop::collection::vec(any_fact(), 1..4)) {
        let facts = facts.into_iter().enumerate().map(|(at, fact)| Fact { id: at.to_string(), ..fact });
        let inventory = files(facts.collect());
        ENGINE.with(|engine| {
            let evaluation = engine.evaluate(&inventory).unwrap();
            let failed = evaluation.outcomes.iter().flat_map(|outcome| &outcome.findings);
            let failures: Vec<_> = failed.filter_map(|finding| finding.failure.as_ref()).collect();
            assert!(failures.is_empty(), "{failures:#?} of {inventory:#?}");
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Few facts are judged by families of controls at once, which see facts that a control does not need; of many, each group gets
    /// its own.
    #[test]
    fn many_facts_or_few_are_judged_alike(facts in prop::collection::vec(any_fact(), 1..8)) {
        let facts = facts.into_iter().enumerate().map(|(at, fact)| Fact { id: at.to_string(), ..fact });
        let few: Vec<Fact> = facts.collect();
        let others = (0..500).map(|at| Fact::new("of_no_control", format!("other-{at}"), json!({})));
        let many: Vec<Fact> = few.iter().cloned().chain(others).collect();
        let said = |facts| ENGINE.with(|engine| {
            let of = |outcome: Outcome| {
                let found = outcome.findings.into_iter();
                let found: Vec<_> = found.map(|one| (one.fact, one.at, one.severity, one.message)).collect();
                (outcome.control.id.clone(), found, outcome.passes, outcome.unknown)
            };
            engine.evaluate(&files(facts)).unwrap().outcomes.into_iter().map(of).collect::<Vec<_>>()
        });
        prop_assert_eq!(said(few), said(many));
    }
}

/// Every kind of facts is tried.
#[test]
fn all_kinds_are_tried() {
    let tried = FACTS.iter().map(|(kind, _)| *kind).chain(["k8s_object"]);
    let mut tried: Vec<&str> = tried.collect();
    tried.sort_unstable();
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(tried, known);
}

thread_local! {
    static ENGINE: PolicyEngine = builtin();
}
