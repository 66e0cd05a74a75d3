//! What the steps of continuous integration have in common, whichever system runs them.

use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::bound::bound;
use super::expressions::{Uses, uses};
use super::jobs::holding;
use super::node::Node;
use super::sheet::Sheet;
use super::values::Syntax;
use crate::model::PathId;

/// The kinds of facts of files of continuous integration.
pub(super) const FACTS: &[&str] =
    &["ci_executor", "ci_job", "ci_step", "ci_workflow", "env_binding"];

/// Most steps of a file: every one tells the variables that it gets.
pub(super) const MAX_STEPS: usize = 5_000;

/// Most variables that steps get from what they stand in, and triggers that they tell.
pub(super) const MAX_AROUND: usize = 500;

/// A stretch of a script as it is written, and what it says.
pub(super) struct Script {
    pub(super) at: Range<usize>,
    pub(super) text: String,
}

impl Script {
    /// The text of a scalar; None of anything else.
    pub(super) fn of(node: &Node) -> Option<Self> {
        Some(Self { at: node.inner.clone(), text: node.text()?.to_owned() })
    }
}

/// A step, or a job that is run as one.
#[derive(Default)]
pub(super) struct Step<'a> {
    pub(super) system: &'a str,
    /// Id of the fact of its workflow, without the path.
    pub(super) workflow: Option<&'a str>,
    pub(super) triggers: &'a [String],
    /// The name of its job.
    pub(super) job: Option<&'a str>,
    /// The scripts that it runs, in order.
    pub(super) run: Vec<Script>,
    pub(super) shell: Option<&'a str>,
    /// The action, template or workflow that it calls.
    pub(super) uses: Option<&'a str>,
    /// Of what it calls by a commit, the version that the file says it is.
    pub(super) version: Option<&'a str>,
    pub(super) with: Option<&'a Rc<Node>>,
    /// Names of all variables that it gets from the file.
    pub(super) env: Vec<String>,
    /// Names of secrets that are used in it by name.
    pub(super) secrets: Vec<String>,
    /// Names of variables that hold secrets.
    pub(super) secret_variables: Vec<String>,
    /// Names of secrets that the system writes into the text of its script before a shell reads it.
    pub(super) interpolated: Vec<String>,
    pub(super) inherits_secrets: bool,
    /// How its expressions use secrets where that is not by name.
    pub(super) access: Vec<&'static str>,
    /// Where the variables are bound that are its own.
    pub(super) bound: &'a [Variable],
}

impl Step<'_> {
    /// Adds its fact, which stands at `range`.
    pub(super) fn add(mut self, sheet: &mut Sheet<'_>, id: &str, range: &Range<usize>) {
        if sheet.count("ci_step") >= MAX_STEPS {
            return sheet.gap("ci_step", format!("more than {MAX_STEPS} steps"));
        }
        for names in
            [&mut self.env, &mut self.secrets, &mut self.secret_variables, &mut self.interpolated]
        {
            names.sort_unstable();
            names.dedup();
        }
        self.access.sort_unstable();
        self.access.dedup();
        let run: Vec<String> =
            self.run.iter().map(|script| sheet.blanked(&script.at, &script.text)).collect();
        let mut with = Map::new();
        let mut parts = Vec::new();
        let inputs = PathId::ROOT.key("with");
        for (key, value) in self.with.map(|with| with.entries()).unwrap_or_default() {
            if let (Some(name), Some(text)) = (key.text(), value.text()) {
                parts.push((inputs.key(name), key.span.start..value.span.end.max(key.span.end)));
                with.insert(name.to_owned(), sheet.blanked(&value.inner, text).into());
            }
        }
        let fields = json!({
            "system": self.system,
            "workflow": self.workflow.map(|id| sheet.full_id(id)),
            "triggers": self.triggers,
            "job": self.job,
            "run": if run.is_empty() { Value::Null } else { run.join("\n").into() },
            "shell": self.shell,
            "uses": self.uses,
            "version": self.version,
            "with": with,
            "env": self.env,
            "secrets": self.secrets,
            "secret_variables": self.secret_variables,
            "interpolated_secrets": self.interpolated,
            "inherits_secrets": self.inherits_secrets,
            "secret_access": self.access,
        });
        let field = PathId::ROOT.key("secret_variables");
        for (index, name) in (0..).zip(&self.secret_variables) {
            let own = self.bound.iter().find(|own| own.name == *name && !own.at.is_empty());
            parts.extend(own.map(|own| (field.item(index), own.at.clone())));
        }
        sheet.add("ci_step", id, range, fields);
        sheet.parts(parts);
    }
}

