//! What is addressed: `gcp:PROJECT`, `gcp:folders/NUMBER`, `gcp:organizations/NUMBER`, several by commas.

use crate::collect::{CollectError, Request};

/// Longest name of a project, folder or organization, in bytes.
const MAX_NAME: usize = 128;

/// A part of the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A project, by id or number.
    Project(String),
    /// `folders/123` or `organizations/123`.
    Above(String),
}

impl Target {
    /// As it is shown.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Project(name) | Self::Above(name) => name,
        }
    }
}

/// What is addressed; without a word the project that the environment names.
pub(super) fn targets(request: &Request<'_>) -> Result<Vec<Target>, CollectError> {
    let wrong = |why: &str| CollectError::Address {
        what: format!("gcp:{}", request.address),
        why: why.into(),
    };
    let mut address = request.address.trim().to_owned();
    if address.is_empty() {
        // The first two are of Google's libraries, the others of gcloud.
        let names =
            ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT", "GCP_PROJECT"];
        let found = names.iter().find_map(|name| (request.environment)(name));
        address = found.filter(|name| !name.is_empty()).ok_or_else(|| {
            wrong("no project is set: set GOOGLE_CLOUD_PROJECT, or name a project, folder or organization")
        })?;
    }
    let mut targets = Vec::new();
    for name in address.split(',').map(str::trim) {
        let target = target(name).ok_or_else(|| {
            wrong("that is no project, no `folders/NUMBER` and no `organizations/NUMBER`")
        })?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

fn target(name: &str) -> Option<Target> {
    match name.split_once('/') {
        Some((kind @ ("folders" | "organizations"), id)) => {
            let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && id.len() <= MAX_NAME).then(|| Target::Above(format!("{kind}/{id}")))
        }
        Some(("projects", id)) if is_project(id) => Some(Target::Project(id.to_owned())),
        None if is_project(name) => Some(Target::Project(name.to_owned())),
        _ => None,
    }
}

/// Whether a name looks like the id or number of a project: `shop-prod`, `example.com:shop`, `123`.
fn is_project(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(plain)
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && !name.starts_with(['-', '.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_folders_and_organizations_are_told_apart() {
        for (name, expected) in [
            ("shop", Some(Target::Project("shop".into()))),
            ("projects/shop", Some(Target::Project("shop".into()))),
            ("example.com:shop", Some(Target::Project("example.com:shop".into()))),
            ("123", Some(Target::Project("123".into()))),
            ("folders/12", Some(Target::Above("folders/12".into()))),
            ("organizations/12", Some(Target::Above("organizations/12".into()))),
            ("folders/x", None),
            ("organizations/", None),
            ("shop/../x", None),
            ("..", None),
            ("Shop", None),
            ("", None),
            ("a b", None),
        ] {
            assert_eq!(target(name), expected, "{name}");
        }
    }
}
