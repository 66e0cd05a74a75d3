//! What jobs of continuous integration have in common: facts of what steps share.

use std::ops::Range;
use std::rc::Rc;

use serde_json::{Value, json};

use super::node::Node;
use super::sheet::Sheet;
use super::steps::{MAX_AROUND, MAX_STEPS, Variable};
use super::values::{Syntax, value_kind};
use crate::model::PathId;

/// A job.
#[derive(Default)]
pub(super) struct Job<'a> {
    pub(super) system: &'a str,
    /// Id of the fact of its workflow, without the path.
    pub(super) workflow: &'a str,
    pub(super) triggers: &'a [String],
    pub(super) name: &'a str,
    /// The environment that it deploys to; an empty one is none.
    pub(super) environment: Option<String>,
    /// The workflow that it calls.
    pub(super) uses: Option<&'a str>,
    /// Names of secrets that it and its steps use by name.
    pub(super) secrets: Vec<String>,
    /// Variables that all of its steps get from it.
    pub(super) variables: &'a [Variable],
    /// How it uses secrets where that is not by name, its steps aside.
    pub(super) access: Vec<&'static str>,
    /// Logins to registries of images.
    pub(super) credentials: Vec<Credential>,
    /// Whether it says that all is logged that its shells do.
    pub(super) traces: bool,
    /// Names of the identity tokens that it gets.
    pub(super) id_tokens: Vec<String>,
}

/// A login to a registry.
pub(super) struct Credential {
    /// What the image is of: `container`, `services.db`.
    of: String,
    /// What sort of login it is: `password`, or `aws` for a key of AWS.
    sort: &'static str,
    /// What the secret of it is, as docs/policies.md calls `value_kind`.
    kind: &'static str,
    at: Range<usize>,
}

impl Credential {
    /// The login at a key of an image: a name, and the secret beside it at `secret`. None where there is no secret.
    pub(super) fn of(
        of: String,
        sort: &'static str,
        image: &Node,
        path: [&str; 2],
        syntax: Syntax,
    ) -> Option<Self> {
        let secret = image.at(&path)?;
        let kind = value_kind(secret.text()?, syntax);
        Some(Self { of, sort, kind, at: secret.span.clone() })
    }
}

impl Job<'_> {
    /// Adds its fact, which stands at `range`.
    pub(super) fn add(mut self, sheet: &mut Sheet<'_>, id: &str, range: &Range<usize>) {
        if sheet.count("ci_job") >= MAX_STEPS {
            return sheet.gap("ci_job", format!("more than {MAX_STEPS} jobs"));
        }
        if self.credentials.len() > MAX_AROUND {
            self.credentials.truncate(MAX_AROUND);
            sheet.gap("ci_job", format!("more than {MAX_AROUND} logins in a job"));
        }
        for names in [&mut self.secrets, &mut self.id_tokens] {
            names.sort_unstable();
            names.dedup();
        }
        self.access.sort_unstable();
        self.access.dedup();
        let (secret_variables, mut parts) = holding(self.variables);
        let (logins, of_logins) = logins(&self.credentials);
        parts.extend(of_logins);
        let environment = self.environment.filter(|name| !name.is_empty());
        let fields = json!({
            "system": self.system,
            "workflow": sheet.full_id(self.workflow),
            "triggers": self.triggers,
            "name": self.name,
            "environment": environment,
            "env": self.variables.iter().map(|one| one.name.as_str()).collect::<Vec<&str>>(),
            "uses": self.uses,
            "secrets": self.secrets,
            "secret_variables": secret_variables,
            "secret_access": self.access,
            "credentials": logins,
            "traces": self.traces,
            "id_tokens": self.id_tokens,
        });
        sheet.add("ci_job", id, range, fields);
        sheet.parts(parts);
    }
}

/// Adds the fact of an executor: what several jobs run in. Nothing is told of one without logins.
pub(super) fn executor(
    sheet: &mut Sheet<'_>,
    system: &str,
    workflow: &str,
    name: &str,
    mut credentials: Vec<Credential>,
    (id, range): (&str, &Range<usize>),
) {
    if credentials.is_empty() {
        return;
    }
    if credentials.len() > MAX_AROUND || sheet.count("ci_executor") >= MAX_STEPS {
        credentials.truncate(MAX_AROUND);
        sheet
            .gap("ci_executor", format!("more than {MAX_AROUND} logins, or {MAX_STEPS} executors"));
    }
    let (logins, parts) = logins(&credentials);
    let fields = json!({
        "system": system,
        "workflow": sheet.full_id(workflow),
        "name": name,
        "credentials": logins,
    });
    if sheet.count("ci_executor") < MAX_STEPS {
        sheet.add("ci_executor", id, range, fields);
        sheet.parts(parts);
    }
}

/// Logins as facts have them, and where each is.
fn logins(credentials: &[Credential]) -> (Vec<Value>, Vec<(PathId, Range<usize>)>) {
    let field = PathId::ROOT.key("credentials");
    let parts = (0..).zip(credentials).map(|(index, one)| (field.item(index), one.at.clone()));
    let shown = |one: &Credential| json!({"of": one.of, "sort": one.sort, "value_kind": one.kind});
    (credentials.iter().map(shown).collect(), parts.collect())
}

/// The names of variables that hold secrets, sorted, and where each is bound, by its path in `secret_variables`.
pub(super) fn holding(variables: &[Variable]) -> (Vec<&str>, Vec<(PathId, Range<usize>)>) {
    let mut found: Vec<&Variable> =
        variables.iter().filter(|one| !one.secrets.is_empty()).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    let field = PathId::ROOT.key("secret_variables");
    let parts = (0..).zip(&found).map(|(index, one)| (field.item(index), one.at.clone()));
    let parts = parts.filter(|(_, at)| !at.is_empty()).collect();
    (found.iter().map(|one| one.name.as_str()).collect(), parts)
}

/// The environment that a job names: `environment: NAME`, or `{name: NAME}`.
pub(super) fn environment(job: &Rc<Node>) -> Option<String> {
    let named = job.get("environment")?;
    let name = named.text().or_else(|| named.text_at(&["name"]))?;
    Some(name.to_owned())
}
