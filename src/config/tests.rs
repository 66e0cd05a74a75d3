//! What configurations mean.

use std::fs;
use std::path::PathBuf;

use super::{Config, ConfigError, Found, Given, discover, load};
use crate::detect::{Engine, Options, Profile, Scratch, Values};
use crate::model::{Artifact, DigestKey, Finding, Origin};

fn named(name: &str, text: &str) -> Result<Config, ConfigError> {
    load(&Found { name: name.into(), path: Some(name.into()), text: text.into() })
}

fn gitleaks(text: &str) -> Config {
    named(".gitleaks.toml", text).unwrap()
}

fn scan(config: Config, path: &str, text: &str) -> Vec<Finding> {
    let key = DigestKey::new([0; 32]);
    let engine = Engine::new(
        config.rules,
        Options { decode_depth: 5, key, values: Values::Keep, profile: Profile::default() },
    );
    let mut findings = Vec::new();
    let artifact = Artifact::new(Origin::file(path), text.to_owned());
    engine.scan(&artifact, &mut Scratch::default(), &mut findings);
    findings
}

fn open(config: Config, path: &str, text: &str) -> usize {
    scan(config, path, text).iter().filter(|finding| finding.is_open()).count()
}

const RULE: &str = "[[rules]]\nid = 'demo'\nregex = '''demo_[a-z0-9]{8}'''\nkeywords = ['demo_']\n";
const TEXT: &str = "k = demo_abcd1234";

#[test]
fn gitleaks_files_have_their_own_rules_alone_and_ours_the_built_in_ones_too() {
    assert_eq!(gitleaks(RULE).rules.rules().len(), 1);
    assert!(named(".keystrel.toml", RULE).unwrap().rules.rules().len() > 200);
    let with_default = format!("[extend]\nuseDefault = true\n{RULE}");
    assert!(gitleaks(&with_default).rules.rules().len() > 200);
}

#[test]
fn keys_are_read_in_any_case() {
    let text = "[[RULES]]\nID = 'demo'\nRegex = '''demo_([a-z]+)(\\d+)'''\nsecretgroup = 2\nKeyWords = ['DEMO']\n[[RULES.AllowLists]]\nstopWords = ['9999']\n";
    let findings = scan(gitleaks(text), "a", "demo_abc123 demo_abc9999");
    assert_eq!(findings[0].leak().unwrap().secret.as_ref().unwrap().expose(), b"123");
    assert!(findings[0].is_open() && !findings[1].is_open());
}

#[test]
fn a_child_overrides_what_it_names_and_appends_lists() {
    let directory = tempfile::tempdir().unwrap();
    let base = format!("{RULE}entropy = 3.5\ntags = ['a']\n");
    fs::write(directory.path().join("base.toml"), base).unwrap();
    let child = directory.path().join(".gitleaks.toml");
    let text =
        "[extend]\npath = 'base.toml'\n[[rules]]\nid = 'demo'\nentropy = 1.0\ntags = ['b']\n";
    fs::write(&child, text).unwrap();
    let given = Given { path: Some(child), content: None };
    let config = load(&discover(&given, None).unwrap().unwrap()).unwrap();
    let spec = &config.rules.find("demo").unwrap().spec;
    assert!((spec.entropy - 1.0).abs() < 1e-9);
    assert_eq!(config.rules.find("demo").unwrap().meta.about.tags, ["a", "b"]);
    assert_eq!(spec.regex.as_deref(), Some("demo_[a-z0-9]{8}"));
}

#[test]
fn disabled_rules_are_gone_and_unknown_ones_are_named() {
    let text = "[extend]\nuseDefault = true\ndisabledRules = ['github-pat', 'nope']\n";
    let config = gitleaks(text);
    assert!(config.rules.find("github-pat").is_none());
    assert!(config.warnings[0].contains("`nope`"), "{:?}", config.warnings);
}

#[test]
fn a_global_allowlist_can_be_for_some_rules_only() {
    let other = RULE.replace("demo", "other");
    let list = "[[allowlists]]\ntargetRules = ['demo']\nregexes = ['abcd']\n";
    let config = gitleaks(&format!("{RULE}{other}{list}"));
    assert_eq!(open(config, "a", "demo_abcd1234 other_abcd1234"), 1);
}

#[test]
fn and_needs_all_conditions_that_are_there() {
    let list = "[[allowlists]]\ncondition = 'AND'\npaths = ['^tests/']\nregexes = ['abcd']\n";
    let text = format!("{RULE}{list}");
    assert_eq!(open(gitleaks(&text), "src/a", TEXT), 1);
    assert_eq!(open(gitleaks(&text), "tests/a", TEXT), 0);
    assert_eq!(open(gitleaks(&text), "tests/a", "demo_zzzz1234"), 1);
}

#[test]
fn allowlists_look_at_the_secret_the_match_or_the_line() {
    for (target, pattern) in [("secret", "^demo_"), ("match", "^demo_"), ("line", "^k = .*x$")] {
        let list = format!("[[allowlists]]\nregexTarget = '{target}'\nregexes = ['{pattern}']\n");
        assert_eq!(
            open(gitleaks(&format!("{RULE}{list}")), "a", "k = demo_abcd1234 x"),
            0,
            "{target}"
        );
        let elsewhere = list.replace(pattern, "^nothing");
        assert_eq!(open(gitleaks(&format!("{RULE}{elsewhere}")), "a", TEXT), 1, "{target}");
    }
}

#[test]
fn global_paths_leave_files_out_under_either_separator() {
    let list = "[[allowlists]]\npaths = ['''(^|[\\\\/])vendor[\\\\/]''']\n";
    let config = gitleaks(&format!("{RULE}{list}"));
    assert!(config.rules.excludes("a/vendor/b") && config.rules.excludes("vendor/b"));
    assert!(!config.rules.excludes("a/vendored/b"));
}

