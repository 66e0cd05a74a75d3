//! Allowlists: what is fine although a rule matches.

use std::cell::Cell;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::RuleError;
use super::expression::Expression;
use super::liquid::Template;
use super::placeholders::is_placeholder;
use super::rule::path_regex;
use super::spec::{AllowlistSpec, ChecksumSpec, Condition, RegexTarget};
use crate::model::{Confidence, Span};

/// What is wrong with an allowlist that says nothing.
pub const EMPTY: &str = "the allowlist holds no commits, paths, regexes, stopwords or placeholders";

/// An allowlist. Its regexes compile when they are first needed.
#[derive(Debug)]
pub struct Allowlist {
    /// Why it is fine; may be empty.
    pub description: String,
    /// What its matches become.
    pub effect: Effect,
    spec: AllowlistSpec,
    matchers: OnceLock<Matchers>,
}

/// What an allowlist is compiled to. Empty where it has no such kind of condition.
#[derive(Debug, Default)]
struct Matchers {
    commits: Vec<String>,
    paths: Vec<Regex>,
    regexes: Vec<Regex>,
    stopwords: Option<AhoCorasick>,
    expression: Option<Expression>,
    blocks: Vec<Regex>,
    checksum: Option<Templates>,
}

/// The templates of a checksum.
#[derive(Debug)]
struct Templates {
    actual: Template,
    expected: Template,
    requires: Option<String>,
    skip_if_missing: bool,
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
    /// Offsets of the secret in `text`.
    pub secret_at: Span,
    /// The groups of the rule's regex that have a name and take part in the match.
    pub groups: &'a [(&'a str, &'a [u8])],
    /// Id of the rule.
    pub rule: &'a str,
    /// The rule's description.
    pub description: &'a str,
    /// Where an expression puts the confidence that it sets, if anybody asks.
    pub confidence: Option<&'a Cell<Option<Confidence>>>,
}

impl Matchers {
    fn new(spec: &AllowlistSpec) -> Result<Self, String> {
        let compile = |patterns: &[String]| -> Result<Vec<Regex>, String> {
            patterns.iter().map(|pattern| path_regex(pattern)).collect()
        };
        let stopwords: Vec<&String> = spec.stopwords.iter().filter(|w| !w.is_empty()).collect();
        Ok(Self {
            commits: spec.commits.iter().map(|id| id.to_ascii_lowercase()).collect(),
            paths: compile(&spec.paths)?,
            regexes: compile(&spec.regexes)?,
            stopwords: if stopwords.is_empty() {
                None
            } else {
                let builder = AhoCorasick::builder().ascii_case_insensitive(true).build(stopwords);
                Some(builder.map_err(|why| why.to_string())?)
            },
            expression: spec.expression.as_deref().map(Expression::new).transpose()?,
            blocks: compile(&spec.blocks)?,
            checksum: spec.checksum.as_ref().map(Templates::new).transpose()?,
        })
    }
}

impl Allowlist {
    /// Compiles `spec`, which stands at `rule` (an id, or `allowlist` for a global one).
    ///
    /// # Errors
    /// When a regex is not one, or the allowlist holds no condition.
    pub fn new(spec: AllowlistSpec, rule: &str, effect: Effect) -> Result<Self, RuleError> {
        let error = |why: String| RuleError { rule: rule.to_owned(), what: "allowlist", why };
        let empty = spec.commits.is_empty()
            && spec.paths.is_empty()
            && spec.regexes.is_empty()
            && spec.stopwords.iter().all(String::is_empty)
            && !spec.placeholders
            && spec.expression.is_none()
            && spec.blocks.is_empty()
            && spec.checksum.is_none();
        if empty {
            return Err(error(EMPTY.into()));
        }
        let matchers = Matchers::new(&spec).map_err(error)?;
        Ok(Self { matchers: OnceLock::from(matchers), ..Self::builtin(spec) }.with_effect(effect))
    }

    /// An allowlist of a built-in rule: a test compiles them all, so that no scan needs to.
    pub fn builtin(spec: AllowlistSpec) -> Self {
        let description = spec.description.clone();
        Self { description, effect: Effect::Drop, spec, matchers: OnceLock::new() }
    }

    fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    fn matchers(&self) -> &Matchers {
        self.matchers.get_or_init(|| Matchers::new(&self.spec).unwrap_or_default())
    }

