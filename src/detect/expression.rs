//! Expressions of betterleaks' configurations: `filter` and `prefilter`, in the language of
//! <https://expr-lang.org> with betterleaks' own functions. One that holds discards what it looks at.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use expr::{Context, ContextProvider, Environment, Program, Value};
use indexmap::IndexMap;
use regex::bytes::Regex;

use super::allow::Candidate;
use super::rule::path_regex;
use super::{entropy, go_regex, language};
use crate::model::Confidence;

thread_local! {
    /// What the expression that runs on this thread sets the finding's confidence to: its functions see
    /// their arguments alone.
    static CONFIDENCE: Cell<Option<Confidence>> = const { Cell::new(None) };
}

/// Bytes around a match that `fragment_raw` holds: more than any expression looks at.
const FRAGMENT: usize = 16 << 10;

/// A compiled expression.
pub struct Expression {
    program: Program,
    /// Whether it looks at the text around the match, which is copied for it.
    wants_fragment: bool,
    /// Whether it looks at the finding, or at the attributes of the file alone.
    wants_finding: bool,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expression").finish_non_exhaustive()
    }
}

impl Expression {
    /// Compiles `source`, and tries it on an empty finding.
    ///
    /// # Errors
    /// When it is no expression, calls a function that does not exist, or is neither true nor false.
    pub fn new(source: &str) -> Result<Self, String> {
        let source = without_namespace(source);
        let expression = Self {
            program: expr::compile(&source).map_err(|error| error.to_string())?,
            wants_fragment: source.contains("fragment_raw"),
            wants_finding: source.contains("finding"),
        };
        expression.holds(Candidate::default())?;
        Ok(expression)
    }

    /// Whether it can be told by the path alone.
    pub fn is_about_files(&self) -> bool {
        !self.wants_finding
    }

