//! What several ACL policies allow on a path together
//! (<https://developer.hashicorp.com/vault/docs/concepts/policies>, <https://openbao.org/docs/concepts/policies/>).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::policy::{Limits, Policy};

/// What may be done on a path, and by what.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Grant {
    pub(super) capabilities: BTreeSet<&'static str>,
    /// Names of the policies that say something of the path.
    pub(super) via: BTreeSet<String>,
    pub(super) limits: Limits,
    /// Whether the path was one only for this caller.
    pub(super) templated: bool,
}

impl Grant {
    /// Whether it allows something.
    pub(super) fn allows(&self, capability: &str) -> bool {
        !self.capabilities.contains("deny") && self.capabilities.contains(capability)
    }
}

/// Several policies together, as one token has them.
#[derive(Debug, Default)]
pub(super) struct Acl {
    root: bool,
    exact: HashMap<String, Grant>,
    /// By what stands before the star.
    prefixes: HashMap<String, Grant>,
    /// The lengths of those.
    lengths: BTreeSet<usize>,
    /// With `+`, as written.
    wildcards: BTreeMap<String, Grant>,
}

impl Acl {
    /// What is allowed by everything.
    pub(super) fn root() -> Self {
        Self { root: true, ..Self::default() }
    }

    pub(super) fn is_root(&self) -> bool {
        self.root
    }

    /// Adds a policy of `namespace`. `resolve` says what a path with templates is for the caller; None if it
    /// is nothing for it.
    pub(super) fn add(
        &mut self,
        namespace: &str,
        name: &str,
        policy: &Policy,
        now: Timestamp,
        resolve: &dyn Fn(&str) -> Option<String>,
    ) {
        for rule in &policy.rules {
            if rule.expiration.is_some_and(|end| end < now) {
                continue;
            }
            let templated = rule.path.contains("{{");
            let path = if templated { resolve(&rule.path) } else { Some(rule.path.clone()) };
            let Some(path) = path.filter(|path| !path.contains("+*")) else { continue };
            let path = format!("{namespace}{}", path.strip_prefix('/').unwrap_or(&path));
            let has_wildcard = path == "+" || path.starts_with("+/") || path.contains("/+");
            let grant = if has_wildcard {
                self.wildcards.entry(path).or_default()
            } else if let Some(prefix) = path.strip_suffix('*') {
                self.lengths.insert(prefix.len());
                self.prefixes.entry(prefix.to_owned()).or_default()
            } else {
                self.exact.entry(path).or_default()
            };
            grant.templated |= templated;
            grant.via.insert(name.to_owned());
            if grant.capabilities.contains("deny") || rule.capabilities.contains("deny") {
                // On one and the same path a deny is the last word.
                grant.capabilities = BTreeSet::from(["deny"]);
                continue;
            }
            grant.capabilities.extend(&rule.capabilities);
            grant.limits.parameters |= rule.limits.parameters;
            grant.limits.control_group |= rule.limits.control_group;
            grant.limits.wrapping |= rule.limits.wrapping;
        }
    }

    /// What is said of a path, the namespace before it: by the most specific rule alone.
    pub(super) fn of(&self, path: &str) -> Option<&Grant> {
        self.exact.get(path).or_else(|| self.by_pattern(path))
    }

    /// What is said of listing what is below a path that ends in a slash.
    pub(super) fn of_list(&self, path: &str) -> Option<&Grant> {
        let bare = path.strip_suffix('/');
        self.exact
            .get(path)
            .or_else(|| self.exact.get(bare?))
            .or_else(|| self.by_pattern(bare?))
            .or_else(|| self.by_pattern(path))
    }

    fn by_pattern(&self, path: &str) -> Option<&Grant> {
        let lengths = self.lengths.range(..=path.len()).rev();
        let prefix = lengths
            .filter_map(|&end| path.get(..end))
            .find_map(|start| self.prefixes.get_key_value(start));
        let prefix = prefix.map(|(prefix, grant)| (Rank::prefix(prefix), grant));
        self.wildcards
            .iter()
            .filter(|(pattern, _)| matches(pattern, path))
            .map(|(pattern, grant)| (Rank::wildcard(pattern), grant))
            .chain(prefix)
            .max_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, grant)| grant)
    }
}

