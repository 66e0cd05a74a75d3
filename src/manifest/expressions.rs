//! What expressions (`${{ }}`) of GitHub use of its secrets
//! (<https://docs.github.com/actions/reference/workflows-and-actions/contexts#secrets-context>).

use super::values::find_near;

/// What a text uses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Names of secrets; `*` for all of them.
    pub(super) names: Vec<String>,
    /// How, where it is not by name: `whole` (`toJSON(secrets)`), `computed` (`secrets[matrix.name]`) and `parsed`
    /// (`fromJSON(secrets.NAME)`).
    pub(super) access: Vec<&'static str>,
}

/// What the expressions of a text use.
pub(super) fn uses(text: &str) -> Uses {
    let mut uses = Uses::default();
    for (at, _) in text.match_indices("${{") {
        let rest = &text[at + 3..];
        if let Some(end) = find_near(rest, "}}") {
            uses.add(&rest[..end]);
        }
    }
    uses
}

/// Names of the secrets that expressions of a text use; `*` for all of them.
pub(super) fn secrets_in(text: &str) -> Vec<String> {
    uses(text).names
}

impl Uses {
    fn add(&mut self, expression: &str) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        // Words in texts are none. Names of contexts and functions have no case.
        let bare = without_texts(expression).to_ascii_lowercase();
        for (at, word) in bare.match_indices("secrets") {
            let end = at + word.len();
            let is_part = bare[..at].ends_with(|c: char| is_name(c) || c == '.');
            if is_part || bare[end..].starts_with(is_name) {
                continue;
            }
            let rest = expression[end..].trim_start();
            let index = rest.strip_prefix('[').map(str::trim_start);
            let name = rest
                .strip_prefix('.')
                .or_else(|| index?.strip_prefix('\''))
                .map(|rest| rest.split(|c: char| !is_name(c)).next().unwrap_or_default())
                .filter(|name| !name.is_empty());
            let Some(name) = name else {
                self.access.push(if index.is_some() { "computed" } else { "whole" });
                self.names.push("*".to_owned());
                continue;
            };
            let before = bare[..at].trim_end();
            let before = before.strip_suffix('(').map(str::trim_end);
            if before.is_some_and(|before| before.ends_with("fromjson")) {
                self.access.push("parsed");
            }
            self.names.push(name.to_owned());
        }
        if bare.contains("github.token") {
            self.names.push("GITHUB_TOKEN".into());
        }
    }
}

/// An expression with blanks for what is within quotes; of the same length.
fn without_texts(expression: &str) -> String {
    let mut is_text = false;
    let mut bare = String::with_capacity(expression.len());
    for c in expression.chars() {
        if c == '\'' {
            is_text = !is_text;
            bare.push(c);
        } else if is_text {
            bare.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            bare.push(c);
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_expressions() {
        for (text, names, access) in [
            ("${{ secrets.A_B }}", vec!["A_B"], vec![]),
            (
                "x ${{ secrets['C'] || Secrets.D }} ${{ github.token }}",
                vec!["C", "D", "GITHUB_TOKEN"],
                vec![],
            ),
            ("${{ toJSON(secrets) }}", vec!["*"], vec!["whole"]),
            ("${{ secrets.* }}", vec!["*"], vec!["whole"]),
            ("${{ secrets[format('{0}_KEY', inputs.x)] }}", vec!["*"], vec!["computed"]),
            ("${{ fromJson( secrets.A ).b }}", vec!["A"], vec!["parsed"]),
            ("${{ fromJSON(vars.A).b && secrets.B }}", vec!["B"], vec![]),
            ("${{ contains(x, 'my secrets') || 'é secrets' }}", vec![], vec![]),
            ("${{ 'it''s' || secrets.A }}", vec!["A"], vec![]),
            (
                "${{ inputs.secrets }} secrets.A ${{ my_secrets.b }} ${{ secretsx.c }}",
                vec![],
                vec![],
            ),
            ("${{ secrets", vec![], vec![]),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(uses(text), Uses { names, access }, "{text}");
        }
    }
}
