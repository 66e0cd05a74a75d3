//! One rule, ready to run: its regexes compile when they are first needed.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_syntax::hir::Look;

use super::allow::Allowlist;
use super::checksum::{self, Checksum};
use super::context::{Kind, Profile};
use super::guard::Guard;
use super::ruleset::builtin_texts;
use super::spec::{RuleSpec, Shape};
use super::{RuleError, analysis};
use crate::model::{About, AboutText, Confidence, MAX_MATCH, RuleMeta, Severity};

/// Largest compiled regex, in bytes. Some users' rules repeat classes a thousand times.
const NFA_LIMIT: usize = 256 << 20;
/// Largest lazy automaton of one regex and thread, in bytes.
const HYBRID_LIMIT: usize = 2 << 20;

/// A rule that can be run.
#[derive(Debug)]
pub struct Rule {
    /// What reports know of it.
    pub meta: Arc<RuleMeta>,
    /// The rule as written.
    pub spec: Box<RuleSpec>,
    /// Where to run the regex.
    pub shape: Shape,
    /// Allowlists of its own and global ones that are for it.
    pub allowlists: Vec<Arc<Allowlist>>,
    checksum: Option<&'static Checksum>,
    context: Option<Kind>,
    profile: Profile,
    regex: OnceLock<Option<Regex>>,
    guard: OnceLock<Option<Guard>>,
    path: OnceLock<Option<regex::bytes::Regex>>,
}

impl Rule {
    /// Checks what is written and works out where to run it.
    ///
    /// # Errors
    /// When a regex, checksum, severity or confidence is not one, naming the rule.
    pub fn new(mut spec: Box<RuleSpec>) -> Result<Self, RuleError> {
        let error =
            |what: &'static str, why: String| RuleError { rule: spec.id.clone(), what, why };
        let severity = spec.severity.as_deref().map_or(Ok(Severity::default()), str::parse);
        let confidence = spec.confidence.as_deref().map_or(Ok(Confidence::default()), str::parse);
        let meta = RuleMeta {
            id: spec.id.clone(),
            family: if spec.family.is_empty() { spec.id.clone() } else { spec.family.clone() },
            severity: severity.map_err(|why| error("severity", why))?,
            confidence: confidence.map_err(|why| error("confidence", why))?,
            about: match spec.about {
                Some(index) => About::Later(builtin_texts, index),
                None => About::Given(Box::new(AboutText {
                    description: std::mem::take(&mut spec.description),
                    tags: std::mem::take(&mut spec.tags),
                    references: std::mem::take(&mut spec.references),
                    rotation: std::mem::take(&mut spec.rotation),
                    provider: std::mem::take(&mut spec.provider),
                    keywords: spec.keywords.clone(),
                    names: std::mem::take(&mut spec.names),
                })),
            },
        };
        let checksum =
            match &spec.checksum {
                None => None,
                Some(name) => Some(checksum::find(name).ok_or_else(|| {
                    error("checksum", format!("`{name}` is not a known checksum"))
                })?),
            };
        let context = match &spec.context {
            None => None,
            Some(name) => Some(Kind::of(name).ok_or_else(|| {
                error("context", format!("`{name}` is not a kind of values that the model knows"))
            })?),
        };
        let profile = spec.profile.as_deref().map_or(Ok(Profile::Precise), str::parse);
        let profile = profile.map_err(|why| error("profile", why))?;
        // The build checked the built-in rules.
        let path = OnceLock::new();
        if let (Some(pattern), true) = (&spec.path, spec.family.is_empty()) {
            let compiled = path_regex(pattern).map_err(|why| error("path", why))?;
            path.get_or_init(|| Some(compiled));
        }
        let mut regex = OnceLock::new();
        let shape = match (spec.shape.take(), &spec.regex) {
            (Some(shape), _) => shape,
            (None, None) => Shape::default(),
            (None, Some(pattern)) => {
                let hir = analysis::parse(pattern).map_err(|why| error("regex", why))?;
                if analysis::max_len(&hir).is_none_or(|len| len > 1_000) {
                    // May be over the size limit: that has to be known now, not in the midst of a scan.
                    let compiled = compile(pattern).map_err(|why| error("regex", why))?;
                    regex = OnceLock::from(Some(compiled));
                }
                analysis::shape(&hir, &spec.keywords, MAX_MATCH)
            }
        };
        Ok(Self {
            meta: Arc::new(meta),
            shape,
            allowlists: Vec::new(),
            checksum,
            context,
            profile,
            regex,
            guard: OnceLock::new(),
            path,
            spec,
        })
    }

    /// The compiled regex; none for a rule on paths alone.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| self.spec.regex.as_deref().and_then(|pattern| compile(pattern).ok()))
            .as_ref()
    }

    /// A cheap test that windows without a match mostly fail.
    pub fn guard(&self) -> Option<&Guard> {
        self.guard
            .get_or_init(|| {
                let hir = analysis::parse(self.spec.regex.as_deref()?).ok()?;
                // The regex fails at once where it may match at the start alone; a guard would look at
                // the whole text first.
                if hir.properties().look_set_prefix().contains(Look::Start) {
                    return None;
                }
                Guard::of(&hir)
            })
            .as_ref()
    }

    /// The checksum that its secrets satisfy.
    pub fn checksum(&self) -> Option<&'static Checksum> {
        self.checksum
    }

    /// Whether the rule is for files at `path`. One that names files is not for what has no path: messages of commits, and
    /// what was never a file.
    pub fn is_for_path(&self, path: &str) -> bool {
        self.path().is_none_or(|regex| {
            regex.is_match(path.as_bytes())
                || (path.contains('/') && regex.is_match(path.replace('/', "\\").as_bytes()))
        })
    }

    fn path(&self) -> Option<&regex::bytes::Regex> {
        self.path.get_or_init(|| path_regex(self.spec.path.as_deref()?).ok()).as_ref()
    }

    /// Whether one of the keywords must be seen besides an anchor before the regex runs.
    pub fn is_gated(&self) -> bool {
        !self.spec.keywords.iter().all(String::is_empty)
            && (!self.shape.implied || self.shape.anchors.is_empty())
    }

    /// The kind of values that the model finds for it.
    pub fn context(&self) -> Option<Kind> {
        self.context
    }

    /// The first profile that reports it.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Whether the rule looks at paths alone.
    pub fn is_path_only(&self) -> bool {
        self.spec.regex.is_none() && self.spec.path.is_some() && self.context.is_none()
    }
}

/// Compiles a rule's regex: bytes, Unicode off, look-around sees past the searched range.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            Regex::config()
                .utf8_empty(false)
                .nfa_size_limit(Some(NFA_LIMIT))
                .hybrid_cache_capacity(HYBRID_LIMIT),
        )
        .build(pattern)
        .map_err(|error| match error.syntax_error() {
            Some(syntax) => syntax.to_string(),
            None => error.to_string(),
        })
}

/// Compiles a regex on paths, secrets or lines.
pub(super) fn path_regex(pattern: &str) -> Result<regex::bytes::Regex, String> {
    regex::bytes::RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(NFA_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}
