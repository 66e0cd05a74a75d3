//! Configurations of `CircleCI` (<https://circleci.com/docs/reference/configuration-reference/>).

use std::collections::HashMap;
use std::rc::Rc;

use super::jobs::{self, Credential, Job};
use super::names::names_a_secret;
use super::node::{Node, Tree};
use super::sheet::Sheet;
use super::steps::{
    FACTS, MAX_AROUND, Script, Step, Variable, Workflow, scalars, variables, variables_in,
};
use super::values::Syntax;
use super::yaml::documents;
use super::{File, Read, has_extension};

const FORMAT: &str = "circleci";

/// The id of the fact of a configuration.
const CONFIG: &str = "config";

pub(super) fn is(path: &str, _: &[u8]) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    has_extension(path, &["yml", "yaml"]) && folders.split('/').any(|name| name == ".circleci")
}

pub(super) fn read(file: &File<'_>) -> Read {
    let mut sheet = Sheet::new(file);
    let documents = documents(file.text);
    for root in &documents.roots {
        Workflow { system: FORMAT, ..Workflow::default() }.add(&mut sheet, CONFIG, &root.span);
        let contexts = contexts(root);
        read_parts(&mut sheet, root, "", &contexts);
        for (name, orb) in children(root, "orbs") {
            read_parts(&mut sheet, orb, &format!("orbs.{name}."), &HashMap::new());
        }
        for (name, flow) in children(root, "workflows") {
            let jobs = flow.get("jobs").map(|jobs| jobs.items()).unwrap_or_default();
            for (job, options) in jobs.iter().flat_map(|job| job.entries()) {
                let Some(job) = job.text() else { continue };
                let around =
                    Around { job: Some(job), contexts: contexts.get(job), ..Around::default() };
                for section in ["pre-steps", "post-steps"] {
                    let id = format!("workflows.{name}.{job}.{section}");
                    read_steps(&mut sheet, options.get(section), &id, &around);
                }
            }
        }
        // A part of a configuration that is packed: one job or command.
        if let Some(steps) = root.get("steps") {
            let known = variables(&mut sheet, root.get("environment"), FORMAT, "environment", "");
            let around = Around { variables: known, ..Around::default() };
            read_steps(&mut sheet, Some(steps), "steps", &around);
        }
    }
    sheet.bad(FACTS, &documents.bad);
    sheet.done()
}

/// What steps have from what they stand in.
#[derive(Default)]
struct Around<'a> {
    job: Option<&'a str>,
    shell: Option<&'a str>,
    contexts: Option<&'a Vec<String>>,
    variables: Vec<Variable>,
}

fn read_parts(
    sheet: &mut Sheet<'_>,
    root: &Rc<Node>,
    prefix: &str,
    contexts: &HashMap<&str, Vec<String>>,
) {
    for (name, executor) in children(root, "executors") {
        let id = format!("{prefix}executors.{name}");
        environment(sheet, executor, &format!("{id}."));
        let place = (&*id, &executor.span);
        jobs::executor(sheet, FORMAT, CONFIG, name, credentials(executor), place);
    }
    for (name, command) in children(root, "commands") {
        let id = format!("{prefix}commands.{name}");
        read_steps(sheet, command.get("steps"), &id, &Around::default());
    }
    for (name, job) in children(root, "jobs") {
        let id = format!("{prefix}jobs.{name}");
        let around = Around {
            job: Some(name),
            shell: job.text_at(&["shell"]),
            contexts: contexts.get(name),
            variables: environment(sheet, job, &format!("{id}.")),
        };
        let fact = Job {
            system: FORMAT,
            workflow: CONFIG,
            name,
            secrets: base(&around).secrets,
            credentials: credentials(job),
            ..Job::default()
        };
        fact.add(sheet, &format!("{id}.job"), &job.span);
        read_steps(sheet, job.get("steps"), &id, &around);
    }
}

/// Variables of a job or executor, and of the first of its containers, where steps run.
fn environment(sheet: &mut Sheet<'_>, node: &Rc<Node>, prefix: &str) -> Vec<Variable> {
    let own = node.get("environment");
    let mut known = variables(sheet, own, FORMAT, "environment", prefix);
    let containers = node.get("docker").map(|docker| docker.items()).unwrap_or_default();
    for (at, container) in containers.iter().enumerate() {
        let prefix = format!("{prefix}docker.{at}.");
        let found = variables(sheet, container.get("environment"), FORMAT, "environment", &prefix);
        if at == 0 {
            known.extend(found);
        }
    }
    known
}

