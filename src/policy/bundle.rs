//! The policies that are built in, and those in directories of the user.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use super::interpreter::{self, Params};
use super::outline::{self, Outline};
use super::{PolicyError, Problem, calls, check, metadata};
use crate::model::{Control, display_path};

/// Packages with this prefix are keystrel's own.
pub(super) const OWN: &str = "keystrel.";
/// Packages of what several policies use. Users may too.
const LIBRARY: &str = "keystrel.lib.";
/// What stands for the directory of built-in policies in messages. No directory of a user is called so.
const BUILTIN: &str = "<keystrel>";
/// What names of files with tests end with.
const TEST: &str = "_test.rego";
/// Largest policy, in bytes, as regorus has it.
const MAX_FILE: u64 = 1 << 20;
/// Deepest directory below the one that was given.
const MAX_DEPTH: usize = 16;

/// Policies with their controls.
#[derive(Debug, Clone)]
pub struct Bundle {
    modules: Vec<Module>,
    controls: Vec<Arc<Control>>,
}

/// A file of a policy or of its tests.
#[derive(Debug, Clone)]
pub struct Module {
    /// Its name, for messages.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its package, without `data`.
    pub package: String,
    /// Whether it holds tests: its name ends `_test.rego`.
    pub is_test: bool,
    /// Whether it is built in, rather than from a directory.
    pub is_builtin: bool,
    pub(super) outline: Arc<Outline>,
}

impl Bundle {
    /// The policies that are built in, with their tests.
    ///
    /// # Errors
    /// None in practice: tests check them.
    pub fn builtin() -> Result<Self, PolicyError> {
        Self::of(builtin_modules(|_, _| true)?)
    }

    /// Of the policies that are built in the files in whose text one of `words` stands, such as the id of a control or a
    /// kind of facts, with all libraries and without tests: it is reading metadata that takes long.
    ///
    /// # Errors
    /// None in practice: tests check them.
    pub fn builtin_about<'a>(
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, PolicyError> {
        let words: Vec<_> = words.into_iter().map(memmem::Finder::new).collect();
        let is_about = |text: &str| words.iter().any(|word| word.find(text.as_bytes()).is_some());
        let is_library = |path: &str| path.starts_with("policies/lib/");
        Self::of(builtin_modules(|path, text| {
            !path.ends_with(TEST) && (is_library(path) || is_about(text))
        })?)
    }

    /// The policies that are built in and those of `directories`, which use packages of their own.
    ///
    /// # Errors
    /// When a directory cannot be read or a policy cannot be used.
    pub fn load(directories: &[impl AsRef<Path>]) -> Result<Self, PolicyError> {
        let mut modules = builtin_modules(|_, _| true)?;
        for directory in directories {
            modules.extend(read_directory(directory.as_ref())?);
        }
        Self::of(modules)
    }

    /// The policies of `directory` to be tested: with those that are built in beside them, or, if they
    /// are keystrel's own, with those libraries that are not there.
    ///
    /// # Errors
    /// When the directory cannot be read or a policy cannot be used.
    pub fn to_test(directory: &Path) -> Result<Self, PolicyError> {
        let own = read_directory(directory)?;
        let replaces = own.iter().any(|module| module.package.starts_with(OWN));
        let mut modules = builtin_modules(|_, _| true)?;
        if replaces {
            modules.retain(|builtin| {
                let package = &builtin.package;
                let is_library = package.starts_with(LIBRARY) && !builtin.is_test;
                is_library && !own.iter().any(|module| module.package == *package)
            });
        }
        modules.extend(own);
        let mut bundle = Self::read(modules);
        if !replaces {
            bundle.1.extend(intruders(&bundle.0.modules));
        }
        bundle.0.or_problems(bundle.1)
    }

    fn of(modules: Vec<Module>) -> Result<Self, PolicyError> {
        let (bundle, mut problems) = Self::read(modules);
        problems.extend(intruders(&bundle.modules));
        bundle.or_problems(problems)
    }

    fn or_problems(self, mut problems: Vec<Problem>) -> Result<Self, PolicyError> {
        problems.sort();
        if problems.is_empty() { Ok(self) } else { Err(PolicyError::Invalid(problems)) }
    }

    fn read(modules: Vec<Module>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut controls: BTreeMap<String, Arc<Control>> = BTreeMap::new();
        for module in &modules {
            if module.outline.package.is_none() {
                let why = "the package is missing".to_owned();
                problems.push(Problem { file: module.path.clone(), line: 1, why });
            }
            problems.extend(check::impure(module));
            if module.is_test {
                continue;
            }
            let (found, wrong) = metadata::controls(&module.path, &module.outline);
            problems.extend(wrong);
            for control in found {
                if let Some(other) = controls.get(&control.id) {
                    let why = format!(
                        "`{}` is the id of another control at {}:{}",
                        control.id, other.file, other.line
                    );
                    problems.push(Problem { file: control.file, line: control.line, why });
                    continue;
                }
                controls.insert(control.id.clone(), Arc::new(control));
            }
        }
        let bundle = Self { modules, controls: controls.into_values().collect() };
        // Tests look at what is built in.
        if bundle.modules.iter().any(|module| !module.is_builtin) {
            problems.extend(calls::recursive(&bundle));
        }
        (bundle, problems)
    }

    /// The files, those that are built in first, each part sorted by path.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The controls, sorted by id.
    pub fn controls(&self) -> &[Arc<Control>] {
        &self.controls
    }

    /// The control with an id.
    pub fn find(&self, id: &str) -> Option<&Arc<Control>> {
        let at = self.controls.binary_search_by(|control| control.id.as_str().cmp(id)).ok()?;
        self.controls.get(at)
    }

