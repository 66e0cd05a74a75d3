//! Allowlists: what is fine although a rule matches.

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::RuleError;
use super::expression::Expression;
use super::rule::path_regex;
use super::spec::{AllowlistSpec, Condition, RegexTarget};
use crate::model::Span;

/// An allowlist, compiled.
#[derive(Debug)]
pub struct Allowlist {
    /// Why it is fine; may be empty.
    pub description: String,
    /// What its matches become.
    pub effect: Effect,
    condition: Condition,
    commits: Vec<String>,
    paths: Vec<Regex>,
    target: RegexTarget,
    regexes: Vec<Regex>,
    stopwords: Option<AhoCorasick>,
    expression: Option<Expression>,
}

/// What becomes of a match that an allowlist is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// No finding: the allowlist is a part of a built-in rule.
    Drop,
    /// A suppressed finding: somebody wrote it into a configuration.
    Suppress,
}

/// What an allowlist looks at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Candidate<'a> {
    /// The secret.
    pub secret: &'a [u8],
    /// The whole match.
    pub matched: &'a [u8],
    /// All lines that the match touches.
    pub line: &'a [u8],
    /// Path, `/`-separated; empty if not known.
    pub path: &'a str,
    /// Full commit id, if any.
    pub commit: Option<&'a str>,
    /// The text that was matched in, and where the match is in it.
    pub text: &'a [u8],
    /// Offsets of the match in `text`.
    pub at: Span,
    /// Id of the rule.
    pub rule: &'a str,
    /// The rule's description.
    pub description: &'a str,
}

impl Allowlist {
    /// Compiles `spec`, which stands at `rule` (an id, or `allowlist` for a global one).
    ///
    /// # Errors
    /// When a regex is not one, or the allowlist holds no condition.
    pub fn new(spec: &AllowlistSpec, rule: &str, effect: Effect) -> Result<Self, RuleError> {
        let error = |why: String| RuleError { rule: rule.to_owned(), what: "allowlist", why };
        let compile = |patterns: &[String]| -> Result<Vec<Regex>, RuleError> {
            patterns.iter().map(|p| path_regex(p).map_err(error)).collect()
        };
        let stopwords: Vec<&String> = spec.stopwords.iter().filter(|w| !w.is_empty()).collect();
        let list = Self {
            description: spec.description.clone(),
            effect,
            condition: spec.condition,
            commits: spec.commits.iter().map(|id| id.to_ascii_lowercase()).collect(),
            paths: compile(&spec.paths)?,
            target: spec.regex_target,
            regexes: compile(&spec.regexes)?,
            stopwords: if stopwords.is_empty() {
                None
            } else {
                let builder = AhoCorasick::builder().ascii_case_insensitive(true).build(stopwords);
                Some(builder.map_err(|why| error(why.to_string()))?)
            },
            expression: match &spec.expression {
                None => None,
                Some(source) => Some(Expression::new(source).map_err(error)?),
            },
        };
        let empty = list.commits.is_empty()
            && list.paths.is_empty()
            && list.regexes.is_empty()
            && list.stopwords.is_none()
            && list.expression.is_none();
        if empty {
            return Err(error("it holds no commits, paths, regexes or stopwords".into()));
        }
        Ok(list)
    }

    /// Whether the candidate is fine.
    pub fn allows(&self, candidate: Candidate<'_>) -> bool {
        let commit = || candidate.commit.is_some_and(|id| self.commits.iter().any(|c| c == id));
        let regex = || {
            let text = match self.target {
                RegexTarget::Secret => candidate.secret,
                RegexTarget::Match => candidate.matched,
                RegexTarget::Line => candidate.line,
            };
            self.regexes.iter().any(|regex| regex.find(text).is_some_and(|m| !m.is_empty()))
        };
        let stopword = || self.stopwords.as_ref().is_some_and(|set| set.is_match(candidate.secret));
        // One that cannot be evaluated discards nothing.
        let expression =
            || self.expression.as_ref().is_some_and(|e| e.holds(candidate) == Ok(true));
        let kinds: [(bool, &dyn Fn() -> bool); 5] = [
            (self.commits.is_empty(), &commit),
            (self.paths.is_empty(), &|| self.allows_path(candidate.path)),
            (self.stopwords.is_none(), &stopword),
            (self.regexes.is_empty(), &regex),
            (self.expression.is_none(), &expression),
        ];
        let mut present = kinds.iter().filter(|(absent, _)| !absent);
        match self.condition {
            Condition::Or => present.any(|(_, holds)| holds()),
            Condition::And => present.all(|(_, holds)| holds()),
        }
    }

    /// Whether every finding at `path` is fine, whatever it is: nothing there needs a scan.
    pub fn allows_all_of(&self, path: &str) -> bool {
        if let Some(expression) = &self.expression {
            let file = Candidate { path, ..Candidate::default() };
            return expression.is_about_files() && expression.holds(file) == Ok(true);
        }
        let alone = self.commits.is_empty() && self.regexes.is_empty() && self.stopwords.is_none();
        (self.condition == Condition::Or || alone) && self.allows_path(path)
    }

    fn allows_path(&self, path: &str) -> bool {
        !path.is_empty()
            && self.paths.iter().any(|regex| {
                regex.is_match(path.as_bytes())
                    || (path.contains('/') && regex.is_match(path.replace('/', "\\").as_bytes()))
            })
    }
}
