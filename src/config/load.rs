//! A configuration file, with all that it extends, to the rules of a scan.

use std::path::Path;
use std::sync::Arc;

use super::ConfigError;
use super::discover::{self, Found};
use super::policy::{self, Policy};
use super::reader::{Source, Table};
use super::rules::{self, Dialect, RuleEntry};
use super::yaml;
use crate::detect::allow::{Allowlist, Effect};
use crate::detect::rule::Rule;
use crate::detect::spec::{AllowlistSpec, RuleSpec};
use crate::detect::{RuleError, RuleSet, builtin_rules, restore_texts};

/// How deep files may extend each other.
const MAX_EXTEND: usize = 2;

/// What a scan needs of its configuration.
pub struct Config {
    /// The rules.
    pub rules: RuleSet,
    /// Settings of the scan.
    pub scan: Scan,
    /// Parameters and exceptions of policies.
    pub policy: Policy,
    /// What was odd: unknown keys, rules that are not there.
    pub warnings: Vec<String>,
}

/// `[scan]` of `.keystrel.toml`: what the command line can say too. `None` where the file is silent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// Least severity that makes the exit code 1.
    pub fail_on: Option<String>,
    /// Least confidence that is reported.
    pub min_confidence: Option<String>,
    /// How cautious the model for passwords and unknown tokens is: `pre-commit`, `ci` or `audit`.
    pub profile: Option<String>,
    /// Depth of decoding.
    pub decode_depth: Option<usize>,
    /// Largest file, in bytes.
    pub max_file_size: Option<u64>,
    /// Whether history is scanned.
    pub history: Option<bool>,
    /// Whether comments in the scanned text suppress.
    pub inline: Option<bool>,
}

/// The built-in rules alone.
///
/// # Errors
/// None in practice: the build checked the rules.
pub fn builtin() -> Result<Config, ConfigError> {
    finish(Draft::with_builtin(), "built-in rules")
}

/// Loads a configuration file.
///
/// # Errors
/// When it, or a file that it extends, cannot be read, parsed or used.
pub fn load(found: &Found) -> Result<Config, ConfigError> {
    let mut draft = Draft::default();
    let base = found.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    draft.read(found, base, 0)?;
    finish(draft, &found.name)
}

/// Whose configuration a file is: of keystrel by its name, or by tables that nobody else has; else of gitleaks, or of one
/// of its kind.
fn dialect(found: &Found, top: &Table<'_>) -> Dialect {
    let name = found.path.as_ref().and_then(|path| path.file_name()).unwrap_or_default();
    let name = name.to_string_lossy();
    let has_own = || !name.contains("leaks") && (top.has("scan") || top.has("policy"));
    if name.contains("keystrel") || (found.path.is_some() && has_own()) {
        Dialect::Keystrel
    } else {
        Dialect::Gitleaks
    }
}

/// Rules and allowlists while files extend each other.
#[derive(Default)]
struct Draft {
    rules: Vec<RuleEntry>,
    allowlists: Vec<(AllowlistSpec, String)>,
    disabled: Vec<String>,
    scan: Scan,
    policy: Policy,
    warnings: Vec<String>,
    has_builtin: bool,
}

impl Draft {
    fn with_builtin() -> Self {
        let mut draft = Self::default();
        draft.add_builtin();
        draft
    }

    fn add_builtin(&mut self) {
        self.has_builtin = true;
        let entry = |spec| RuleEntry { spec, has_specificity: true, line: 0, file: String::new() };
        self.rules.extend(builtin_rules().into_iter().map(entry));
    }

