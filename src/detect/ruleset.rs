//! All rules of a scan, and which literals lead to which of them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::RuleError;
use super::allow::Allowlist;
use super::context::{self, Kind};
use super::prefilter::Prefilter;
use super::rule::Rule;
use super::spec::{Anchor, RuleSpec};
use crate::model::AboutText;

/// The built-in rules as embedded by the build script, sorted by id.
/// Boxed, since they are large and pass through three lists.
pub fn builtin_rules() -> Vec<Box<RuleSpec>> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin")))
        .expect("the build script wrote what this reads")
}

/// What people read of the built-in rules, in the order of [`builtin_rules`]; decoded when first asked.
pub(super) fn builtin_texts() -> &'static [AboutText] {
    static TEXTS: OnceLock<Vec<AboutText>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/texts.bin")))
            .expect("the build script wrote what this reads")
    })
}

/// Puts the texts of a built-in rule back into it, for a configuration that changes them.
pub fn restore_texts(spec: &mut RuleSpec) {
    let Some(index) = spec.about.take() else { return };
    let AboutText { description, tags, references, rotation, provider, keywords, names } =
        builtin_texts()[index as usize].clone();
    (spec.description, spec.tags, spec.references) = (description, tags, references);
    (spec.rotation, spec.provider) = (rotation, provider);
    (spec.keywords, spec.names) = (keywords, names);
}

/// Examples of the built-in rules: id, `match`, `skip`.
pub fn builtin_examples() -> Vec<(String, Vec<String>, Vec<String>)> {
    postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/examples.bin")))
        .expect("the build script wrote what this reads")
}

/// Rules with their prefilter.
pub struct RuleSet {
    /// The rules, sorted by id.
    pub(super) rules: Vec<Rule>,
    /// Global allowlists that leave out whole files by path.
    excludes: Vec<Arc<Allowlist>>,
    pub(super) prefilter: Prefilter,
    pub(super) literals: Vec<Vec<u8>>,
    /// For each literal of the prefilter: what a hit of it means.
    pub(super) uses: Vec<Vec<Use>>,
    /// For each rule: what its matches depend on.
    pub(super) reach: Vec<Reach>,
    /// For each rule: whether what it finds does not depend on what others find elsewhere.
    pub(super) alone: Vec<bool>,
    /// For each literal: which kinds of uses it has.
    pub(super) leads: Vec<Leads>,
    /// Rules that run over whole texts, since their regex requires no literal.
    pub(super) everywhere: Vec<u32>,
    /// Rules on paths alone.
    pub(super) path_only: Vec<u32>,
    /// The rule of each kind of values that the model finds.
    pub(super) context: [Option<u32>; Kind::ALL.len()],
}

/// Rules whose windows reach less than this many bytes from a hit are near.
pub(super) const NEAR: usize = 256;

/// What a hit of a literal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The rule may match from `before` bytes before the hit to `after` bytes after its first.
    Anchor { rule: u32, before: u32, after: u32 },
    /// One of the rule's keywords is there.
    Gate { rule: u32 },
    /// The model may find a value beside it.
    Context,
}

/// What a match of a rule depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// So many bytes before and after a hit; `literal` bytes from there on tell that it is one.
    Bounded { before: u32, after: u32, literal: u32 },
    /// The whole text.
    Whole,
}

impl Reach {
    fn of(rule: &Rule) -> Self {
        let whole = rule.shape.anchors.is_empty()
            || rule.is_gated()
            || rule.allowlists.iter().any(|list| list.looks_around());
        if whole {
            return Self::Whole;
        }
        let most = |of: fn(&Anchor) -> usize| rule.shape.anchors.iter().map(of).max().unwrap_or(0);
        Self::Bounded {
            before: most(|a| a.before) as u32,
            after: most(|a| a.after) as u32,
            literal: most(|a| a.literal.len()).max(rule.shape.opening.bytes()) as u32,
        }
    }

    pub(super) fn is_near(self) -> bool {
        matches!(self, Self::Bounded { before, after, .. } if before.max(after) < NEAR as u32)
    }
}

/// Which kinds of uses a literal has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Leads {
    /// Anchors of near rules.
    pub(super) near: bool,
    /// Anchors of other rules, and gates.
    pub(super) far: bool,
    pub(super) context: bool,
}

impl Leads {
    fn of(uses: &[Use], reach: &[Reach]) -> Self {
        let mut leads = Self::default();
        for used in uses {
            match used {
                Use::Anchor { rule, .. } if reach[*rule as usize].is_near() => leads.near = true,
                Use::Anchor { .. } | Use::Gate { .. } => leads.far = true,
                Use::Context => leads.context = true,
            }
        }
        leads
    }
}

impl RuleSet {
    /// Joins rules with the global allowlists of a configuration.
    ///
    /// # Errors
    /// When two rules have one id, or a `required` or an allowlist names a rule that is not there.
    pub fn new(
        mut rules: Vec<Rule>,
        global: Vec<(Arc<Allowlist>, Vec<String>)>,
    ) -> Result<Self, RuleError> {
        rules.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        if let Some(pair) = rules.windows(2).find(|pair| pair[0].meta.id == pair[1].meta.id) {
            return Err(RuleError {
                rule: pair[0].meta.id.clone(),
                what: "id",
                why: "two rules have this id".into(),
            });
        }
        let position = |id: &str, rule: &str, what| {
            rules.binary_search_by(|r| r.meta.id.as_str().cmp(id)).map_err(|_| RuleError {
                rule: rule.to_owned(),
                what,
                why: format!("there is no rule `{id}`"),
            })
        };
        for rule in &rules {
            for required in &rule.spec.required {
                position(&required.id, &rule.meta.id, "required")?;
            }
        }
        let mut targets = Vec::new();
        let mut excludes = Vec::new();
        for (list, ids) in global {
            if ids.is_empty() {
                excludes.push(list.clone());
                targets.extend((0..rules.len()).map(|i| (i, list.clone())));
            }
            for id in &ids {
                targets.push((position(id, "allowlist", "targetRules")?, list.clone()));
            }
        }
        for (index, list) in targets {
            rules[index].allowlists.push(list);
        }
        Ok(Self::index(rules, excludes))
    }