    /// Whether the candidate is fine.
    pub fn allows(&self, candidate: Candidate<'_>) -> bool {
        let m = self.matchers();
        let commit = || candidate.commit.is_some_and(|id| m.commits.iter().any(|c| c == id));
        let regex = || {
            let text = match self.spec.regex_target {
                RegexTarget::Secret => candidate.secret,
                RegexTarget::Match => candidate.matched,
                RegexTarget::Line => candidate.line,
            };
            m.regexes.iter().any(|regex| regex.find(text).is_some_and(|m| !m.is_empty()))
        };
        let stopword = || m.stopwords.as_ref().is_some_and(|set| set.is_match(candidate.secret));
        // One that cannot be evaluated discards nothing.
        let expression = || m.expression.as_ref().is_some_and(|e| e.holds(candidate) == Ok(true));
        let block = || m.blocks.iter().any(|regex| lies_within(candidate, regex));
        let checksum = || m.checksum.as_ref().is_some_and(|templates| templates.fail(candidate));
        let placeholder = || is_placeholder(candidate.secret);
        let kinds: [(bool, &dyn Fn() -> bool); 8] = [
            (m.commits.is_empty(), &commit),
            (m.paths.is_empty(), &|| self.allows_path(candidate.path)),
            (m.stopwords.is_none(), &stopword),
            (!self.spec.placeholders, &placeholder),
            (m.regexes.is_empty(), &regex),
            (m.expression.is_none(), &expression),
            (m.blocks.is_empty(), &block),
            (m.checksum.is_none(), &checksum),
        ];
        let mut present = kinds.iter().filter(|(absent, _)| !absent);
        match self.spec.condition {
            Condition::Or => present.any(|(_, holds)| holds()),
            Condition::And => present.all(|(_, holds)| holds()),
        }
    }

    /// What is written of it.
    pub(super) fn spec(&self) -> &AllowlistSpec {
        &self.spec
    }

    /// Whether it looks at more of the text than the match.
    pub(super) fn looks_around(&self) -> bool {
        let AllowlistSpec { expression, blocks, regex_target, regexes, .. } = &self.spec;
        expression.is_some()
            || !blocks.is_empty()
            || *regex_target == RegexTarget::Line && !regexes.is_empty()
    }

    /// What is wrong with a built-in one, if anything.
    ///
    /// # Errors
    /// What [`Allowlist::new`] would have said.
    pub fn check(&self) -> Result<(), String> {
        Matchers::new(&self.spec).map(|_| ())
    }

    /// Whether every finding at `path` is fine, whatever it is: nothing there needs a scan.
    pub fn allows_all_of(&self, path: &str) -> bool {
        let m = self.matchers();
        if let Some(expression) = &m.expression {
            let file = Candidate { path, ..Candidate::default() };
            return expression.is_about_files() && expression.holds(file) == Ok(true);
        }
        let alone = m.commits.is_empty()
            && m.regexes.is_empty()
            && m.stopwords.is_none()
            && !self.spec.placeholders
            && m.blocks.is_empty()
            && m.checksum.is_none();
        (self.spec.condition == Condition::Or || alone) && self.allows_path(path)
    }

    fn allows_path(&self, path: &str) -> bool {
        !path.is_empty()
            && self.matchers().paths.iter().any(|regex| {
                regex.is_match(path.as_bytes())
                    || (path.contains('/') && regex.is_match(path.replace('/', "\\").as_bytes()))
            })
    }
}

/// Whether the secret lies within a match of `regex` on the whole text.
fn lies_within(candidate: Candidate<'_>, regex: &Regex) -> bool {
    let secret = candidate.secret_at;
    regex
        .find_iter(candidate.text)
        .take_while(|block| block.start() <= secret.start)
        .any(|block| block.end() >= secret.end)
}

impl Templates {
    fn new(spec: &ChecksumSpec) -> Result<Self, String> {
        Ok(Self {
            actual: Template::new(&spec.actual)?,
            expected: Template::new(&spec.expected)?,
            requires: spec.requires.clone(),
            skip_if_missing: spec.skip_if_missing,
        })
    }

    /// Whether the match has another checksum than it should have.
    fn fail(&self, candidate: Candidate<'_>) -> bool {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // Groups go by their own name and by that in upper case.
        let group = |name: &str| {
            let named = |(own, _): &&(&str, &[u8])| *own == name || own.to_uppercase() == name;
            candidate.groups.iter().find(named).map(|(_, value)| text(value))
        };
        let variable = |name: &str| match name {
            "FULL_MATCH" => Some(text(candidate.matched)),
            "MATCH" | "TOKEN" => group(name).or_else(|| Some(text(candidate.secret))),
            _ => group(name),
        };
        let is_there = self.requires.as_deref().is_none_or(|name| variable(name).is_some());
        let rendered = (self.actual.render(&variable), self.expected.render(&variable));
        match rendered {
            (Some(actual), Some(expected)) if is_there => actual != expected,
            _ => !self.skip_if_missing,
        }
    }
}