    fn read(&mut self, found: &Found, base: &Path, depth: usize) -> Result<(), ConfigError> {
        if yaml::is_yaml(found) {
            return self.read_yaml(found);
        }
        let source = Source { name: &found.name, text: &found.text };
        let parsed = source.parse()?;
        let mut top = Table::top(&source, parsed.get_ref());
        let dialect = dialect(found, &top);
        for key in ["title", "description", "minversion", "betterleaksminversion"] {
            top.ignore(key);
        }
        self.extend(&mut top, dialect, base, depth)?;
        if dialect == Dialect::Keystrel
            && let Some(table) = top.table("scan")?
        {
            self.read_scan(table)?;
        }
        if dialect == Dialect::Keystrel
            && let Some(table) = top.table("policy")?
        {
            self.policy = policy::read(table, &found.name, &mut self.warnings)?;
        }
        for table in top.tables("rules")? {
            let entry = rules::rule(table, dialect, &found.name, &mut self.warnings)?;
            self.add(entry);
        }
        if top.has("allowlist") && top.has("allowlists") {
            return Err(top.error("both `allowlist` and `allowlists`: use the latter"));
        }
        let mut lists = top.tables("allowlists")?;
        lists.extend(top.tables("allowlist")?);
        for list in lists {
            let list = rules::allowlist(list, dialect, &mut self.warnings)?;
            self.allowlists.push((list, found.name.clone()));
        }
        for key in ["prefilter", "filter"] {
            let list = rules::expression(&mut top, key)?;
            self.allowlists.extend(list.map(|list| (list, found.name.clone())));
        }
        top.warn_of_rest(&mut self.warnings);
        Ok(())
    }

    fn read_yaml(&mut self, found: &Found) -> Result<(), ConfigError> {
        let yaml::Foreign { rules, allowlists, disabled, warnings } = yaml::read(found)?;
        if !self.has_builtin {
            self.add_builtin();
        }
        for rule in rules {
            self.add(rule);
        }
        self.allowlists.extend(allowlists.into_iter().map(|list| (list, found.name.clone())));
        self.disabled.extend(disabled);
        self.warnings.extend(warnings);
        Ok(())
    }

    /// What the file builds on comes first, so that it can override it.
    fn extend(
        &mut self,
        top: &mut Table<'_>,
        dialect: Dialect,
        base: &Path,
        depth: usize,
    ) -> Result<(), ConfigError> {
        let mut use_default = dialect == Dialect::Keystrel;
        let mut path = None;
        if let Some(mut table) = top.table("extend")? {
            let said = table.boolean("usedefault")?;
            path = table.string("path")?;
            if said == Some(true) && path.is_some() && dialect == Dialect::Gitleaks {
                return Err(table.error("`useDefault` and `path` exclude each other"));
            }
            use_default = said.unwrap_or(use_default && path.is_none());
            self.disabled.extend(table.strings("disabledrules")?);
            table.ignore("url");
            table.warn_of_rest(&mut self.warnings);
        }
        if (use_default || path.is_some()) && depth >= MAX_EXTEND {
            let why = format!("files extend each other more than {MAX_EXTEND} deep: not followed");
            self.warnings.push(why);
            return Ok(());
        }
        if use_default && !self.has_builtin {
            self.add_builtin();
        }
        if let Some(path) = path {
            let path = base.join(path);
            let found = discover::read(&path)?;
            let base = path.parent().unwrap_or(Path::new(""));
            self.read(&found, base, depth + 1)?;
        }
        Ok(())
    }

    /// Adds a rule, or lays it over the one with its id: what it names replaces, lists are appended.
    fn add(&mut self, new: RuleEntry) {
        let Some(old) = self.rules.iter_mut().find(|old| old.spec.id == new.spec.id) else {
            self.rules.push(new);
            return;
        };
        let RuleEntry { spec, has_specificity, line, file } = new;
        let spec = *spec;
        let base = &mut old.spec;
        restore_texts(base);
        let replace = |slot: &mut String, value: String| {
            if !value.is_empty() {
                *slot = value;
            }
        };
        replace(&mut base.description, spec.description);
        replace(&mut base.rotation, spec.rotation);
        if spec.regex.is_some() || spec.value.is_some() {
            (base.regex, base.value, base.names) = (spec.regex, spec.value, spec.names);
            (base.shape, base.length, base.checksum) = (None, None, spec.checksum.clone());
            base.rematch = spec.rematch;
            base.context = None;
            (old.line, old.file) = (line, file);
        }
        if !spec.keywords.is_empty() {
            base.shape = None;
        }
        for (slot, value) in [
            (&mut base.path, spec.path),
            (&mut base.severity, spec.severity),
            (&mut base.confidence, spec.confidence),
            (&mut base.checksum, spec.checksum),
            (&mut base.profile, spec.profile),
        ] {
            if value.is_some() {
                *slot = value;
            }
        }
        if spec.entropy != 0.0 {
            base.entropy = spec.entropy;
        }
        if spec.secret_group != 0 {
            base.secret_group = spec.secret_group;
        }
        if has_specificity {
            base.specificity = spec.specificity;
        }
        base.tags.extend(spec.tags);
        base.keywords.extend(spec.keywords);
        base.references.extend(spec.references);
        if spec.allowlists.iter().any(|list| list.expression.is_some()) {
            base.allowlists.retain(|list| list.expression.is_none());
        }
        let lists = spec.allowlists.into_iter().map(|list| AllowlistSpec { user: true, ..list });
        base.allowlists.extend(lists);
    }

