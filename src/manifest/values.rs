//! What a value is: written out, a reference, or something between.

use std::ops::Range;

use serde_json::{Value, json};

use super::Judged;
use super::names::names_a_secret;
use super::sheet::Sheet;

/// Most bytes of an expression.
const MAX_EXPRESSION: usize = 2 << 10;

/// How a format writes references to variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// `$NAME`, `${NAME}`, `${NAME:-default}`; `\$` and `$$` are none.
    Shell,
    /// `$(NAME)`.
    Kubernetes,
    /// `${{ expression }}`.
    Actions,
    /// `<< parameters.name >>`: variables are not filled in.
    Circle,
    /// `$(name)`, `${{ expression }}`, `$[ expression ]`.
    Azure,
    /// `${source:name}`, as Serverless and Nomad have it; with a comma there is a default.
    Braces,
    /// `%h` of a unit is none.
    None,
}

/// What docs/policies.md calls `value_kind`. Templates (`{{ }}`) are references everywhere.
pub(super) fn value_kind(value: &str, syntax: Syntax) -> &'static str {
    let value = value.trim();
    if value.is_empty() {
        return "empty";
    }
    let mut holds = 0;
    let mut rest = 0;
    let mut is_plain = true;
    let mut at = 0;
    while let Some(left) = value.get(at..).filter(|left| !left.is_empty()) {
        let template = |open: &str, close: &str| {
            let end = left.starts_with(open).then(|| find_near(left, close)).flatten();
            end.map(|end| end + close.len())
        };
        let reference = template("{{", "}}").or_else(|| match syntax {
            Syntax::Shell => shell(left).map(|(length, plain)| {
                is_plain &= plain;
                length
            }),
            Syntax::Kubernetes => template("$(", ")"),
            Syntax::Actions => template("${{", "}}"),
            Syntax::Circle => template("<<", ">>"),
            Syntax::Azure => template("$(", ")")
                .or_else(|| template("${{", "}}"))
                .or_else(|| template("$[", "]")),
            Syntax::Braces => template("${", "}").inspect(|end| {
                is_plain &= !left[..*end].contains(',');
            }),
            Syntax::None => None,
        });
        if let Some(length) = reference {
            holds += 1;
            at += length;
        } else {
            let is_escaped =
                syntax == Syntax::Shell && (left.starts_with("\\$") || left.starts_with("$$"));
            rest += 1;
            at += if is_escaped { 2 } else { left.chars().next().map_or(1, char::len_utf8) };
        }
    }
    match (holds, rest) {
        (0, _) if is_address(value) => "reference",
        (0, _) => "literal",
        (1, 0) if is_plain => "reference",
        _ => "interpolated",
    }
}

/// Where a text begins that ends an expression: near, so that many that do not end cost little.
pub(super) fn find_near(text: &str, end: &str) -> Option<usize> {
    let near = &text.as_bytes()[..text.len().min(MAX_EXPRESSION)];
    memchr::memmem::find(near, end.as_bytes())
}

/// The length of a variable at the start, and whether there is nothing in it but the name.
fn shell(left: &str) -> Option<(usize, bool)> {
    let name = left.strip_prefix('$')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(braced) = name.strip_prefix('{') {
        let end = find_near(braced, "}")?;
        let inner = &braced[..end];
        let is_plain = match inner.find(|c: char| !is_name(c)) {
            None => true,
            // `${X?message}`, `${X:?}` and an empty default say nothing else.
            Some(at) => {
                let operator = inner[at..].trim_start_matches(':');
                operator.starts_with('?') || matches!(operator, "-" | "+")
            }
        };
        return Some((end + 3, is_plain));
    }
    let end = name.find(|c: char| !is_name(c)).unwrap_or(name.len());
    (end > 0 && !name.starts_with(|c: char| c.is_ascii_digit())).then_some((end + 1, true))
}

