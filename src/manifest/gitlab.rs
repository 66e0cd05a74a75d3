//! Pipelines of GitLab (<https://docs.gitlab.com/ci/yaml/>).

use std::ops::Range;
use std::rc::Rc;

use super::jobs::{Job, environment};
use super::names::names_a_secret;
use super::node::Node;
use super::sheet::Sheet;
use super::steps::{FACTS, Script, Step, Variable, Workflow, scalars, variables, variables_in};
use super::values::{Binding, Syntax, value_kind};
use super::yaml::documents;
use super::{File, Read, file_name};

const FORMAT: &str = "gitlab-ci";

/// The id of the fact of a pipeline.
const PIPELINE: &str = "pipeline";

/// Keys at the top that are no jobs.
const NO_JOBS: &[&str] = &[
    "image",
    "services",
    "stages",
    "cache",
    "variables",
    "include",
    "workflow",
    "spec",
    "pages_options",
];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    [".gitlab-ci.yml", ".gitlab-ci.yaml"].iter().any(|end| name.ends_with(end))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    // What `spec:` heads is the second document.
    for root in documents.roots.iter().filter(|root| root.get("spec").is_none()) {
        let name = root.text_at(&["workflow", "name"]);
        let of_all = all_variables(&mut sheet, root.get("variables"), "");
        let (variables, traces) = (of_all.as_slice(), traces(root));
        let workflow = Workflow { system: FORMAT, name, variables, traces, ..Workflow::default() };
        workflow.add(&mut sheet, PIPELINE, &root.span);
        for (name, job) in root.entries() {
            if let Some(text) = name.text().filter(|name| !NO_JOBS.contains(name)) {
                let whole = name.span.start..job.span.end.max(name.span.end);
                read_job(&mut sheet, text, job, &whole, &of_all);
            }
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

fn read_job(
    sheet: &mut Sheet<'_>,
    name: &str,
    job: &Rc<Node>,
    whole: &Range<usize>,
    of_all: &[Variable],
) {
    let mut own = all_variables(sheet, job.get("variables"), &format!("{name}."));
    let (given, id_tokens) = (keys(job, "secrets"), keys(job, "id_tokens"));
    if !job.entries().is_empty() {
        let fact = Job {
            system: FORMAT,
            workflow: PIPELINE,
            name,
            environment: environment(job),
            secrets: given.clone(),
            variables: &own,
            traces: traces(job),
            id_tokens,
            ..Job::default()
        };
        fact.add(sheet, &format!("{name}.job"), whole);
    }
    let mut known = of_all.to_vec();
    known.append(&mut own);
    let mut at_top = None;
    for section in ["before_script", "script", "after_script"] {
        // Lists of lists are flattened, as GitLab does. `before_script:` at the top is a list.
        let script = match job.get(section) {
            Some(script) => Rc::clone(script),
            None if name == section => Rc::clone(at_top.insert(job)),
            None => continue,
        };
        let lines = scalars(&script);
        let mut used: Vec<String> =
            lines.iter().filter_map(|line| line.text()).flat_map(variables_in).collect();
        used.retain(|name| names_a_secret(name) || given.contains(name));
        used.extend(given.iter().cloned());
        let step = Step {
            system: FORMAT,
            workflow: Some(PIPELINE),
            job: Some(name),
            run: lines.iter().filter_map(|line| Script::of(line)).collect(),
            env: known.iter().map(|variable| variable.name.clone()).collect(),
            secrets: given.clone(),
            secret_variables: used,
            ..Step::default()
        };
        let id = if at_top.is_some() { name.to_owned() } else { format!("{name}.{section}") };
        step.add(sheet, &id, &script.span);
    }
}

/// The keys of a map at a key.
fn keys(job: &Node, key: &str) -> Vec<String> {
    let entries = job.get(key).map(|node| node.entries()).unwrap_or_default();
    entries.iter().filter_map(|(name, _)| name.text()).map(str::to_owned).collect()
}

/// Whether variables switch on that all is logged, as the runner reads them
/// (<https://docs.gitlab.com/ci/variables/variables_troubleshooting/#enable-debug-logging>).
fn traces(node: &Node) -> bool {
    let variable = node.at(&["variables", "CI_DEBUG_TRACE"]);
    let value = variable.and_then(|own| own.text().or_else(|| own.text_at(&["value"])));
    value.is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
}

/// `NAME: value` and `NAME: {value: ...}`.
fn all_variables(sheet: &mut Sheet<'_>, node: Option<&Rc<Node>>, prefix: &str) -> Vec<Variable> {
    let mut found = variables(sheet, node, FORMAT, "variables", prefix);
    for (name, described) in node.map(|node| node.entries()).unwrap_or_default() {
        let (Some(name), Some(value)) = (name.text(), described.get("value")) else { continue };
        let kind = value_kind(value.text().unwrap_or_default(), Syntax::Shell);
        let binding = Binding {
            name,
            value: value.inner.clone(),
            kind,
            format: FORMAT,
            instruction: "variables",
        };
        let fields = binding.fields(sheet);
        sheet.add("env_binding", &format!("{prefix}variables.{name}"), &described.span, fields);
        found.push(Variable { name: name.to_owned(), ..Variable::default() });
    }
    found
}