    fn read_scan(&mut self, mut table: Table<'_>) -> Result<(), ConfigError> {
        self.scan = Scan {
            fail_on: table.string("failon")?,
            min_confidence: table.string("minconfidence")?,
            profile: table.string("profile")?,
            decode_depth: table.number("decodedepth")?.map(|depth| depth.min(16) as usize),
            max_file_size: table.number("maxfilesize")?,
            history: table.boolean("history")?,
            inline: table.boolean("inline")?,
        };
        table.warn_of_rest(&mut self.warnings);
        Ok(())
    }
}

fn finish(draft: Draft, file: &str) -> Result<Config, ConfigError> {
    let Draft { mut rules, allowlists, disabled, scan, policy, mut warnings, .. } = draft;
    for id in &disabled {
        let before = rules.len();
        rules.retain(|rule| rule.spec.id != *id);
        if rules.len() == before {
            warnings.push(format!("{file}: `disabledRules` names `{id}`, which is no rule here"));
        }
    }
    let mut ready = Vec::with_capacity(rules.len());
    for entry in rules {
        let (line, file) = (entry.line, entry.file.clone());
        let locate = |error: RuleError| match line {
            0 => ConfigError::Rules { file: "built-in rules".into(), source: error },
            _ => ConfigError::Invalid { file: file.clone(), line, why: error.to_string() },
        };
        ready.push(compile(entry.spec).map_err(locate)?);
    }
    let mut global = Vec::new();
    for (mut list, from) in allowlists {
        let known = |id: &String| ready.iter().any(|rule: &Rule| rule.meta.id == *id);
        let (targets, missing): (Vec<_>, Vec<_>) =
            std::mem::take(&mut list.target_rules).into_iter().partition(known);
        for id in &missing {
            warnings.push(format!("{from}: `targetRules` names `{id}`, which is no rule here"));
        }
        if targets.is_empty() && !missing.is_empty() {
            continue;
        }
        let effect = if list.expression.is_some() { Effect::Drop } else { Effect::Suppress };
        let list = Allowlist::new(list, "allowlist", effect)
            .map_err(|source| ConfigError::Rules { file: from.clone(), source })?;
        global.push((Arc::new(list), targets));
    }
    let rules = RuleSet::new(ready, global)
        .map_err(|source| ConfigError::Rules { file: file.to_owned(), source })?;
    Ok(Config { rules, scan, policy, warnings })
}

/// A rule with its allowlists. Those of built-in rules drop matches; those that somebody wrote into a
/// configuration suppress them, which the report tells.
fn compile(mut spec: Box<RuleSpec>) -> Result<Rule, RuleError> {
    if let (Some(value), None) = (&spec.value, &spec.regex) {
        spec.regex = Some(crate::detect::analysis::assignment(&spec.names, value));
        spec.keywords.extend(spec.names.iter().cloned());
    }
    let lists = std::mem::take(&mut spec.allowlists);
    let builtin = !spec.family.is_empty();
    let mut rule = Rule::new(spec)?;
    for list in lists {
        let list = if builtin && !list.user {
            Allowlist::builtin(list)
        } else {
            // Expressions and checksums say what is no secret at all.
            let is_part = list.expression.is_some() || list.checksum.is_some();
            let effect = if is_part { Effect::Drop } else { Effect::Suppress };
            Allowlist::new(list, &rule.meta.id, effect)?
        };
        rule.allowlists.push(Arc::new(list));
    }
    Ok(rule)
}
