//! Pipelines of Azure (<https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>) and their templates.

use std::rc::Rc;

use super::names::names_a_secret;
use super::node::Node;
use super::sheet::Sheet;
use super::steps::{FACTS, MAX_AROUND, MAX_STEPS, Script, Step, Variable, Workflow, scalars};
use super::values::{Binding, Syntax, find_near, value_kind};
use super::yaml::documents;
use super::{File, Read, file_name, has_extension};

const FORMAT: &str = "azure-pipelines";

/// The id of the fact of a pipeline.
const PIPELINE: &str = "pipeline";

/// Folders of templates.
const FOLDERS: &[&str] =
    &[".azure-pipelines", "azure-pipelines", ".azuredevops", ".azure-devops", ".pipelines"];

/// What runs a script, and the key of the script in a step.
const SCRIPTS: &[&str] = &["script", "bash", "pwsh", "powershell"];

/// Inputs of tasks that are scripts: of `Bash@3`, `CmdLine@2`, `PowerShell@2`, and of `AzureCLI@2`.
const INPUTS: &[&str] = &["script", "inlineScript", "Inline"];

/// Other keys that make a step.
const CALLS: &[&str] = &["task", "template", "checkout", "download", "publish", "getPackage"];

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let mut folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    has_extension(path, &["yml", "yaml"])
        && (name.starts_with("azure-pipeline") || folders.any(|folder| FOLDERS.contains(&folder)))
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        let name = root.text_at(&["name"]);
        let workflow = Workflow { system: FORMAT, name, ..Workflow::default() };
        workflow.add(&mut sheet, PIPELINE, &root.span);
        part(&mut sheet, root, "", &Around { job: None, variables: Rc::default() });
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// What steps have from what they stand in.
struct Around<'a> {
    job: Option<&'a str>,
    variables: Rc<Vec<Variable>>,
}

/// Stages, jobs, strategies, conditions and parameters that are steps, wherever they are. Recursion is as deep as
/// documents may be.
fn part(sheet: &mut Sheet<'_>, node: &Rc<Node>, prefix: &str, around: &Around<'_>) {
    let job = ["deployment", "job"].into_iter().find_map(|key| node.text_at(&[key]));
    let mut inner = Around { job: job.or(around.job), variables: Rc::clone(&around.variables) };
    if let Some(list) = node.get("variables") {
        variables(sheet, list, &format!("{prefix}variables"), Rc::make_mut(&mut inner.variables));
    }
    for (key, value) in node.entries() {
        let Some(key) = key.text().filter(|key| *key != "variables") else { continue };
        // What a condition (`${{ if }}`) holds belongs to what it stands in.
        let id = if key.starts_with("${{") { prefix.to_owned() } else { format!("{prefix}{key}.") };
        part(sheet, value, &id, &inner);
    }
    for (at, item) in node.items().iter().enumerate() {
        if is_step(item) {
            step(sheet, item, &format!("{prefix}{at}"), &inner);
        } else {
            let name =
                ["stage", "job", "deployment"].into_iter().find_map(|key| item.text_at(&[key]));
            let id = name.map_or_else(|| at.to_string(), str::to_owned);
            part(sheet, item, &format!("{prefix}{id}."), &inner);
        }
    }
}

/// Whether an item of a list is a step: a deployment has keys of that kind too.
fn is_step(node: &Node) -> bool {
    let has = |keys: &[&str]| {
        keys.iter().any(|key| node.get(key).is_some_and(|value| value.text().is_some()))
    };
    has(SCRIPTS) || has(CALLS)
}

fn step(sheet: &mut Sheet<'_>, node: &Rc<Node>, id: &str, around: &Around<'_>) {
    if sheet.count("ci_step") >= MAX_STEPS {
        return sheet.gap("ci_step", format!("more than {MAX_STEPS} steps"));
    }
    let mut known = Vec::new();
    if let Some(env) = node.get("env") {
        variables(sheet, env, &format!("{id}.env"), &mut known);
    }
    let own = known.len();
    known.extend(around.variables.iter().cloned());
    let inputs = node.get("inputs").or_else(|| node.get("parameters"));
    let shell = SCRIPTS.iter().find(|key| node.get(key).is_some());
    let scripts = match shell {
        Some(key) => node.get(key).into_iter().collect::<Vec<_>>(),
        None => INPUTS.iter().filter_map(|key| node.at(&["inputs", key])).collect(),
    };
    let run: Vec<Script> = scripts.iter().filter_map(|script| Script::of(script)).collect();
    let interpolated: Vec<String> = run.iter().flat_map(|script| macros(&script.text)).collect();
    let given = inputs.into_iter().flat_map(scalars);
    let mut secrets: Vec<String> =
        given.filter_map(|node| Some(macros(node.text()?))).flatten().collect();
    secrets.extend(interpolated.iter().cloned());
    // Of what is around, only what is used by name is known to reach the step.
    secrets.extend(known[..own].iter().flat_map(|variable| variable.secrets.iter().cloned()));
    let holding = known.iter().filter(|variable| !variable.secrets.is_empty());
    let mut secret_variables: Vec<String> = holding.map(|variable| variable.name.clone()).collect();
    secret_variables.extend(interpolated.iter().cloned());
    let step = Step {
        system: FORMAT,
        workflow: Some(PIPELINE),
        job: around.job,
        run,
        shell: shell.copied(),
        uses: CALLS.iter().find_map(|key| node.text_at(&[key])),
        with: inputs,
        env: known.into_iter().map(|variable| variable.name).collect(),
        secrets,
        secret_variables,
        interpolated,
        ..Step::default()
    };
    step.add(sheet, id, &node.span);
}

/// `NAME: value`, `- {name: NAME, value: ...}`, and both in conditions. Groups and templates name no variable.
fn variables(sheet: &mut Sheet<'_>, node: &Rc<Node>, prefix: &str, known: &mut Vec<Variable>) {
    for (key, value) in node.entries() {
        match key.text() {
            Some(name) if name.starts_with("${{") => variables(sheet, value, prefix, known),
            Some(name) => variable(sheet, name, value, prefix, known),
            None => {}
        }
    }
    for item in node.items() {
        match (item.text_at(&["name"]), item.get("value")) {
            (Some(name), Some(value)) => variable(sheet, name, value, prefix, known),
            _ => {
                for (key, value) in item.entries() {
                    if key.text().is_some_and(|key| key.starts_with("${{")) {
                        variables(sheet, value, prefix, known);
                    }
                }
            }
        }
    }
}

fn variable(
    sheet: &mut Sheet<'_>,
    name: &str,
    value: &Rc<Node>,
    prefix: &str,
    known: &mut Vec<Variable>,
) {
    let Some(text) = value.text() else { return };
    let kind = value_kind(text, Syntax::Azure);
    let instruction = if prefix.ends_with("env") { "env" } else { "variables" };
    let binding = Binding { name, value: value.inner.clone(), kind, format: FORMAT, instruction };
    let fields = binding.fields(sheet);
    sheet.add("env_binding", &format!("{prefix}.{name}"), &value.span, fields);
    if known.len() >= MAX_AROUND {
        return sheet.gap("ci_step", format!("more than {MAX_AROUND} variables in a place"));
    }
    known.push(Variable { name: name.to_owned(), secrets: macros(text), ..Variable::default() });
}

/// Names of secrets in macros (`$(name)`) of a text: those that are named as such, since secret variables are not in files.
fn macros(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    text.match_indices("$(")
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            let name = find_near(rest, ")").map(|end| &rest[..end])?;
            (name.chars().all(is_name) && names_a_secret(name)).then(|| name.to_owned())
        })
        .collect()
}