/// How specific a pattern is; the greater wins. In the order of the documentation: the later first wildcard,
/// no star at the end, fewer `+`, the longer, the one that sorts later.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank<'p> {
    first: usize,
    exact: bool,
    fewer: std::cmp::Reverse<usize>,
    length: usize,
    pattern: &'p str,
}

impl<'p> Rank<'p> {
    fn prefix(prefix: &'p str) -> Self {
        let length = prefix.len();
        Self { first: length, exact: false, fewer: std::cmp::Reverse(0), length, pattern: prefix }
    }

    fn wildcard(pattern: &'p str) -> Self {
        let bare = pattern.strip_suffix('*').unwrap_or(pattern);
        Self {
            first: pattern.find('+').unwrap_or(pattern.len()),
            exact: bare.len() == pattern.len(),
            fewer: std::cmp::Reverse(bare.split('/').filter(|segment| *segment == "+").count()),
            length: bare.len(),
            pattern: bare,
        }
    }
}

/// Whether a pattern with `+`, and perhaps a star at its end, is for a path.
fn matches(pattern: &str, path: &str) -> bool {
    let (bare, is_prefix) = match pattern.strip_suffix('*') {
        Some(bare) => (bare, true),
        None => (pattern, false),
    };
    let wanted: Vec<&str> = bare.split('/').collect();
    let given: Vec<&str> = path.split('/').collect();
    if given.len() < wanted.len() || (!is_prefix && given.len() != wanted.len()) {
        return false;
    }
    let last = wanted.len() - 1;
    wanted.iter().zip(&given).enumerate().all(|(index, (wanted, given))| {
        *wanted == "+"
            || wanted == given
            || (is_prefix && index == last && given.starts_with(wanted))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn acl(policies: &[&str]) -> Acl {
        let mut acl = Acl::default();
        for (index, text) in policies.iter().enumerate() {
            let policy = Policy::parse(text).unwrap();
            acl.add("", &format!("p{index}"), &policy, Timestamp::UNIX_EPOCH, &|_| None);
        }
        acl
    }

    fn on(acl: &Acl, path: &str) -> Vec<&'static str> {
        acl.of(path).map(|grant| grant.capabilities.iter().copied().collect()).unwrap_or_default()
    }

    #[test]
    fn the_most_specific_path_wins_alone() {
        let acl = acl(&[r#"
            path "secret/*" { capabilities = ["read", "update"] }
            path "secret/+/teamb" { capabilities = ["list"] }
            path "secret/team/*" { capabilities = ["deny"] }
            path "secret/team/open" { capabilities = ["create"] }
            path "+/+/x" { capabilities = ["delete"] }
            path "secret/+/+/x" { capabilities = ["sudo"] }
            path "secret/+/b*" { capabilities = ["patch"] }
        "#]);
        for (path, expected) in [
            ("secret/a", vec!["read", "update"]),
            ("secret/a/teamb", vec!["list"]),
            ("secret/team/x", vec!["deny"]),
            ("secret/team/open", vec!["create"]),
            ("other/a/x", vec!["delete"]),
            // The first wildcard of both is at the same place: no star, then fewer `+`.
            ("secret/a/b/x", vec!["sudo"]),
            // Both end in `*`: the one with fewer `+` wins.
            ("secret/a/bx", vec!["read", "update"]),
            ("nothing", vec![]),
        ] {
            assert_eq!(on(&acl, path), expected, "{path}");
        }
    }

    #[test]
    fn policies_add_up_on_one_path_and_deny_is_last() {
        let acl = acl(&[
            r#"path "a" { capabilities = ["read"] } path "b" { capabilities = ["read"] }"#,
            r#"path "a" { capabilities = ["update"] } path "b" { policy = "deny" }"#,
            r#"path "b" { capabilities = ["list"] }"#,
        ]);
        assert_eq!(on(&acl, "a"), ["read", "update"]);
        assert_eq!(acl.of("a").unwrap().via.iter().collect::<Vec<_>>(), ["p0", "p1"]);
        assert_eq!(on(&acl, "b"), ["deny"]);
        assert!(!acl.of("b").unwrap().allows("read"));
    }

    #[test]
    fn lists_need_no_slash() {
        let acl = acl(&[r#"
            path "a/metadata" { capabilities = ["list"] }
            path "b/metadata/*" { capabilities = ["list"] }
            path "c/+" { capabilities = ["list"] }
        "#]);
        assert!(acl.of_list("a/metadata/").unwrap().allows("list"));
        assert!(acl.of_list("b/metadata/").unwrap().allows("list"));
        assert!(acl.of_list("c/metadata/").unwrap().allows("list"));
        assert!(acl.of("a/metadata/").is_none());
    }

    #[test]
    fn json_and_lists_of_it_are_policies() {
        for text in [
            r#"{"path": {"a": {"capabilities": ["read"]}}}"#,
            r#"{"path": [{"a": [{"capabilities": ["read"]}]}]}"#,
            r#"{"path": {"a": {"policy": "read", "capabilities": ["read"]}}, "name": "n"}"#,
        ] {
            assert!(on(&acl(&[text]), "a").contains(&"read"), "{text}");
        }
    }

    /// Whether a path is one of a pattern, whose star is cut off.
    fn walk(pattern: &[char], path: &[char], start: bool, star: bool) -> bool {
        match (pattern.first(), path.first()) {
            (None, None) => true,
            (None, Some(_)) => star,
            (Some('+'), _) if start && matches!(pattern.get(1), None | Some('/')) => {
                let end = path.iter().position(|&c| c == '/').unwrap_or(path.len());
                walk(&pattern[1..], &path[end..], false, star)
            }
            (Some(a), Some(b)) => a == b && walk(&pattern[1..], &path[1..], *a == '/', star),
            (Some(_), None) => false,
        }
    }

    /// The rule of the documentation, written down once more and slowly: of all patterns that match, the one that
    /// no other beats.
    fn model<'p>(patterns: &'p [String], path: &str) -> Option<&'p str> {
        fn is_for(pattern: &str, path: &str) -> bool {
            let mut pattern: Vec<char> = pattern.chars().collect();
            let star = pattern.last() == Some(&'*');
            if star {
                pattern.pop();
            }
            let path: Vec<char> = path.chars().collect();
            walk(&pattern, &path, true, star)
        }
        if let Some(exact) =
            patterns.iter().find(|pattern| *pattern == path && !pattern.contains(['+', '*']))
        {
            return Some(exact);
        }
        let plus = |p: &str| p.split('/').filter(|s| *s == "+").count();
        let wild = |p: &str| p.find(['+', '*']).unwrap_or(p.len());
        let mut found: Vec<&String> =
            patterns.iter().filter(|p| p.contains(['+', '*']) && is_for(p, path)).collect();
        found.sort_by(|a, b| {
            wild(a)
                .cmp(&wild(b))
                .then(b.ends_with('*').cmp(&a.ends_with('*')))
                .then(plus(b).cmp(&plus(a)))
                .then(a.trim_end_matches('*').len().cmp(&b.trim_end_matches('*').len()))
                .then(a.cmp(b))
        });
        found.last().map(|pattern| pattern.as_str())
    }

    proptest! {
        #[test]
        fn the_acl_agrees_with_the_model(
            patterns in proptest::collection::btree_set("([ab]|\\+)(/([ab]{1,2}|\\+)){0,3}(/?\\*)?", 1..8),
            path in "[ab](/[ab]{1,3}){0,4}",
        ) {
            let patterns: Vec<String> = patterns.into_iter().filter(|p| !p.contains("+*")).collect();
            let mut all = Acl::default();
            for pattern in &patterns {
                let policy = Policy::parse(&format!("path \"{pattern}\" {{ capabilities = [\"read\"] }}")).unwrap();
                all.add("", pattern, &policy, Timestamp::UNIX_EPOCH, &|_| None);
            }
            let ours = all.of(&path).map(|grant| grant.via.iter().next().unwrap().as_str());
            prop_assert_eq!(ours, model(&patterns, &path));
        }
    }
}