#[test]
fn both_spellings_of_allowlists_at_once_are_an_error() {
    let text = format!("{RULE}[allowlist]\nstopwords = ['a']\n[[allowlists]]\nstopwords = ['b']\n");
    assert!(named(".gitleaks.toml", &text).is_err());
    let old = format!("{RULE}[allowlist]\nstopwords = ['abcd']\n");
    assert_eq!(open(gitleaks(&old), "a", TEXT), 0);
}

#[test]
fn what_is_unknown_is_a_warning_with_its_line() {
    let config = gitleaks(&format!("{RULE}colour = 'red'\n"));
    assert_eq!(config.warnings, [".gitleaks.toml:5: rule `demo`: unknown key `colour`"]);
}

#[test]
fn what_is_wrong_is_an_error_with_its_line() {
    for (text, line) in [
        ("[[rules]]\nid = 'x'\nregex = '(a'\n", 3),
        ("[[rules]]\nid = 'x'\nregex = 'abc'\nsecretGroup = 'one'\n", 4),
        ("[[allowlists]]\nregexes = ['a']\ncondition = 'XOR'\n", 1),
        ("[[allowlists]]\nregexes = ['a']\nregexTarget = 'word'\n", 1),
        ("x = \n", 1),
    ] {
        let Err(error) = named(".gitleaks.toml", text) else { panic!("{text} loads") };
        let expected = format!(".gitleaks.toml:{line}:");
        assert!(error.to_string().starts_with(&expected), "{text}: {error}");
    }
}

#[test]
fn the_scan_table_is_ours_alone() {
    let text = "[scan]\nfail-on = 'high'\ndecode-depth = 2\nhistory = false\n";
    let config = named(".keystrel.toml", text).unwrap();
    assert_eq!(config.scan.fail_on.as_deref(), Some("high"));
    assert_eq!((config.scan.decode_depth, config.scan.history), (Some(2), Some(false)));
    assert_eq!(gitleaks(text).warnings.len(), 1);
}

#[test]
fn a_file_is_ours_by_its_tables_whatever_its_name_is() {
    let own = named("team.toml", "[scan]\nfail-on = 'high'\n").unwrap();
    assert_eq!(own.scan.fail_on.as_deref(), Some("high"));
    assert!(own.warnings.is_empty() && own.rules.rules().len() > 200);
    assert_eq!(named("team.toml", RULE).unwrap().rules.rules().len(), 1);
    // A name that says otherwise is believed.
    let other = named("gitleaks-team.toml", "[scan]\nfail-on = 'high'\n").unwrap();
    assert!(other.scan.fail_on.is_none() && !other.warnings.is_empty());
}

#[test]
fn files_are_looked_for_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let found = |given: &Given| {
        discover(given, Some(root)).unwrap().map(|found| {
            PathBuf::from(found.name).file_name().unwrap().to_string_lossy().into_owned()
        })
    };
    let nothing = Given::default();
    assert_eq!(found(&nothing), None);
    for name in [".betterleaks.toml", ".gitleaks.toml", ".keystrel.toml"] {
        fs::write(root.join(name), "").unwrap();
        assert_eq!(found(&nothing).as_deref(), Some(name));
    }
    let content = Given { path: None, content: Some(RULE.into()) };
    assert_eq!(found(&content).as_deref(), Some("GITLEAKS_CONFIG_TOML"));
    let path = Given { path: Some(root.join(".gitleaks.toml")), ..content };
    assert_eq!(found(&path).as_deref(), Some(".gitleaks.toml"));
}

#[test]
fn policies_have_parameters_and_exceptions() {
    let text = "[policy.params.env-literal-secret]\nthreshold = 'known'\n\
                [[policy.exceptions]]\ncontrol = 'env-literal-secret'\nowner = 'a'\nreason = 'b'\nexpires = 2027-06-30\n";
    let config = named(".keystrel.toml", text).unwrap();
    assert_eq!(config.warnings, [""; 0]);
    assert_eq!(config.policy.params["env-literal-secret"], "known");
    let told = config.policy.exceptions.expired("2027-07-01");
    assert!(told[0].starts_with(".keystrel.toml:3: exception of `env-literal-secret`"), "{told:?}");
}

#[test]
fn exceptions_without_what_they_need_are_errors_with_their_line() {
    let entry =
        "[[policy.exceptions]]\ncontrol = 'a'\nowner = 'a'\nreason = 'b'\nexpires = '2027-06-30'\n";
    for (from, to, says) in [
        ("owner = 'a'\n", "", "`owner` is missing"),
        ("'2027-06-30'", "'2027-06-31'", "`expires` is `2027-06-31`, not YYYY-MM-DD"),
        ("'2027-06-30'", "3", "`expires` is integer and should be a date"),
        ("reason", "path = '['\nreason", "`path`: "),
    ] {
        let text = format!("\n{}", entry.replace(from, to));
        let Err(error) = named(".keystrel.toml", &text) else { panic!("{from} -> {to}") };
        let error = error.to_string();
        assert!(error.starts_with(".keystrel.toml:") && error.contains(says), "{error}");
    }
}

#[test]
fn unknown_keys_of_policies_are_warnings() {
    let text = "[policy]\nparam = 1\n[policy.params.env-literal-secret]\nlimit = 3\n";
    let warnings = named(".keystrel.toml", text).unwrap().warnings;
    assert_eq!(
        warnings,
        [
            ".keystrel.toml:4: policy.params.env-literal-secret: unknown key `limit`",
            ".keystrel.toml:2: policy: unknown key `param`",
        ]
    );
}
