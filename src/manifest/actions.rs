//! Workflows and actions of GitHub (<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>), and of
//! Gitea and Forgejo, which write them alike.

use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::expressions::{Uses, secrets_in, uses};
use super::jobs::{Credential, Job, environment};
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::steps::{FACTS, MAX_AROUND, Script, Step, Variable, Workflow, scalars, variables};
use super::values::Syntax;
use super::yaml::documents;
use super::{File, Read, file_name, has_extension};
use crate::model::PathId;

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
    let of_jobs = PathId::ROOT.key("job_permissions");
    let mut parts: Vec<(PathId, Range<usize>)> = Vec::new();
    if let Some(own) = root.get("permissions") {
        parts.push((PathId::ROOT.key("permissions"), own.span.clone()));
    }
    for (name, job) in jobs {
        if let (Some(name), Some(own)) = (name.text(), job.get("permissions")) {
            parts.push((of_jobs.key(name), own.span.clone()));
            permissions.insert(name.to_owned(), permissions_of(own));
        }
    }
    let of_all = variables(sheet, root.get("env"), FORMAT, "env", "");
    let workflow = Workflow {
        system: FORMAT,
        name: root.text_at(&["name"]),
        triggers: &triggers,
        permissions: root.get("permissions").map(|own| permissions_of(own)),
        job_permissions: permissions,
        variables: &of_all,
        traces: false,
        parts,
    };
    workflow.add(sheet, WORKFLOW, &root.span);
    let shell = root.text_at(&["defaults", "run", "shell"]);
    for (key, job) in jobs {
        let Some(name) = key.text() else { continue };
        let id = format!("jobs.{name}");
        let mut own = variables(sheet, job.get("env"), FORMAT, "env", &format!("{id}."));
        let container = job.at(&["container", "env"]);
        own.extend(variables(sheet, container, FORMAT, "env", &format!("{id}.container.")));
        for (service, node) in job.get("services").map(|node| node.entries()).unwrap_or_default() {
            let prefix = format!("{id}.services.{}.", service.text().unwrap_or_default());
            variables(sheet, node.get("env"), FORMAT, "env", &prefix);
        }
        let fact = Job { name, triggers: &triggers, variables: &own, ..job_of(job) };
        fact.add(sheet, &format!("{id}.job"), &(key.span.start..job.span.end.max(key.span.end)));
        let mut known = of_all.clone();
        known.append(&mut own);
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

/// What a job says itself.
fn job_of(job: &Rc<Node>) -> Job<'_> {
    let entries = job.entries().iter();
    let steps = |(key, _): &&(Rc<Node>, Rc<Node>)| key.text() == Some("steps");
    let own: Vec<Uses> = entries
        .filter(|entry| !steps(entry))
        .flat_map(|(_, value)| scalars(value))
        .filter_map(|node| node.text().map(uses))
        .collect();
    let of_steps = job.get("steps").map(scalars).unwrap_or_default();
    let of_steps = of_steps.iter().filter_map(|node| node.text()).flat_map(secrets_in);
    let services = job.get("services").map(|node| node.entries()).unwrap_or_default();
    let services = services
        .iter()
        .filter_map(|(name, node)| Some((format!("services.{}", name.text()?), node)));
    let images = job.get("container").map(|node| ("container".to_owned(), node)).into_iter();
    let credentials = images.chain(services).filter_map(|(of, image)| {
        Credential::of(of, "password", image, ["credentials", "password"], Syntax::Actions)
    });
    Job {
        system: FORMAT,
        workflow: WORKFLOW,
        environment: environment(job),
        uses: job.text_at(&["uses"]),
        secrets: own.iter().flat_map(|uses| uses.names.clone()).chain(of_steps).collect(),
        access: own.iter().flat_map(|uses| uses.access.clone()).collect(),
        credentials: credentials.collect(),
        ..Job::default()
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
        version: version(sheet, job),
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
        let mut own_uses = Uses::default();
        for used in scalars(node).iter().filter_map(|node| node.text().map(uses)) {
            own_uses.names.extend(used.names);
            own_uses.access.extend(used.access);
        }
        let Uses { names: mut secrets, access } = own_uses;
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
            version: version(sheet, node),
            with: node.get("with"),
            env: known.iter().map(|variable| variable.name.clone()).collect(),
            secrets,
            secret_variables: holding.map(|variable| variable.name.clone()).collect(),
            inherits_secrets: false,
            access,
            bound: &own,
        };
        step.add(sheet, &id, &node.span);
    }
}

/// Longest version in a comment, in bytes.
const MAX_VERSION: usize = 20;

/// The version in a comment behind what a step calls: that is how pins to commits are written, `uses: a/b@COMMIT # v4.2.2`.
fn version<'a>(sheet: &Sheet<'a>, node: &Node) -> Option<&'a str> {
    let rest = sheet.rest_of_line(node.get("uses")?.span.end);
    let comment = rest.trim_start().strip_prefix('#')?;
    let is_version = |word: &&str| {
        let number = word.strip_prefix('v');
        word.len() <= MAX_VERSION
            && (number.is_some() || word.contains('.'))
            && number.unwrap_or(word).starts_with(|c: char| c.is_ascii_digit())
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    };
    // Some write `tag=v4.2.2` or `pin@v4.2.2`.
    let words = comment.split(|c: char| c.is_whitespace() || matches!(c, '=' | '@'));
    words.filter(|word| !word.is_empty()).take(3).find(is_version)
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
