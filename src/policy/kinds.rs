//! The kinds of facts. A policy that names another would never be asked, so that checks refuse it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A kind of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What each is.
    pub what: &'static str,
}

/// The kinds of facts of files, sorted by name. docs/policies.md tells their fields.
pub static KINDS: &[Kind] = &[
    Kind { name: "ansible_task", what: "a task of Ansible" },
    Kind { name: "build_argument", what: "an argument that the build of an image takes" },
    Kind { name: "cfn_output", what: "an output of a template of CloudFormation" },
    Kind { name: "cfn_parameter", what: "a parameter of a template of CloudFormation" },
    Kind { name: "ci_executor", what: "what jobs of continuous integration run in, of CircleCI" },
    Kind { name: "ci_job", what: "a job of continuous integration" },
    Kind {
        name: "ci_step",
        what: "a step of continuous integration, or a workflow that a job calls",
    },
    Kind { name: "ci_workflow", what: "a workflow or pipeline of continuous integration" },
    Kind { name: "compose_service", what: "a service of a compose file" },
    Kind { name: "docker_instruction", what: "an instruction of a Dockerfile" },
    Kind {
        name: "env_binding",
        what: "a variable of the environment that a container or a step gets",
    },
    Kind {
        name: "iac_attribute",
        what: "a setting of infrastructure as code that is or is named as a secret",
    },
    Kind { name: "iac_resource", what: "a resource of infrastructure as code that holds secrets" },
    Kind { name: "k8s_object", what: "an object of Kubernetes, as a document" },
    Kind { name: "kustomize_generator", what: "what Kustomize makes a Secret or ConfigMap of" },
    Kind {
        name: "tf_attribute",
        what: "an attribute of Terraform that is or is named as a secret",
    },
    Kind { name: "tf_output", what: "an output of a module of Terraform" },
    Kind { name: "tf_state", what: "a state of Terraform" },
    Kind { name: "tf_state_value", what: "a value of a state of Terraform that is a secret" },
    Kind { name: "tf_variable", what: "a variable of a module of Terraform" },
];

/// What documents the facts of stores: each begins with a table of their kinds.
static STORES: &[&str] = &[
    include_str!("../../docs/facts/aws-access.md"),
    include_str!("../../docs/facts/aws-secrets.md"),
    include_str!("../../docs/facts/azure.md"),
    include_str!("../../docs/facts/estate.md"),
    include_str!("../../docs/facts/gcp.md"),
    include_str!("../../docs/facts/kubernetes.md"),
    include_str!("../../docs/facts/vault.md"),
];

/// The head of such a table.
const HEAD: &str = "| kind | what each is |";

/// All kinds, with what each is: those of files, and those that the documentation of a store has.
pub fn kinds() -> &'static BTreeMap<&'static str, &'static str> {
    static ALL: OnceLock<BTreeMap<&str, &str>> = OnceLock::new();
    ALL.get_or_init(|| {
        let of_files = KINDS.iter().map(|kind| (kind.name, kind.what));
        of_files.chain(STORES.iter().flat_map(|document| documented(document))).collect()
    })
}

/// The rows of a document's table of kinds; a row may be for several.
fn documented(document: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let table = document.split_once(HEAD).map_or("", |(_, table)| table).trim_start();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.trim_matches('|').split_once('|')).flat_map(|(names, what)| {
        // Between backticks, every second part is a name.
        names.split('`').skip(1).step_by(2).map(move |name| (name, what.trim()))
    })
}

/// Whether there is such a kind.
pub(super) fn is_known(name: &str) -> bool {
    kinds().contains_key(name)
}
