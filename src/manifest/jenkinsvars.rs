//! The variables that blocks and parameters of a Jenkinsfile bind.

use std::ops::Range;

use super::groovy::{Sort, Token, filled};
use super::jenkins::{Block, FORMAT, Pipeline};
use super::steps::{MAX_AROUND, Variable};
use super::values::{Binding, find_near};

/// Arguments of bindings that name the variable of a secret:
/// <https://www.jenkins.io/doc/pipeline/steps/credentials-binding/>, and `withVault`'s.
const SECRETS: &[&str] = &[
    "variable",
    "passwordVariable",
    "passphraseVariable",
    "tokenVariable",
    "secretKeyVariable",
    "secretVariable",
    "envVar",
];

/// Bindings whose variable is the path of a file.
const FILES: &[&str] = &["file", "zip", "dockerCert"];

impl Pipeline<'_> {
    /// Gives a block the variables that it binds.
    pub(super) fn bind(&mut self, at: usize) {
        let Block { name, arguments, body, parent, .. } = &self.blocks[at];
        let (arguments, body, parent) = (arguments.clone(), body.clone(), *parent);
        let (to, found) = match self.word(&name.clone()) {
            "environment" => (parent, self.environment(body)),
            "withCredentials" | "withVault" | "withSecrets" => {
                (Some(at), self.credentials(arguments))
            }
            "withEnv" => (Some(at), self.with_env(arguments)),
            _ => return,
        };
        if let Some(block) = to.and_then(|to| self.blocks.get_mut(to)) {
            let room = MAX_AROUND.saturating_sub(block.variables.len());
            if found.len() > room {
                self.sheet.gap("ci_step", format!("more than {MAX_AROUND} variables in a place"));
            }
            block.variables.extend(found.into_iter().take(room));
        }
    }

    /// `NAME = 'value'` and `NAME = credentials('id')`.
    fn environment(&mut self, body: Range<usize>) -> Vec<Variable> {
        let mut found = Vec::new();
        let mut at = body.start;
        while at < body.end {
            let (name, equals) = (&self.tokens[at], self.tokens.get(at + 1));
            at += 1;
            if name.sort != Sort::Word || !equals.is_some_and(|mark| mark.is_mark(b'=')) {
                continue;
            }
            let value = self.statement(at + 1, body.end);
            at = value.end;
            let word = self.word(&name.span);
            let is_credentials = self.tokens[value.clone()]
                .first()
                .is_some_and(|first| self.word(&first.span) == "credentials");
            self.binding(word, &name.span, value, "environment", is_credentials);
            let secrets = if is_credentials { vec![word.to_owned()] } else { Vec::new() };
            if is_credentials {
                // What Jenkins makes of a user with a password.
                let name = format!("{word}_PSW");
                found.push(Variable { name, secrets: secrets.clone(), ..Variable::default() });
            }
            found.push(Variable { name: word.to_owned(), secrets, ..Variable::default() });
        }
        found
    }

    fn binding(
        &mut self,
        name: &str,
        at: &Range<usize>,
        value: Range<usize>,
        instruction: &str,
        is_credentials: bool,
    ) {
        let values = &self.tokens[value];
        let texts = || values.iter().filter(|token| token.is_text());
        let (kind, range) = match values {
            [] => ("empty", at.end..at.end),
            [one] if one.is_text() => (self.kind(one), one.inner.clone()),
            [first, .., last] | [first @ last] => {
                let is_put_together = !is_credentials && texts().next().is_some();
                let kind = if is_put_together { "interpolated" } else { "reference" };
                (kind, first.span.start..last.span.end)
            }
        };
        let whole = at.start..range.end.max(at.end);
        let binding = Binding { name, value: range, kind, format: FORMAT, instruction };
        let fields = binding.fields(&mut self.sheet);
        self.sheet.add("env_binding", &format!("{instruction}.{name}"), &whole, fields);
    }

    /// What docs/policies.md calls `value_kind`.
    fn kind(&self, token: &Token) -> &'static str {
        let text = self.word(&token.inner).trim();
        let is_filled = token.sort == Sort::Text { is_filled: true } && !filled(text).is_empty();
        match text.strip_prefix("${") {
            _ if text.is_empty() => "empty",
            _ if !is_filled => "literal",
            Some(inner) if find_near(inner, "}") == Some(inner.len() - 1) => "reference",
            _ => "interpolated",
        }
    }

    /// Variables of secrets that bindings name: `string(credentialsId: 'x', variable: 'TOKEN')`.
    fn credentials(&self, arguments: Range<usize>) -> Vec<Variable> {
        let mut found = Vec::new();
        let mut binding = "";
        for window in self.tokens[arguments].windows(3) {
            let [word, mark, value] = window else { continue };
            let name = self.word(&word.span);
            if word.sort == Sort::Word && mark.is_mark(b'(') {
                binding = name;
            }
            if word.is_mark(b')') {
                binding = "";
            }
            if name == "class" && value.is_text() && self.word(&value.inner).starts_with("File") {
                binding = FILES[0];
            }
            let is_named = mark.is_mark(b':') && value.is_text() && SECRETS.contains(&name);
            if is_named && !FILES.contains(&binding) {
                let name = self.word(&value.inner).to_owned();
                found.push(Variable { secrets: vec![name.clone()], name, ..Variable::default() });
            }
        }
        found
    }

    /// `withEnv(['NAME=value'])`.
    fn with_env(&mut self, arguments: Range<usize>) -> Vec<Variable> {
        let mut found = Vec::new();
        for token in self.tokens[arguments].iter().filter(|token| token.is_text()) {
            let Some((name, value)) = self.word(&token.inner).split_once('=') else { continue };
            let range = token.inner.end - value.len()..token.inner.end;
            let part = Token { inner: range.clone(), ..token.clone() };
            let kind = self.kind(&part);
            let binding =
                Binding { name, value: range, kind, format: FORMAT, instruction: "withEnv" };
            let fields = binding.fields(&mut self.sheet);
            self.sheet.add("env_binding", &format!("withEnv.{name}"), &token.inner, fields);
            found.push(Variable { name: name.to_owned(), ..Variable::default() });
        }
        found
    }

    /// Defaults of parameters: `password(name: 'X', defaultValue: 'x')`.
    pub(super) fn parameters(&mut self) {
        let mut name = None;
        for at in 0..self.tokens.len().saturating_sub(2) {
            let [word, mark, value] = &self.tokens[at..at + 3] else { continue };
            if !mark.is_mark(b':') || !value.is_text() {
                continue;
            }
            match self.word(&word.span) {
                "name" => name = Some(self.word(&value.inner)),
                "defaultValue" => {
                    let span = word.span.clone();
                    if let Some(name) = name.take() {
                        self.binding(name, &span, at + 2..at + 3, "parameters", false);
                    }
                }
                _ => {}
            }
        }
    }
}