/// A variable that steps get.
#[derive(Debug, Clone, Default)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Names of secrets that its value uses.
    pub(super) secrets: Vec<String>,
    /// How it uses secrets where that is not by name.
    pub(super) access: Vec<&'static str>,
    /// Where it is bound; empty where that is not told.
    pub(super) at: Range<usize>,
}

/// Adds the facts of variables, and gives what steps need to know of them.
pub(super) fn variables(
    sheet: &mut Sheet<'_>,
    node: Option<&Rc<Node>>,
    format: &str,
    instruction: &str,
    prefix: &str,
) -> Vec<Variable> {
    let syntax = match format {
        "github-actions" => Syntax::Actions,
        "circleci" => Syntax::Circle,
        _ => Syntax::Shell,
    };
    let Some(node) = node else { return Vec::new() };
    let mut found = Vec::new();
    for bound in bound(node) {
        let fields = bound.binding(syntax, format, instruction).fields(sheet);
        sheet.add(
            "env_binding",
            &format!("{prefix}{instruction}.{}", bound.name),
            &bound.whole,
            fields,
        );
        let Uses { names: secrets, access } = uses(bound.text());
        found.push(Variable { name: bound.name, secrets, access, at: bound.whole });
        if found.len() > MAX_AROUND {
            sheet.gap("env_binding", format!("more than {MAX_AROUND} variables in a place"));
            sheet.gap("ci_step", format!("more than {MAX_AROUND} variables in a place"));
            break;
        }
    }
    found
}

/// A workflow or pipeline, without what its jobs say.
#[derive(Default)]
pub(super) struct Workflow<'a> {
    pub(super) system: &'a str,
    pub(super) name: Option<&'a str>,
    /// The events that start it.
    pub(super) triggers: &'a [String],
    /// What its token may, and that of each job.
    pub(super) permissions: Option<Value>,
    pub(super) job_permissions: Map<String, Value>,
    /// Variables that all of its jobs get.
    pub(super) variables: &'a [Variable],
    /// Whether it says that all is logged that shells do.
    pub(super) traces: bool,
    /// Where it says what, by paths of its fields.
    pub(super) parts: Vec<(PathId, Range<usize>)>,
}

impl Workflow<'_> {
    /// Adds its fact, which stands at `range`.
    pub(super) fn add(self, sheet: &mut Sheet<'_>, id: &str, range: &Range<usize>) {
        let (secret_variables, mut parts) = holding(self.variables);
        parts.extend(self.parts);
        let mut access: Vec<&str> =
            self.variables.iter().flat_map(|variable| variable.access.iter().copied()).collect();
        access.sort_unstable();
        access.dedup();
        let fields = json!({
            "system": self.system,
            "name": self.name,
            "triggers": self.triggers,
            "permissions": self.permissions,
            "job_permissions": self.job_permissions,
            "env": self.variables.iter().map(|one| one.name.as_str()).collect::<Vec<&str>>(),
            "secret_variables": secret_variables,
            "secret_access": access,
            "traces": self.traces,
        });
        sheet.add("ci_workflow", id, range, fields);
        sheet.parts(parts);
    }
}

/// Names of the variables that a shell script uses.
pub(super) fn variables_in(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('$')
        .filter_map(|(at, _)| {
            let after = text[at + 1..].trim_start_matches('{');
            let name = after.split(|c: char| !is_name(c)).next().unwrap_or_default();
            (!name.is_empty()).then(|| name.to_owned())
        })
        .collect()
}

/// All scalars in a value. Recursion is as deep as documents may be.
pub(super) fn scalars(node: &Rc<Node>) -> Vec<Rc<Node>> {
    let mut found = Vec::new();
    let mut left = vec![Rc::clone(node)];
    while let Some(node) = left.pop() {
        left.extend(node.items().iter().rev().cloned());
        left.extend(node.entries().iter().rev().map(|(_, value)| Rc::clone(value)));
        if node.text().is_some() {
            found.push(node);
        }
    }
    found
}
