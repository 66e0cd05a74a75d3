//! Conditions of bindings, as far as they are about which secret it is and until when: what they ask for beyond that is
//! not known. The language is the subset of CEL that IAM takes
//! (<https://cloud.google.com/iam/docs/conditions-attribute-reference>).

use jiff::Timestamp;

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// It holds.
    Holds,
    /// It does not hold, and will not.
    Fails,
    /// It may hold.
    MayHold,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'r> {
    /// With the project's number: `projects/123/secrets/db`.
    pub(super) name: &'r str,
    /// Whether it is a version of the secret, whatever its number.
    pub(super) is_version: bool,
    pub(super) now: Timestamp,
}

/// Most characters of a condition, which IAM bounds too.
const MAX_LENGTH: usize = 8192;
/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 32;

/// Whether a condition holds for a resource.
pub(super) fn judge(expression: &str, resource: Resource<'_>) -> Truth {
    if expression.len() > MAX_LENGTH {
        return Truth::MayHold;
    }
    let Some(tokens) = tokens(expression) else { return Truth::MayHold };
    let mut parser = Parser { tokens: &tokens, at: 0, resource };
    match parser.either(0) {
        Some(truth) if parser.at == tokens.len() => truth,
        _ => Truth::MayHold,
    }
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::MayHold => Self::MayHold,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
            (Self::Holds, Self::Holds) => Self::Holds,
            _ => Self::MayHold,
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    fn of(is: bool) -> Self {
        if is { Self::Holds } else { Self::Fails }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// `resource.name`
    Word(String),
    Text(String),
    /// `&&`, `(`, `==`...
    Sign(&'static str),
}

static SIGNS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", ",", "[", "]", "+", "-", ".", "?",
    ":",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let inner = rest.get(1..)?;
            let end = inner.find(first)?;
            let value = inner.get(..end)?;
            // Escapes and raw texts are not worth it.
            if value.contains('\\') {
                return None;
            }
            tokens.push(Token::Text(value.to_owned()));
            rest = inner.get(end + 1..)?;
        } else if first.is_ascii_alphanumeric() || first == '_' {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest.get(..end)?.to_owned()));
            rest = rest.get(end..)?;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    resource: Resource<'t>,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(is);
        is
    }

    fn text(&mut self) -> Option<String> {
        match self.tokens.get(self.at) {
            Some(Token::Text(text)) => {
                self.at += 1;
                Some(text.clone())
            }
            _ => None,
        }
    }

    fn either(&mut self, depth: usize) -> Option<Truth> {
        let mut truth = self.both(depth)?;
        while self.take("||") {
            truth = truth.or(self.both(depth)?);
        }
        Some(truth)
    }

    fn both(&mut self, depth: usize) -> Option<Truth> {
        let mut truth = self.one(depth)?;
        while self.take("&&") {
            truth = truth.and(self.one(depth)?);
        }
        Some(truth)
    }

    fn one(&mut self, depth: usize) -> Option<Truth> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.take("!") {
            return self.one(depth + 1).map(Truth::not);
        }
        if self.take("(") {
            let inner = self.either(depth + 1)?;
            return self.take(")").then_some(inner);
        }
        let start = self.at;
        if let Some(truth) = self.known() {
            return Some(truth);
        }
        // Something else: up to where the next part begins.
        self.at = start;
        self.skip();
        (self.at > start).then_some(Truth::MayHold)
    }

    /// A comparison of what is known.
    fn known(&mut self) -> Option<Truth> {
        let Some(Token::Word(word)) = self.tokens.get(self.at).cloned() else { return None };
        self.at += 1;
        let truth = match word.as_str() {
            "true" => Truth::Holds,
            "false" => Truth::Fails,
            "resource.name.startsWith" => self.argument().map(|text| self.begins(&text))?,
            "resource.name.endsWith" => self.argument().map(|text| self.ends(&text))?,
            "resource.name" => self.compare(Self::is_name)?,
            "resource.type" => self.compare(Self::is_type)?,
            "resource.service" => {
                self.compare(|_, text| Truth::of(text == "secretmanager.googleapis.com"))?
            }
            "request.time" => self.time()?,
            _ => return None,
        };
        // What goes on is something else: `resource.name == "a" ? ...`.
        match self.tokens.get(self.at) {
            None | Some(Token::Sign("&&" | "||" | ")")) => Some(truth),
            _ => None,
        }
    }

    fn argument(&mut self) -> Option<String> {
        let text = if self.take("(") { self.text() } else { None };
        text.filter(|_| self.take(")"))
    }

    fn compare(&mut self, is: impl Fn(&Self, &str) -> Truth) -> Option<Truth> {
        let is_equal = self.take("==");
        if !is_equal && !self.take("!=") {
            return None;
        }
        let truth = self.text().map(|text| is(self, &text))?;
        Some(if is_equal { truth } else { truth.not() })
    }

    /// `request.time < timestamp("...")`. That a time is still to come says nothing of later.
    fn time(&mut self) -> Option<Truth> {
        let is_before = self.take("<") || self.take("<=");
        let is_after = !is_before && (self.take(">=") || self.take(">"));
        if !is_before && !is_after {
            return None;
        }
        let Some(Token::Word(word)) = self.tokens.get(self.at) else { return None };
        if word != "timestamp" {
            return None;
        }
        self.at += 1;
        let time: Timestamp = self.argument()?.parse().ok()?;
        let is_over = self.resource.now >= time;
        Some(match (is_before, is_over) {
            (true, true) => Truth::Fails,
            (false, true) => Truth::Holds,
            _ => Truth::MayHold,
        })
    }

    fn is_name(&self, text: &str) -> Truth {
        if !self.resource.is_version {
            return Truth::of(text == self.resource.name);
        }
        // One version of it.
        let version = text.strip_prefix(self.resource.name);
        match version.and_then(|rest| rest.strip_prefix("/versions/")) {
            Some(_) => Truth::MayHold,
            None => Truth::Fails,
        }
    }

    fn is_type(&self, text: &str) -> Truth {
        let kind = if self.resource.is_version { "SecretVersion" } else { "Secret" };
        Truth::of(text.strip_prefix("secretmanager.googleapis.com/") == Some(kind))
    }

    fn begins(&self, text: &str) -> Truth {
        if !self.resource.is_version {
            return Truth::of(self.resource.name.starts_with(text));
        }
        let whole = format!("{}/versions/", self.resource.name);
        if whole.starts_with(text) {
            Truth::Holds
        } else if text.starts_with(&whole) {
            Truth::MayHold
        } else {
            Truth::Fails
        }
    }

    fn ends(&self, text: &str) -> Truth {
        if !self.resource.is_version {
            return Truth::of(self.resource.name.ends_with(text));
        }
        // The number of a version is at the end.
        let number = text.rsplit('/').next().unwrap_or(text);
        let before = text.strip_suffix(number).unwrap_or_default();
        let whole = format!("{}/versions/", self.resource.name);
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && whole.ends_with(before) { Truth::MayHold } else { Truth::Fails }
    }

    /// Passes over something up to the next `&&`, `||` or closing bracket of where it is.
    fn skip(&mut self) {
        let mut depth = 0;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Sign("(" | "[") => depth += 1,
                Token::Sign(")" | "]" | "&&" | "||") if depth == 0 => return,
                Token::Sign(")" | "]") => depth -= 1,
                // What follows decides it all.
                Token::Sign("?") if depth == 0 => {
                    self.at = self.tokens.len();
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_about_which_secret_and_until_when() {
        use Truth::{Fails, Holds, MayHold};
        let now: Timestamp = "2026-11-30T00:00:00Z".parse().unwrap();
        for (expression, of_version, of_secret) in [
            ("resource.name.startsWith(\"projects/12/secrets/db\")", Holds, Holds),
            ("resource.name.startsWith('projects/12/secrets/db/versions/')", Holds, Fails),
            ("resource.name.startsWith(\"projects/12/secrets/db/versions/1\")", MayHold, Fails),
            ("resource.name.startsWith(\"projects/12/secrets/other\")", Fails, Fails),
            ("resource.name == \"projects/12/secrets/db\"", Fails, Holds),
            ("resource.name == \"projects/12/secrets/db/versions/3\"", MayHold, Fails),
            ("resource.name != \"projects/12/secrets/other\"", Holds, Holds),
            ("resource.name.endsWith(\"/versions/3\")", MayHold, Fails),
            ("resource.name.endsWith(\"secrets/db\")", Fails, Holds),
            ("resource.type == \"secretmanager.googleapis.com/SecretVersion\"", Holds, Fails),
            ("resource.service == \"storage.googleapis.com\"", Fails, Fails),
            ("request.time < timestamp(\"2026-07-01T00:00:00Z\")", Fails, Fails),
            ("request.time < timestamp(\"2027-07-01T00:00:00Z\")", MayHold, MayHold),
            ("request.time > timestamp(\"2027-07-01T00:00:00Z\")", MayHold, MayHold),
            ("request.time.getHours(\"Europe/Berlin\") > 9", MayHold, MayHold),
            ("resource.matchTag('1/env', 'prod')", MayHold, MayHold),
            ("resource.name.extract(\"secrets/{n}\") == \"x\" && false", Fails, Fails),
            ("!(resource.service == \"storage.googleapis.com\") || a.b", Holds, Holds),
            (
                "(resource.name.startsWith(\"a\") || resource.name.startsWith(\"projects/12\")) && true",
                Holds,
                Holds,
            ),
            ("a.b ? false : true", MayHold, MayHold),
            ("resource.name == \"x\" ? false : true", MayHold, MayHold),
            ("resource.name == 'a\\'b'", MayHold, MayHold),
            ("\u{e4}", MayHold, MayHold),
            ("", MayHold, MayHold),
            ("(((", MayHold, MayHold),
        ] {
            let name = "projects/12/secrets/db";
            let judged = |is_version| judge(expression, Resource { name, is_version, now });
            assert_eq!(judged(true), of_version, "{expression}");
            assert_eq!(judged(false), of_secret, "{expression}");
        }
        let deep = "(".repeat(4000);
        let resource = Resource { name: "n", is_version: true, now };
        assert_eq!(judge(&deep, resource), MayHold);
        assert_eq!(judge(&"!".repeat(8000), resource), MayHold);
    }
}