    fn index(rules: Vec<Rule>, excludes: Vec<Arc<Allowlist>>) -> Self {
        let mut found: Vec<(Cow<'_, [u8]>, Use)> = Vec::with_capacity(rules.len() * 4);
        let mut everywhere = Vec::new();
        let mut path_only = Vec::new();
        let mut context = [None; Kind::ALL.len()];
        for (index, rule) in rules.iter().enumerate() {
            let index = index as u32;
            if let Some(kind) = rule.context() {
                context[kind as usize] = Some(index);
                continue;
            }
            if rule.is_path_only() {
                path_only.push(index);
                continue;
            }
            if rule.shape.anchors.is_empty() {
                everywhere.push(index);
            }
            for anchor in &rule.shape.anchors {
                let (before, after) = (anchor.before as u32, anchor.after as u32);
                let anchored = Use::Anchor { rule: index, before, after };
                found.push((Cow::Borrowed(&anchor.literal), anchored));
            }
            if rule.is_gated() {
                for keyword in &rule.spec.keywords {
                    let literal = keyword.to_ascii_lowercase().into_bytes();
                    found.push((Cow::Owned(literal), Use::Gate { rule: index }));
                }
            }
        }
        if context.iter().any(Option::is_some) {
            let literals = context::LITERALS.iter();
            found.extend(literals.map(|literal| (Cow::Borrowed(literal.as_bytes()), Use::Context)));
        }
        found.retain(|(literal, _)| !literal.is_empty());
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut uses: Vec<Vec<Use>> = Vec::new();
        for (literal, used) in found {
            match uses.last_mut() {
                Some(last) if literals.last().is_some_and(|l| **l == *literal) => last.push(used),
                _ => {
                    literals.push(literal.into_owned());
                    uses.push(vec![used]);
                }
            }
        }
        let prefilter = Prefilter::new(&literals);
        let reach: Vec<Reach> = rules.iter().map(Reach::of).collect();
        let leads = uses.iter().map(|uses| Leads::of(uses, &reach)).collect();
        Self {
            alone: alone(&rules),
            rules,
            excludes,
            prefilter,
            literals,
            uses,
            reach,
            leads,
            everywhere,
            path_only,
            context,
        }
    }

    /// Those of the rules whose ids are listed, and, without reports of their own, those that they
    /// require; with the same global allowlists.
    #[must_use]
    pub fn only(self, ids: &[String]) -> Self {
        let wanted = |rule: &&Rule| ids.contains(&rule.meta.id);
        let parts: Vec<String> = (self.rules.iter().filter(wanted))
            .flat_map(|rule| rule.spec.required.iter().map(|part| part.id.clone()))
            .collect();
        let mut rules = self.rules;
        rules.retain(|rule| ids.contains(&rule.meta.id) || parts.contains(&rule.meta.id));
        for rule in rules.iter_mut().filter(|rule| !ids.contains(&rule.meta.id)) {
            rule.spec.skip_report = true;
        }
        Self::index(rules, self.excludes)
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with that id.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.position(id).map(|at| &self.rules[at])
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.rules.binary_search_by(|rule| rule.meta.id.as_str().cmp(id)).ok()
    }

    /// Whether all that the model finds is so.
    pub(super) fn is_context_alone(&self) -> bool {
        self.context.iter().flatten().all(|&rule| self.alone[rule as usize])
    }

    /// Whether an allowlist names commits.
    pub fn name_commits(&self) -> bool {
        let lists = self.rules.iter().flat_map(|rule| &rule.allowlists).chain(&self.excludes);
        lists
            .into_iter()
            .any(|list| !list.spec().commits.is_empty() || list.spec().expression.is_some())
    }

    /// Hashes all that is written of the rules.
    pub(super) fn hash_into(&self, hash: &mut Sha256) {
        for rule in &self.rules {
            hash_part(hash, &rule.spec);
            hash_part(hash, &rule.shape);
            hash_part(hash, &(rule.meta.severity.name(), rule.meta.confidence.name()));
            for list in &rule.allowlists {
                hash_part(hash, list.spec());
            }
        }
        for list in &self.excludes {
            hash_part(hash, list.spec());
        }
    }

    /// Whether a global allowlist leaves out the file at `path` whatever it holds.
    pub fn excludes(&self, path: &str) -> bool {
        self.excludes.iter().any(|list| list.allows_all_of(path))
    }
}

/// For each rule, whether it has no parts, is none, and is of no provider that has such: [`super::required`].
fn alone(rules: &[Rule]) -> Vec<bool> {
    let is_joined = |rule: &&Rule| rule.spec.skip_report || !rule.spec.required.is_empty();
    let families: HashSet<&str> =
        rules.iter().filter(is_joined).map(|rule| rule.meta.family.as_str()).collect();
    let parts: HashSet<&str> = (rules.iter().flat_map(|rule| &rule.spec.required))
        .map(|required| required.id.as_str())
        .collect();
    let is_alone = |rule: &Rule| {
        !families.contains(rule.meta.family.as_str()) && !parts.contains(rule.meta.id.as_str())
    };
    rules.iter().map(is_alone).collect()
}

fn hash_part(hash: &mut Sha256, part: &impl Serialize) {
    let bytes = postcard::to_allocvec(part).expect("what is written in rules has a length");
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}
