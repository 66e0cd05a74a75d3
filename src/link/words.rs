//! What labels and names say of a secret: whose it is, how bad a leak would be, where it is used.

use std::collections::BTreeMap;

/// Names of labels, without case and `-`, `_`, `.`, `/`, that name an owner.
const OWNER: &[&str] =
    &["owner", "team", "contact", "ownedby", "owneremail", "responsible", "maintainer", "squad"];
/// The same of how bad a leak would be.
const CLASS: &[&str] =
    &["dataclass", "classification", "dataclassification", "sensitivity", "confidentiality"];
/// The same of where it is used.
const ENVIRONMENT: &[&str] = &["env", "environment", "stage", "tier", "deploymentenvironment"];

/// Words for environments.
const ENVIRONMENTS: &[(&str, &[&str])] = &[
    ("production", &["production", "prod", "prd", "live"]),
    ("staging", &["staging", "stage", "stg", "preprod", "preproduction", "uat"]),
    ("test", &["test", "tests", "testing", "qa", "integration"]),
    ("development", &["development", "dev", "develop", "sandbox", "local"]),
];

/// Words for what a secret is for, by a segment of its name.
const CONTENT: &[(&str, &[&str])] = &[
    (
        "database",
        &[
            "db",
            "database",
            "postgres",
            "postgresql",
            "mysql",
            "mariadb",
            "mongodb",
            "mongo",
            "redis",
            "rds",
            "sqlserver",
            "mssql",
            "oracle",
            "cassandra",
        ],
    ),
    ("cloud", &["aws", "gcp", "azure", "iam"]),
    ("certificate", &["tls", "cert", "certificate", "certificates", "x509"]),
    ("registry", &["registry", "dockerconfig", "dockerconfigjson", "pullsecret"]),
    ("ssh", &["ssh", "sshkey"]),
    ("token", &["token", "apikey", "pat"]),
];

/// Labels by their plain names: case and punctuation do not count, and neither does a prefix such as `example.com/`.
fn find<'a>(labels: &'a BTreeMap<String, String>, names: &[&str]) -> Option<&'a str> {
    // In the order of the names, which is that of their weight.
    names.iter().find_map(|name| {
        let mut labels = labels.iter().filter(|(label, value)| {
            let label = label.rsplit('/').next().unwrap_or(label);
            !value.trim().is_empty() && plain(label) == *name
        });
        labels.next().map(|(_, value)| value.trim())
    })
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The parts of a name between punctuation, and between lower and upper case, in lower case.
fn segments(name: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (was_lower && c.is_uppercase()) {
            all.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let (true, Some(last)) = (c.is_alphanumeric(), all.last_mut()) {
            last.extend(c.to_lowercase());
        }
    }
    all.retain(|segment| !segment.is_empty());
    all
}

/// Whose it is, by its labels.
pub(super) fn owner(labels: &BTreeMap<String, String>) -> Option<String> {
    find(labels, OWNER).map(str::to_owned)
}

/// How bad a leak would be, by its labels.
pub(super) fn data_class(labels: &BTreeMap<String, String>) -> Option<String> {
    find(labels, CLASS).map(str::to_owned)
}

/// Where it is used, by its labels, else by its name.
pub(super) fn environment(
    labels: Option<&BTreeMap<String, String>>,
    name: &str,
) -> Option<&'static str> {
    let word = |text: &str| {
        let text = plain(text);
        ENVIRONMENTS.iter().find(|(_, words)| words.contains(&text.as_str())).map(|(name, _)| *name)
    };
    let label = labels.and_then(|labels| find(labels, ENVIRONMENT)).and_then(word);
    label.or_else(|| segments(name).iter().find_map(|segment| word(segment)))
}

/// Whether it is for emergencies.
pub(super) fn is_break_glass(labels: Option<&BTreeMap<String, String>>, name: &str) -> bool {
    let says = |text: &str| {
        let text = plain(text);
        text.contains("breakglass") || text.contains("emergency")
    };
    let labels = labels.into_iter().flatten();
    says(name)
        || labels.into_iter().any(|(label, value)| {
            // `break-glass: false` says that it is none.
            (says(label) && plain(value) != "false" && plain(value) != "no") || says(value)
        })
}

/// What it is for, by its name.
pub(super) fn content(name: &str) -> Option<&'static str> {
    let segments = segments(name);
    CONTENT
        .iter()
        .find(|(_, words)| segments.iter().any(|segment| words.contains(&segment.as_str())))
        .map(|(content, _)| *content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn labels_are_known_in_any_spelling() {
        assert_eq!(owner(&labels(&[("Owned-By", "payments")])).as_deref(), Some("payments"));
        assert_eq!(owner(&labels(&[("example.com/team", "web")])).as_deref(), Some("web"));
        assert_eq!(owner(&labels(&[("owner", " ")])), None);
        assert_eq!(data_class(&labels(&[("DataClassification", "c3")])).as_deref(), Some("c3"));
    }

    #[test]
    fn a_label_counts_before_the_name() {
        let label = labels(&[("Environment", "Prod")]);
        assert_eq!(environment(Some(&label), "dev/db"), Some("production"));
        assert_eq!(environment(None, "apps/dev-db"), Some("development"));
        assert_eq!(environment(None, "appStagingDb"), Some("staging"));
        assert_eq!(environment(None, "product/catalog"), None);
    }

    #[test]
    fn what_it_is_for() {
        assert_eq!(content("prod/orders-db"), Some("database"));
        assert_eq!(content("dashboard"), None);
        assert!(is_break_glass(None, "ops/Break-Glass/root"));
        assert!(!is_break_glass(Some(&labels(&[("break-glass", "false")])), "ops/root"));
    }
}
