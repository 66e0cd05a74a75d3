//! What the steps of continuous integration have in common, whichever system runs them.

use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::bound::bound;
use super::sheet::Sheet;
use super::values::{Syntax, find_near};
use super::yaml::Node;

/// The kinds of facts of files of continuous integration.
pub(super) const FACTS: &[&str] = &["ci_step", "ci_workflow", "env_binding"];

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
        let run: Vec<String> =
            self.run.iter().map(|script| sheet.blanked(&script.at, &script.text)).collect();
        let mut with = Map::new();
        for (name, value) in self.with.map(|with| with.entries()).unwrap_or_default() {
            if let (Some(name), Some(text)) = (name.text(), value.text()) {
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
            "with": with,
            "env": self.env,
            "secrets": self.secrets,
            "secret_variables": self.secret_variables,
            "interpolated_secrets": self.interpolated,
            "inherits_secrets": self.inherits_secrets,
        });
        sheet.add("ci_step", id, range, fields);
    }
}

/// A variable that steps get.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Names of secrets that its value uses.
    pub(super) secrets: Vec<String>,
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
        let secrets = secrets_in(bound.text());
        found.push(Variable { name: bound.name, secrets });
        if found.len() > MAX_AROUND {
            sheet.gap("env_binding", format!("more than {MAX_AROUND} variables in a place"));
            sheet.gap("ci_step", format!("more than {MAX_AROUND} variables in a place"));
            break;
        }
    }
    found
}

/// Names of the secrets that expressions (`${{ }}`) of a text use; `*` for all of them.
pub(super) fn secrets_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("${{") {
        let rest = &text[at + 3..];
        let Some(expression) = find_near(rest, "}}").map(|end| &rest[..end]) else { continue };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        for (at, word) in expression.match_indices("secrets") {
            let is_part = expression[..at].ends_with(|c: char| is_name(c) || c == '.');
            let rest = expression[at + word.len()..].trim_start();
            if is_part || rest.starts_with(is_name) {
                continue;
            }
            let name = rest
                .strip_prefix('.')
                .or_else(|| rest.strip_prefix('[')?.trim_start().strip_prefix(['\'', '"']))
                .map(|rest| rest.split(|c: char| !is_name(c)).next().unwrap_or_default())
                .filter(|name| !name.is_empty());
            found.push(name.unwrap_or("*").to_owned());
        }
        if expression.contains("github.token") {
            found.push("GITHUB_TOKEN".into());
        }
    }
    found
}

/// Adds the fact of a workflow of a system that has neither triggers nor permissions in its files.
pub(super) fn workflow(
    sheet: &mut Sheet<'_>,
    system: &str,
    id: &str,
    name: Option<&str>,
    range: &Range<usize>,
) {
    let fields = json!({
        "system": system, "name": name, "triggers": [], "permissions": null, "job_permissions": {},
    });
    sheet.add("ci_workflow", id, range, fields);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_expressions() {
        for (text, names) in [
            ("${{ secrets.A_B }}", vec!["A_B"]),
            (
                "x ${{ secrets['C'] || secrets.D }} ${{ github.token }}",
                vec!["C", "D", "GITHUB_TOKEN"],
            ),
            ("${{ toJSON(secrets) }}", vec!["*"]),
            ("${{ inputs.secrets }} secrets.A ${{ my_secrets.b }} ${{ secretsx.c }}", vec![]),
            ("${{ secrets", vec![]),
        ] {
            assert_eq!(secrets_in(text), names, "{text}");
        }
    }
}