/// References to stores, as bank-vaults, vals, 1Password, Argo CD and SOPS write them.
pub(super) fn is_address(value: &str) -> bool {
    let value = value.trim();
    let opens =
        ["vault:", "ref+", "op://", "arn:aws:secretsmanager:", "arn:aws:ssm:", "secretref:"];
    opens.iter().any(|open| value.starts_with(open))
        || (value.starts_with("<path:") && value.ends_with('>'))
        || (value.starts_with("ENC[") && value.ends_with(']'))
}

/// A value that something binds to a name.
pub(super) struct Binding<'a> {
    pub(super) name: &'a str,
    /// Where the value is written, without quotes; empty if there is none.
    pub(super) value: Range<usize>,
    pub(super) kind: &'static str,
    pub(super) format: &'a str,
    pub(super) instruction: &'a str,
}

impl Binding<'_> {
    /// The fields of an `env_binding`.
    pub(super) fn fields(&self, sheet: &mut Sheet<'_>) -> Value {
        let judged = match self.kind {
            "reference" | "empty" => None,
            _ => sheet.judge(&self.value),
        };
        let holds = judged.is_some();
        self.with(judged.as_ref(), holds)
    }

    /// The fields of a `build_argument`: the name alone may say that it takes a secret.
    pub(super) fn argument(&self, sheet: &mut Sheet<'_>) -> Value {
        let judged = match self.kind {
            "reference" | "empty" => None,
            _ => sheet.judge(&self.value),
        };
        let holds = judged.is_some() || names_a_secret(self.name);
        self.with(judged.as_ref(), holds)
    }

    fn with(&self, judged: Option<&Judged>, holds: bool) -> Value {
        json!({
            "name": self.name,
            "value_kind": self.kind,
            "holds_secret": holds,
            "secret_rule": judged.map(|judged| &judged.rule),
            "secret_confidence": judged.map(|judged| judged.confidence.name()),
            "container_format": self.format,
            "instruction": self.instruction,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_values() {
        for (value, syntax, kind) in [
            ("", Syntax::Shell, "empty"),
            ("abc", Syntax::Shell, "literal"),
            ("$A", Syntax::Shell, "reference"),
            ("${A}", Syntax::Shell, "reference"),
            ("${A:?must be set}", Syntax::Shell, "reference"),
            ("${A:-}", Syntax::Shell, "reference"),
            ("${A:-b}", Syntax::Shell, "interpolated"),
            ("x$A", Syntax::Shell, "interpolated"),
            ("$A$B", Syntax::Shell, "interpolated"),
            ("a\\$B", Syntax::Shell, "literal"),
            ("a$$B", Syntax::Shell, "literal"),
            ("a$", Syntax::Shell, "literal"),
            ("${unclosed", Syntax::Shell, "literal"),
            ("é$1", Syntax::Shell, "literal"),
            ("$(A)", Syntax::Kubernetes, "reference"),
            ("$(A)b", Syntax::Kubernetes, "interpolated"),
            ("$A", Syntax::Kubernetes, "literal"),
            ("${{ secrets.A }}", Syntax::Actions, "reference"),
            ("a ${{ secrets.A }}", Syntax::Actions, "interpolated"),
            ("{{ .Values.a }}", Syntax::Kubernetes, "reference"),
            ("<< parameters.a >>", Syntax::Circle, "reference"),
            ("$A", Syntax::Circle, "literal"),
            ("$(a.b)", Syntax::Azure, "reference"),
            ("$[ a['b'] ]x", Syntax::Azure, "interpolated"),
            ("${env:A}", Syntax::Braces, "reference"),
            ("${env:A, 'b'}", Syntax::Braces, "interpolated"),
            ("op://vault/item/field", Syntax::Shell, "reference"),
            ("vault:secret/data/a#b", Syntax::None, "reference"),
        ] {
            assert_eq!(value_kind(value, syntax), kind, "{value}");
        }
    }
}