/// Logins to the registries of the images of a job or executor.
fn credentials(job: &Node) -> Vec<Credential> {
    let images = job.get("docker").map(|docker| docker.items()).unwrap_or_default();
    let logins = |(at, image): (usize, &Rc<Node>)| {
        let sorts =
            [("password", ["auth", "password"]), ("aws", ["aws_auth", "aws_secret_access_key"])];
        let login = move |(sort, path)| {
            Credential::of(format!("docker.{at}"), sort, image, path, Syntax::Shell)
        };
        sorts.map(login)
    };
    images.iter().enumerate().flat_map(logins).flatten().collect()
}

fn read_steps(sheet: &mut Sheet<'_>, list: Option<&Rc<Node>>, prefix: &str, around: &Around<'_>) {
    let steps = list.map(|list| list.items()).unwrap_or_default();
    for (at, node) in steps.iter().enumerate() {
        let id = format!("{prefix}.steps.{at}");
        match (&node.tree, node.entries().first()) {
            (Tree::Scalar { text, .. }, _) if !text.is_empty() => {
                let step = Step { uses: Some(text), ..base(around) };
                step.add(sheet, &id, &node.span);
            }
            (_, Some((name, options))) => match name.text() {
                Some("when" | "unless") => read_steps(sheet, options.get("steps"), &id, around),
                Some("run") => run(sheet, options, &id, around),
                Some(name) => {
                    let given = scalars(options);
                    let used = given.iter().filter_map(|node| node.text()).flat_map(variables_in);
                    let secret_variables = used.filter(|name| names_a_secret(name)).collect();
                    let base = base(around);
                    let step =
                        Step { uses: Some(name), with: Some(options), secret_variables, ..base };
                    step.add(sheet, &id, &node.span);
                }
                None => {}
            },
            _ => {}
        }
    }
}

/// What all steps have from what they stand in.
fn base<'a>(around: &Around<'a>) -> Step<'a> {
    let contexts = around.contexts.into_iter().flatten();
    Step {
        system: FORMAT,
        workflow: Some(CONFIG),
        job: around.job,
        env: around.variables.iter().map(|variable| variable.name.clone()).collect(),
        secrets: contexts.map(|name| format!("context:{name}")).collect(),
        ..Step::default()
    }
}

/// `run: command` and `run: {command: ...}`.
fn run(sheet: &mut Sheet<'_>, node: &Rc<Node>, id: &str, around: &Around<'_>) {
    let environment = node.get("environment");
    let own = variables(sheet, environment, FORMAT, "environment", &format!("{id}."));
    let Some(script) = Script::of(node.get("command").unwrap_or(node)) else { return };
    let mut step = Step { shell: node.text_at(&["shell"]).or(around.shell), ..base(around) };
    step.env.extend(own.into_iter().map(|variable| variable.name));
    // Variables of the project and of contexts are not named in the file.
    step.secret_variables =
        variables_in(&script.text).into_iter().filter(|name| names_a_secret(name)).collect();
    step.run = vec![script];
    step.add(sheet, id, &node.span);
}

/// The contexts that each job gets in any workflow.
fn contexts(root: &Rc<Node>) -> HashMap<&str, Vec<String>> {
    let mut found: HashMap<&str, Vec<String>> = HashMap::new();
    for (_, flow) in children(root, "workflows") {
        let jobs = flow.get("jobs").map(|jobs| jobs.items()).unwrap_or_default();
        for (job, options) in jobs.iter().flat_map(|job| job.entries()) {
            let (Some(job), Some(context)) = (job.text(), options.get("context")) else { continue };
            let names =
                scalars(context).into_iter().filter_map(|name| Some(name.text()?.to_owned()));
            let known = found.entry(job).or_default();
            known.extend(names.take(MAX_AROUND.saturating_sub(known.len())));
        }
    }
    found
}

/// Entries of a map at a key, by name.
fn children<'a>(node: &'a Node, key: &str) -> Vec<(&'a str, &'a Rc<Node>)> {
    let entries = node.get(key).map(|node| node.entries()).unwrap_or_default();
    entries.iter().filter_map(|(name, value)| Some((name.text()?, value))).collect()
}