    /// Whether it holds for the candidate, whose confidence it may set on the way.
    ///
    /// # Errors
    /// When it cannot be evaluated; the message holds no value.
    pub fn holds(&self, candidate: Candidate<'_>) -> Result<bool, String> {
        let subject = Subject::new(candidate, self.wants_fragment);
        CONFIDENCE.set(None);
        let result = ENVIRONMENT.run(&self.program, &subject);
        if let (Some(set), Some(cell)) = (CONFIDENCE.take(), candidate.confidence) {
            // The rule's own expression runs before that of the configuration, and is more to the point.
            cell.set(cell.get().or(Some(set)));
        }
        match result {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err("the expression is neither true nor false".into()),
            // The library's message may quote operands, and those may be secrets.
            Err(_) if !candidate.secret.is_empty() => {
                Err("the expression cannot be evaluated here".into())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

/// betterleaks' functions stand in a namespace too: `filter.entropy(x)` is `entropy(x)`.
fn without_namespace(source: &str) -> String {
    const PARTS: &str =
        r#"(?s)`[^`]*`|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|//[^\n]*|\bfilter\.(\w)"#;
    static REGEX: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(PARTS).expect("a fixed pattern"));
    let keep = |captures: &regex::Captures<'_>| {
        captures.get(1).map_or_else(|| captures[0].to_owned(), |name| name.as_str().to_owned())
    };
    REGEX.replace_all(source, keep).into_owned()
}

/// What an expression sees.
struct Subject(Context);

impl Subject {
    fn new(candidate: Candidate<'_>, with_fragment: bool) -> Self {
        let text = |bytes: &[u8]| Value::String(String::from_utf8_lossy(bytes).into_owned());
        let mut finding = IndexMap::<String, Value>::new();
        let mut set = |name: &str, value: Value| finding.insert(name.to_owned(), value);
        set("secret", text(candidate.secret));
        set("match", text(candidate.matched));
        set("line", text(candidate.line));
        set("rule_id", candidate.rule.into());
        set("description", candidate.description.into());
        set("context", "".into());
        set("entropy", entropy::shannon(candidate.secret).into());
        if with_fragment {
            let low = candidate.at.start.saturating_sub(FRAGMENT);
            let high = (candidate.at.end + FRAGMENT).min(candidate.text.len());
            let (fragment, at) = (&candidate.text[low..high], candidate.at.start - low);
            let end = candidate.at.end - low;
            let line_start =
                memchr::memrchr(b'\n', &fragment[..at]).map_or(0, |newline| newline + 1);
            let line_end =
                memchr::memchr(b'\n', &fragment[end..]).map_or(fragment.len(), |n| end + n);
            // Offsets count bytes: one replacement per byte keeps them true in what is not UTF-8.
            let fragment: String =
                fragment.iter().map(|b| if b.is_ascii() { *b as char } else { '?' }).collect();
            set("fragment_raw", fragment.into());
            for (name, offset) in [
                ("match_start_idx", at),
                ("match_end_idx", end),
                ("match_line_start_idx", line_start),
                ("match_line_end_idx", line_end),
            ] {
                set(name, (offset as i64).into());
            }
        }
        let mut attributes = IndexMap::new();
        attributes.insert("path".into(), candidate.path.into());
        if let Some(commit) = candidate.commit {
            attributes.insert("git.sha".into(), commit.into());
        }
        let mut all = Context::default();
        all.insert("secret", text(candidate.secret));
        all.insert("finding", Value::Map(finding));
        all.insert("attributes", Value::Map(attributes));
        Self(all)
    }
}

impl ContextProvider for Subject {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    fn to_context(&self) -> Context {
        self.0.clone()
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut all = Environment::new();
    all.add_function("matchesAny", |call| {
        let [text, patterns] = arguments(&call.args)?;
        Ok(joined(&strings(patterns)?)?.is_match(string(text)?.as_bytes()).into())
    });
    all.add_function("findMatch", |call| {
        let [text, pattern] = arguments(&call.args)?;
        let text = string(text)?;
        let found = joined(&[string(pattern)?])?.find(text.as_bytes()).map(|m| m.as_bytes());
        Ok(String::from_utf8_lossy(found.unwrap_or_default()).into_owned().into())
    });
    all.add_function("containsAny", |call| {
        let [text, terms] = arguments(&call.args)?;
        // The text is lowered and the terms are not: so it is in betterleaks.
        let text = string(text)?.to_lowercase();
        Ok(strings(terms)?.iter().any(|term| text.contains(term)).into())
    });
    all.add_function("intersects", |call| {
        let [left, right] = arguments(&call.args)?;
        let right = strings(right)?;
        Ok(strings(left)?.iter().any(|item| right.contains(item)).into())
    });
    all.add_function("entropy", |call| {
        let [text] = arguments(&call.args)?;
        Ok(entropy::shannon(string(text)?.as_bytes()).into())
    });
    all.add_function("failsTokenEfficiency", |call| {
        let [text] = arguments(&call.args)?;
        Ok(language::is_wordy(string(text)?).into())
    });
    all.add_function("tokenRatio", |call| {
        let [text] = arguments(&call.args)?;
        Ok(language::bytes_per_token(string(text)?).into())
    });
    all.add_function("setConfidence", |call| {
        let [value] = arguments(&call.args)?;
        let confidence: Confidence = string(value)?.parse().map_err(expr::Error::ExprError)?;
        CONFIDENCE.set(Some(confidence));
        Ok(confidence.name().into())
    });
    all.add_function("get", |call| match call.args.as_slice() {
        [Value::Map(map), Value::String(key), rest @ ..] => {
            Ok(map.get(key).or(rest.first()).cloned().unwrap_or(Value::Nil))
        }
        _ => Err(wrong("a map, a key and a default")),
    });
    all
});

fn wrong(what: &str) -> expr::Error {
    expr::Error::ExprError(format!("the function takes {what}"))
}

fn arguments<const N: usize>(arguments: &[Value]) -> expr::Result<&[Value; N]> {
    arguments.try_into().map_err(|_| wrong(&format!("{N} arguments")))
}

fn string(value: &Value) -> expr::Result<&str> {
    value.as_string().ok_or_else(|| wrong("a string"))
}

fn strings(value: &Value) -> expr::Result<Vec<&str>> {
    match value {
        Value::Array(items) => items.iter().map(string).collect(),
        _ => Err(wrong("a list of strings")),
    }
}

/// One regex for any of the patterns, in Go's syntax; compiled once.
fn joined(patterns: &[&str]) -> expr::Result<Arc<Regex>> {
    static CACHE: LazyLock<Mutex<HashMap<String, Arc<Regex>>>> = LazyLock::new(Mutex::default);
    let key = patterns.join("\0");
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = cache.get(&key) {
        return Ok(Arc::clone(regex));
    }
    let each: Vec<String> =
        patterns.iter().map(|p| format!("(?:{})", go_regex::translate(p))).collect();
    // No pattern matches nothing; `|` of none would match everything.
    let all = if each.is_empty() { r"[^\s\S]".to_owned() } else { each.join("|") };
    let regex = path_regex(&all).map_err(|why| expr::Error::ExprError(format!("regex: {why}")))?;
    let regex = Arc::new(regex);
    cache.insert(key, Arc::clone(&regex));
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    const TEXT: &[u8] = b"first\nkey = \"provider-x hunter2\" end\nlast";

    fn holds(source: &str) -> bool {
        let start = memchr::memmem::find(TEXT, b"hunter2").unwrap();
        let candidate = Candidate {
            secret: b"hunter2",
            matched: b"hunter2",
            line: b"key = \"provider-x hunter2\" end",
            path: "src/app.py",
            text: TEXT,
            at: Span::new(start, start + 7),
            rule: "generic",
            ..Candidate::default()
        };
        Expression::new(source).unwrap().holds(candidate).unwrap()
    }

    #[test]
    fn functions_and_operators() {
        for source in [
            r#"entropy(finding["secret"]) <= 3"#,
            r#"filter.entropy(finding["secret"]) < 3.5 || nothing"#,
            r#"matchesAny(finding["secret"], [`^hunter\d$`, `x`])"#,
            r"!matchesAny(secret, [])",
            r#"containsAny(finding["line"], ["PROVIDER-X", "provider-x"])"#,
            r#"!containsAny(finding["line"], ["PROVIDER-X"])"#,
            r#"get(attributes, "path", "") endsWith ".py" && get(attributes, "none", "") == """#,
            r#"findMatch(secret, `[a-z]+`) == "hunter" && len(secret) == 7"#,
            r#"failsTokenEfficiency("the-table-of-words") and tokenRatio(secret) < 7"#,
            r#"any(["a", secret], {# == "hunter2"}) and "x" not in ["y"]"#,
            r#"intersects(["a", "b"], ["b", "c"]) and finding.rule_id == "generic""#,
            "// the words before it\nlet before = finding[\"fragment_raw\"][
                max(finding[\"match_start_idx\"] - 11, finding[\"match_line_start_idx\"]):
                finding[\"match_start_idx\"]];\nbefore == \"provider-x \"",
            r#"finding["fragment_raw"][finding["match_line_start_idx"]:finding["match_line_end_idx"]]
                == finding["line"]"#,
            "true ? true : false",
        ] {
            assert!(holds(source), "{source}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_when_loading() {
        for (source, part) in [
            ("entropy(", "expected"),
            ("nosuch(secret)", "nosuch"),
            ("1 + 1", "neither"),
            ("matchesAny(secret, [`(`])", "regex"),
            ("entropy(1) < 2", "string"),
            (r#"setConfidence("sure") == """#, "none of low, medium, high"),
        ] {
            let error = Expression::new(source).unwrap_err();
            assert!(error.contains(part), "{source}: {error}");
        }
    }

    #[test]
    fn the_confidence_that_was_set_is_that_of_the_branch_taken() {
        for (source, expected) in [
            (r#"setConfidence("low") == "high""#, Some(Confidence::Low)),
            (r#"len(secret) > 3 ? setConfidence("high") == "" : false"#, Some(Confidence::High)),
            (r#"len(secret) > 30 && filter.setConfidence("high") == """#, None),
        ] {
            let cell = Cell::new(None);
            let candidate =
                Candidate { secret: b"hunter2", confidence: Some(&cell), ..Candidate::default() };
            assert_eq!(Expression::new(source).unwrap().holds(candidate), Ok(false), "{source}");
            assert_eq!(cell.take(), expected, "{source}");
        }
    }

    #[test]
    fn a_namespace_in_a_string_stays() {
        assert_eq!(without_namespace("filter.entropy(\"filter.x\")"), "entropy(\"filter.x\")");
        assert_eq!(without_namespace("filter(a, {# > 1})"), "filter(a, {# > 1})");
    }

    #[test]
    fn files_are_told_by_attributes_alone() {
        let files = Expression::new(r#"matchesAny(get(attributes, "path", ""), [`\.png$`])"#);
        assert!(files.unwrap().is_about_files());
        assert!(!Expression::new(r#"finding["secret"] == """#).unwrap().is_about_files());
    }
}
