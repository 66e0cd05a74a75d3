//! Calls of functions that do not exist. regorus tells of one when it gets there, which may be in production.

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

/// Names the calls of a file that go nowhere.
pub(super) fn unknown(module: &Module, functions: &Functions) -> Vec<Problem> {
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
    let mut problems = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for name in functions.call.captures_iter(line).filter_map(|found| found.get(1)) {
            let name = name.as_str();
            let (first, rest) = name.split_once('.').unwrap_or((name, ""));
            let path = match imports.get(first) {
                Some(path) if rest.is_empty() => (*path).to_owned(),
                Some(path) => format!("{path}.{rest}"),
                None if first == "data" => rest.to_owned(),
                None => format!("{}.{name}", module.package),
            };
            let is_own = functions.rules.contains(&path) || KEYWORDS.contains(&name);
            let may_be_builtin = !imports.contains_key(first) && first != "data";
            let is_known = is_own || may_be_builtin && functions.is_builtin(name);
            if !is_known {
                let why = format!("there is no function `{name}`");
                problems.push(Problem { file: module.path.clone(), line: index + 1, why });
            }
        }
    }
    problems
}
