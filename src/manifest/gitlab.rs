//! Pipelines of GitLab (<https://docs.gitlab.com/ci/yaml/>).

use std::rc::Rc;

use super::names::names_a_secret;
use super::sheet::Sheet;
use super::steps::{FACTS, Script, Step, Variable, scalars, variables, variables_in, workflow};
use super::values::{Binding, Syntax, value_kind};
use super::yaml::{Node, documents};
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
        workflow(&mut sheet, FORMAT, PIPELINE, name, &root.span);
        let of_all = all_variables(&mut sheet, root.get("variables"), "");
        for (name, job) in root.entries() {
            if let Some(name) = name.text().filter(|name| !NO_JOBS.contains(name)) {
                read_job(&mut sheet, name, job, &of_all);
            }
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

fn read_job(sheet: &mut Sheet<'_>, name: &str, job: &Rc<Node>, of_all: &[Variable]) {
    let mut known = of_all.to_vec();
    known.extend(all_variables(sheet, job.get("variables"), &format!("{name}.")));
    let given: Vec<String> = job
        .get("secrets")
        .map(|secrets| {
            secrets.entries().iter().filter_map(|(name, _)| name.text()).map(str::to_owned)
        })
        .into_iter()
        .flatten()
        .collect();
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
        found.push(Variable { name: name.to_owned(), secrets: Vec::new() });
    }
    found
}
