//! Calls of functions that do not exist, or that come back to their caller. regorus tells of the former when it
//! gets there, which may be in production, and of the latter not at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{Bundle, Module, Problem, outline};

/// What may stand before a parenthesis and is no function: keywords, and the empty set.
const KEYWORDS: &[&str] = &["as", "contains", "else", "if", "in", "not", "set", "with"];

/// The functions that policies of a bundle can call.
pub(super) struct Functions {
    /// The rules of all packages: `user.shop.is_ours`.
    rules: BTreeSet<String>,
    /// Names that were asked for, and whether they are built in.
    builtin: RefCell<BTreeMap<String, bool>>,
    call: Regex,
    import: Regex,
}

impl Functions {
    pub(super) fn of(bundle: &Bundle) -> Self {
        let of_module = |module: &Module| {
            let package = module.package.clone();
            let names = module.outline.rules.iter().map(|rule| rule.name.clone());
            names.map(|name| format!("{package}.{name}")).collect::<Vec<_>>()
        };
        let regex = |pattern| Regex::new(pattern).expect("`tests` run it");
        Self {
            rules: bundle.modules().iter().flat_map(of_module).collect(),
            builtin: RefCell::default(),
            call: regex(r"(?:^|[^.\w])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\("),
            import: regex(r"(?m)^import[ \t]+data\.([\w.]+)(?:[ \t]+as[ \t]+(\w+))?"),
        }
    }

    /// Whether the interpreter has it. It tells nobody its table, but says of a call what is wrong.
    fn is_builtin(&self, name: &str) -> bool {
        *self.builtin.borrow_mut().entry(name.to_owned()).or_insert_with(|| {
            let result = regorus::Engine::new().eval_query(format!("{name}(null)"), false);
            !result.is_err_and(|error| format!("{error:#}").contains("could not find function"))
        })
    }
}

/// A call in a policy.
struct Call {
    /// 1-based line.
    line: usize,
    /// As it is written.
    name: String,
    /// The rule that it would be for: `user.shop.is_ours`.
    path: String,
    /// Whether a function that is built in could be meant.
    may_be_builtin: bool,
}

/// Names the calls of a file that go nowhere.
pub(super) fn unknown(module: &Module, functions: &Functions) -> Vec<Problem> {
    let is_unknown = |call: &Call| {
        let is_own = functions.rules.contains(&call.path);
        !(is_own || call.may_be_builtin && functions.is_builtin(&call.name))
    };
    let calls = calls(module, functions).into_iter().filter(is_unknown);
    let problem = |Call { line, name, .. }| {
        let why = format!("there is no function `{name}`");
        Problem { file: module.path.clone(), line, why }
    };
    calls.map(problem).collect()
}

/// Names the functions that call themselves, also by way of others: Rego has no recursion, and regorus would
/// go on until the stack is full.
pub(super) fn recursive(bundle: &Bundle) -> Vec<Problem> {
    let functions = Functions::of(bundle);
    let mut called: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut places: BTreeMap<String, (&Module, usize)> = BTreeMap::new();
    for module in bundle.modules() {
        for rule in &module.outline.rules {
            let name = format!("{}.{}", module.package, rule.name);
            places.entry(name).or_insert((module, rule.line));
        }
        for call in calls(module, &functions) {
            let rules = module.outline.rules.iter();
            let within = rules.rev().find(|rule| (rule.line..rule.end).contains(&call.line));
            if let Some(rule) = within {
                let caller = format!("{}.{}", module.package, rule.name);
                called.entry(caller).or_default().insert(call.path);
            }
        }
    }
    let mut problems = Vec::new();
    for (name, (module, line)) in &places {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = called.get(name).into_iter().flatten().collect();
        while let Some(function) = next.pop() {
            if seen.insert(function) {
                next.extend(called.get(function).into_iter().flatten());
            }
        }
        if seen.contains(name) {
            let why = format!("`{name}` calls itself, which Rego has not");
            problems.push(Problem { file: module.path.clone(), line: *line, why });
        }
    }
    problems
}

fn calls(module: &Module, functions: &Functions) -> Vec<Call> {
    let code = outline::code(&module.text);
    let imports: BTreeMap<&str, &str> = functions
        .import
        .captures_iter(&code)
        .filter_map(|found| {
            let path = found.get(1)?.as_str();
            let last = path.rsplit('.').next().unwrap_or(path);
            Some((found.get(2).map_or(last, |alias| alias.as_str()), path))
        })
        .collect();
    let mut calls = Vec::new();
    for (index, line) in code.lines().enumerate() {
        // The head of a function looks like a call of it.
        let is_head = module.outline.rules.iter().any(|rule| rule.line == index + 1);
        let found = functions.call.captures_iter(line).filter_map(|found| found.get(1));
        for name in found.filter(|name| !(is_head && name.start() == 0)) {
            let name = name.as_str();
            let (first, rest) = name.split_once('.').unwrap_or((name, ""));
            let path = match imports.get(first) {
                Some(path) if rest.is_empty() => (*path).to_owned(),
                Some(path) => format!("{path}.{rest}"),
                None if first == "data" => rest.to_owned(),
                None => format!("{}.{name}", module.package),
            };
            if KEYWORDS.contains(&name) {
                continue;
            }
            let may_be_builtin = !imports.contains_key(first) && first != "data";
            calls.push(Call { line: index + 1, name: name.to_owned(), path, may_be_builtin });
        }
    }
    calls
}