    /// Whether these parameters can be used.
    ///
    /// # Errors
    /// When one is for no control, or of another type than its default.
    pub fn check(&self, params: &Params) -> Result<(), PolicyError> {
        interpreter::parameters(self, params).map(drop)
    }

    /// Those of the controls alone that are chosen, with what they use: an interpreter takes as long as there is
    /// text. Tests are left out.
    #[must_use]
    pub fn only(mut self, is_chosen: impl Fn(&Control) -> bool) -> Self {
        self.controls.retain(|control| is_chosen(control));
        let mut used: BTreeSet<&str> =
            self.controls.iter().map(|control| control.package.as_str()).collect();
        let mut next: Vec<&str> = used.iter().copied().collect();
        while let Some(package) = next.pop() {
            let own = self.modules.iter().filter(|module| module.package == package);
            for name in own.flat_map(|module| references(&module.text)) {
                // A reference goes on after the package: `data.keystrel.lib.age.days_since`.
                let is_named = |other: &&Module| {
                    let rest = name.strip_prefix(other.package.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let found = self.modules.iter().filter(is_named).map(|m| m.package.as_str());
                next.extend(found.filter(|package| used.insert(package)));
            }
        }
        let used: BTreeSet<String> = used.into_iter().map(str::to_owned).collect();
        self.modules.retain(|module| !module.is_test && used.contains(&module.package));
        self
    }

    /// The control's rules, as they are written: every body with what stands between.
    pub fn source(&self, control: &Control) -> String {
        let Some(module) = self.modules.iter().find(|module| module.path == control.file) else {
            return String::new();
        };
        let name = control.rule();
        let lines: Vec<&str> = module.text.lines().collect();
        let mut text = String::new();
        for rule in module.outline.rules.iter().filter(|rule| rule.name == name) {
            // Up to the brace at the first column, or the head alone.
            let body = lines.get(rule.line - 1..rule.end - 1).unwrap_or_default();
            let length = body.iter().position(|line| line.starts_with('}')).map_or(1, |at| at + 1);
            if !text.is_empty() {
                text.push('\n');
            }
            for line in body.iter().take(length) {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    }
}

/// What a text names below `data`, as far as a path goes.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("data.").map(|(at, literal)| {
        let rest = &text[at + literal.len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.')
    })
}

/// Policies of users in packages that are keystrel's own: they would change what built-in ones say.
fn intruders(modules: &[Module]) -> Vec<Problem> {
    let is_intruder =
        |module: &&Module| !module.is_builtin && format!("{}.", module.package).starts_with(OWN);
    let why = |module: &Module| {
        format!("package `{}`: packages of keystrel's are not for others", module.package)
    };
    let problem = |module: &Module| Problem {
        file: module.path.clone(),
        line: module.outline.package.as_ref().map_or(1, |(_, line)| *line),
        why: why(module),
    };
    modules.iter().filter(is_intruder).map(problem).collect()
}

/// Those that `wants` holds of, by their paths and texts.
fn builtin_modules(wants: impl Fn(&str, &str) -> bool) -> Result<Vec<Module>, PolicyError> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/policies.bin"));
    let files: Vec<(&str, &str)> = postcard::from_bytes(bytes).map_err(|error| {
        let why = format!("what the build embedded cannot be read: {error}");
        PolicyError::Invalid(vec![Problem { file: "policies".into(), line: 1, why }])
    })?;
    let named =
        |path: &str| format!("{BUILTIN}/{}", path.strip_prefix("policies/").unwrap_or(path));
    let files = files.into_iter().filter(|(path, text)| wants(path, text));
    Ok(files.map(|(path, text)| module(named(path), text.to_owned(), true)).collect())
}

fn module(path: String, text: String, is_builtin: bool) -> Module {
    let outline = outline::outline(&text);
    let package = outline.package.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
    let is_test = path.ends_with(TEST);
    Module { path, text, package, is_test, is_builtin, outline: Arc::new(outline) }
}

fn read_directory(directory: &Path) -> Result<Vec<Module>, PolicyError> {
    let mut modules = Vec::new();
    find(directory, 0, &mut modules)?;
    if modules.is_empty() {
        let why = "no policies: no file here ends `.rego`".to_owned();
        let file = display_path(directory);
        return Err(PolicyError::Invalid(vec![Problem { file, line: 1, why }]));
    }
    modules.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(modules)
}

fn find(directory: &Path, depth: usize, into: &mut Vec<Module>) -> Result<(), PolicyError> {
    let cannot = |path: &Path| {
        let path = display_path(path);
        move |source| PolicyError::Read { path, source }
    };
    for entry in fs::read_dir(directory).map_err(cannot(directory))? {
        let entry = entry.map_err(cannot(directory))?;
        let path = entry.path();
        // Hidden names are of tools, such as those through which Kubernetes mounts ConfigMaps a second time.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let about = fs::metadata(&path).map_err(cannot(&path))?;
        // Links are followed: a loop of them is too deep in the end.
        if about.is_dir() {
            if depth >= MAX_DEPTH {
                let why = format!("more than {MAX_DEPTH} directories deep");
                let file = display_path(&path);
                return Err(PolicyError::Invalid(vec![Problem { file, line: 1, why }]));
            }
            find(&path, depth + 1, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rego") {
            let size = about.len();
            if size > MAX_FILE {
                let why = format!("{size} bytes, of at most {MAX_FILE}");
                let file = display_path(&path);
                return Err(PolicyError::Invalid(vec![Problem { file, line: 1, why }]));
            }
            let text = fs::read_to_string(&path).map_err(cannot(&path))?;
            into.push(module(display_path(&path), text, false));
        }
    }
    Ok(())
}
