//! Reads `rules/*.toml`, checks every rule, works out where its regex has to run, and embeds the
//! result. Examples go into a file of their own: only `keystrel rules` reads them. `policies/**/*.rego`
//! are embedded as they are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[expect(unreachable_pub, dead_code, reason = "shared with the library, which uses all of it")]
#[path = "src/detect"]
mod detect {
    pub mod analysis;
    pub mod opening;
    pub mod spec;
}

use detect::{analysis, spec};

/// Most bytes of one match: the engine's `model::MAX_MATCH`.
const MAX_MATCH: usize = 32 << 10;
/// Most bytes that a regex may count to: each is a state of its automaton.
const MAX_COUNTED: usize = 8 << 10;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=rules");
    let mut files: Vec<PathBuf> = fs::read_dir("rules")
        .map_err(|error| format!("rules: {error}"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut ids = BTreeSet::new();
    let mut rules = Vec::new();
    let mut examples = Vec::new();
    let mut errors = Vec::new();
    for path in &files {
        let file = match read(path) {
            Ok(file) => file,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let family = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for mut rule in file.rules {
            let named = format!("{}: rule `{}`", path.display(), rule.id);
            rule.family.clone_from(&family);
            rule.provider.clone_from(&file.provider);
            if !ids.insert(rule.id.clone()) {
                errors.push(format!("{named}: another rule has this id"));
            }
            errors.extend(prepare(&mut rule).into_iter().map(|why| format!("{named}: {why}")));
            let matches = std::mem::take(&mut rule.matches);
            let skip = std::mem::take(&mut rule.skip);
            examples.push((rule.id.clone(), matches, skip));
            rules.push(rule);
        }
    }
    if !errors.is_empty() {
        return Err(format!("{} errors in rules:\n{}", errors.len(), errors.join("\n")));
    }
    rules.sort_by(|a: &spec::RuleSpec, b| a.id.cmp(&b.id));
    let texts: Vec<_> =
        rules.iter_mut().enumerate().map(|(at, rule)| take_texts(at, rule)).collect();
    embed("rules.bin", &rules)?;
    embed("texts.bin", &texts)?;
    embed("examples.bin", &examples)?;
    embed_policies()
}

/// Embeds the text of every policy and its tests under its path, `policies/vault/token.rego`.
fn embed_policies() -> Result<(), String> {
    println!("cargo::rerun-if-changed=policies");
    let mut policies = Vec::new();
    find_policies(Path::new("policies"), &mut policies)?;
    policies.sort();
    embed("policies.bin", &policies)
}

fn find_policies(directory: &Path, into: &mut Vec<(String, String)>) -> Result<(), String> {
    let named = |error| format!("{}: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.is_dir() {
            find_policies(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rego") {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            into.push((path.to_string_lossy().replace('\\', "/"), text));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<spec::RuleFile, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: spec::RuleFile =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if file.provider.is_empty() {
        return Err(format!("{}: `provider` is missing", path.display()));
    }
    if file.rules.is_empty() {
        return Err(format!("{}: no rules", path.display()));
    }
    Ok(file)
}

/// Completes a rule and says what is wrong with it.
fn prepare(rule: &mut spec::RuleSpec) -> Vec<String> {
    let mut errors = Vec::new();
    let mut require = |holds: bool, what: &str| {
        if !holds {
            errors.push(what.to_owned());
        }
    };
    require(rule.id.starts_with(&rule.family), "the id does not begin with the file's name");
    require(!rule.description.is_empty(), "`description` is missing");
    require(!rule.rotation.is_empty(), "`rotation` is missing");
    require(!rule.references.is_empty(), "`references` is missing");
    require(rule.severity.is_some(), "`severity` is missing");
    require(rule.confidence.is_some(), "`confidence` is missing");
    require(rule.matches.len() >= 3, "fewer than three `match` examples");
    require(rule.skip.len() >= 2, "fewer than two `skip` examples");
    require(rule.value.is_none() || !rule.names.is_empty(), "`value` without `names`");
    if let Some(value) = &rule.value {
        rule.regex = Some(analysis::assignment(&rule.names, value));
        rule.keywords.clone_from(&rule.names);
    }
    let path = rule.path.as_deref().map(analysis::parse);
    require(!matches!(path, Some(Err(_))), "`path` is no regex");
    let Some(regex) = &rule.regex else {
        let has_way = rule.path.is_some() || rule.context.is_some();
        require(has_way, "neither `regex`, `value`, `context` nor `path`");
        return errors;
    };
    match analysis::parse(regex) {
        Err(error) => errors.push(error),
        Ok(hir) => {
            let shape = analysis::shape(&hir, &rule.keywords, MAX_MATCH);
            // What is unbounded after the keyword is cut at the engine's limit; before it there is none.
            let bounded = analysis::max_len(&hir).is_some_and(|len| len <= MAX_COUNTED);
            require(
                bounded
                    || shape.crosses_lines && shape.anchors.iter().all(|a| a.before < MAX_COUNTED),
                "the regex is unbounded, or a match can be longer than 8 KiB",
            );
            require(
                is_windowed(&shape, rule),
                "a match need not hold one of the keywords, so the regex cannot be windowed",
            );
            rule.shape = Some(shape);
        }
    }
    errors
}

fn embed<T: serde::Serialize>(name: &str, what: &T) -> Result<(), String> {
    let bytes = postcard::to_allocvec(what).map_err(|error| format!("{name}: {error}"))?;
    let directory = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    fs::write(Path::new(&directory).join(name), bytes).map_err(|error| format!("{name}: {error}"))
}

/// Whether the rule runs in windows around literals, or on few files alone.
fn is_windowed(shape: &spec::Shape, rule: &spec::RuleSpec) -> bool {
    let by_literals = rule.keywords.is_empty() && !shape.anchors.is_empty();
    by_literals || rule.path.is_some() || analysis::anchors_imply(shape, &rule.keywords)
}

/// What people read of a rule, in the order of the fields of `model::AboutText`.
type Texts = (String, Vec<String>, Vec<String>, String, String, Vec<String>, Vec<String>);

/// Takes out what scans without findings do not need.
fn take_texts(at: usize, rule: &mut spec::RuleSpec) -> Texts {
    rule.about = Some(at as u32);
    let implied = rule.shape.as_ref().is_some_and(|shape| shape.implied);
    let keywords = rule.keywords.clone();
    if implied {
        rule.keywords.clear();
    }
    (
        std::mem::take(&mut rule.description),
        std::mem::take(&mut rule.tags),
        std::mem::take(&mut rule.references),
        std::mem::take(&mut rule.rotation),
        std::mem::take(&mut rule.provider),
        keywords,
        std::mem::take(&mut rule.names),
    )
}
