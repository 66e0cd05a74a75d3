//! Workflows and actions of GitHub (<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>), and of
//! Gitea and Forgejo, which write them alike.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::sheet::Sheet;
use super::steps::{FACTS, MAX_AROUND, Script, Step, Variable, scalars, secrets_in, variables};
use super::yaml::{Node, Tree, documents};
use super::{File, Read, file_name, has_extension};

const FORMAT: &str = "github-actions";

/// The id of the fact of a workflow: there is one in a file.
const WORKFLOW: &str = "workflow";

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    if !has_extension(path, &["yml", "yaml"]) {
        return false;
    }
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_folder = |name: &str| folders == name || folders.ends_with(&format!("/{name}"));
    matches!(file_name(path), "action.yml" | "action.yaml")
        || [".github/workflows", ".gitea/workflows", ".forgejo/workflows"]
            .into_iter()
            .any(is_folder)
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        if let Some(runs) = root.get("runs") {
            read_action(&mut sheet, runs);
        } else if root.get("jobs").is_some() || root.get("on").is_some() {
            read_workflow(&mut sheet, root);
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// What steps have from what they stand in.
#[derive(Clone, Copy)]
struct Around<'a> {
    workflow: Option<&'a str>,
    triggers: &'a [String],
    job: Option<&'a str>,
    shell: Option<&'a str>,
    variables: &'a [Variable],
}

fn read_action(sheet: &mut Sheet<'_>, runs: &Rc<Node>) {
    let variables = variables(sheet, runs.get("env"), FORMAT, "env", "runs.");
    let around =
        Around { workflow: None, triggers: &[], job: None, shell: None, variables: &variables };
    read_steps(sheet, runs, "runs", around);
}

fn read_workflow(sheet: &mut Sheet<'_>, root: &Rc<Node>) {
    let mut triggers = root.get("on").map(|on| names(on)).unwrap_or_default();
    triggers.truncate(MAX_AROUND);
    let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let mut permissions = Map::new();
    for (name, job) in jobs {
        if let (Some(name), Some(own)) = (name.text(), job.get("permissions")) {
            permissions.insert(name.to_owned(), permissions_of(own));
        }
    }
    let fields = json!({
        "system": FORMAT,
        "name": root.text_at(&["name"]),
        "triggers": triggers,
        "permissions": root.get("permissions").map(|own| permissions_of(own)),
        "job_permissions": permissions,
    });
    sheet.add("ci_workflow", WORKFLOW, &root.span, fields);
    let of_all = variables(sheet, root.get("env"), FORMAT, "env", "");
    let shell = root.text_at(&["defaults", "run", "shell"]);
    for (name, job) in jobs {
        let Some(name) = name.text() else { continue };
        let id = format!("jobs.{name}");
        let mut known = of_all.clone();
        known.extend(variables(sheet, job.get("env"), FORMAT, "env", &format!("{id}.")));
        let container = job.at(&["container", "env"]);
        known.extend(variables(sheet, container, FORMAT, "env", &format!("{id}.container.")));
        for (service, node) in job.get("services").map(|node| node.entries()).unwrap_or_default() {
            let prefix = format!("{id}.services.{}.", service.text().unwrap_or_default());
            variables(sheet, node.get("env"), FORMAT, "env", &prefix);
        }
        let around = Around {
            workflow: Some(WORKFLOW),
            triggers: &triggers,
            job: Some(name),
            shell: job.text_at(&["defaults", "run", "shell"]).or(shell),
            variables: &known,
        };
        if let Some(uses) = job.text_at(&["uses"]) {
            call(sheet, job, &id, uses, around);
        }
        read_steps(sheet, job, &id, around);
    }
}

/// A job that is another workflow.
fn call(sheet: &mut Sheet<'_>, job: &Rc<Node>, id: &str, uses: &str, around: Around<'_>) {
    let inherits = job.text_at(&["secrets"]) == Some("inherit");
    let given = [job.get("secrets"), job.get("with")].into_iter().flatten().flat_map(scalars);
    let secrets = given.filter_map(|node| Some(secrets_in(node.text()?))).flatten().collect();
    let step = Step {
        system: FORMAT,
        workflow: around.workflow,
        triggers: around.triggers,
        job: around.job,
        uses: Some(uses),
        with: job.get("with"),
        secrets,
        inherits_secrets: inherits,
        // Variables do not reach workflows that are called.
        ..Step::default()
    };
    step.add(sheet, id, &job.span);
}

fn read_steps(sheet: &mut Sheet<'_>, parent: &Rc<Node>, prefix: &str, around: Around<'_>) {
    let steps = parent.get("steps").map(|steps| steps.items()).unwrap_or_default();
    for (at, node) in steps.iter().enumerate() {
        if node.entries().is_empty() {
            continue;
        }
        let name = node.text_at(&["id"]).map_or_else(|| at.to_string(), str::to_owned);
        let id = format!("{prefix}.steps.{name}");
        let own = variables(sheet, node.get("env"), FORMAT, "env", &format!("{id}."));
        let known: Vec<&Variable> = around
            .variables
            .iter()
            // What is bound nearer wins.
            .filter(|far| own.iter().all(|near| near.name != far.name))
            .chain(&own)
            .collect();
        let mut secrets: Vec<String> = scalars(node)
            .iter()
            .filter_map(|node| Some(secrets_in(node.text()?)))
            .flatten()
            .collect();
        secrets.extend(known.iter().flat_map(|variable| variable.secrets.iter().cloned()));
        let holding = known.iter().filter(|variable| !variable.secrets.is_empty());
        let run = node.get("run").and_then(|run| Script::of(run));
        let step = Step {
            system: FORMAT,
            workflow: around.workflow,
            triggers: around.triggers,
            job: around.job,
            interpolated: run.as_ref().map(|run| secrets_in(&run.text)).unwrap_or_default(),
            run: run.into_iter().collect(),
            shell: node.text_at(&["shell"]).or(around.shell),
            uses: node.text_at(&["uses"]),
            with: node.get("with"),
            env: known.iter().map(|variable| variable.name.clone()).collect(),
            secrets,
            secret_variables: holding.map(|variable| variable.name.clone()).collect(),
            inherits_secrets: false,
        };
        step.add(sheet, &id, &node.span);
    }
}

/// A text, the texts of a list, or the keys of a map.
fn names(node: &Node) -> Vec<String> {
    let text = |node: &Rc<Node>| node.text().map(str::to_owned);
    match &node.tree {
        Tree::Scalar { text, .. } => vec![text.clone()],
        Tree::List(items) => items.iter().filter_map(text).collect(),
        Tree::Map(entries) => entries.iter().filter_map(|(key, _)| text(key)).collect(),
    }
}

/// `read-all`, or what each scope may.
fn permissions_of(node: &Node) -> Value {
    if let Some(text) = node.text() {
        return text.into();
    }
    let scope = |(name, value): &(Rc<Node>, Rc<Node>)| {
        Some((name.text()?.to_owned(), Value::from(value.text()?)))
    };
    Value::Object(node.entries().iter().filter_map(scope).collect())
}
