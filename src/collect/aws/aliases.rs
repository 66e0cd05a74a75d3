//! Names of keys: aliases of a region, and the keys that they point at.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Account;
use super::field::{Field, pick, plain, string, time};
use super::service::{KMS, Operation, operation};
use super::sheet::Draft;

pub(super) static LIST: Operation = operation(&KMS, "ListAliases")
    .paged("Aliases", "NextMarker")
    .tokens("NextMarker", "Marker")
    .sized("Limit", 100);

static ALIAS: &[Field] = &[plain("AliasName"), time("CreationDate"), time("LastUpdatedDate")];

/// The aliases of a region.
pub(super) struct Aliases {
    /// What keys of the region begin with: `arn:aws:kms:eu-west-1:123456789012:`.
    own: String,
    /// Ids of keys by name: `alias/app`.
    targets: HashMap<String, String>,
    /// Aliases by id of their key.
    by_key: HashMap<String, Vec<Value>>,
    /// Why they could not be listed.
    failure: Option<String>,
}

/// How a key was named, resolved.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Its ARN.
    Key(String),
    /// Named by an alias or account that is not ours to resolve.
    Foreign(String),
    /// By an alias that there is not.
    Nothing,
    /// Aliases could not be listed.
    Unread(String),
}

/// Reads the aliases of a region.
pub(super) async fn collect(account: &Account<'_>, region: &str) -> Aliases {
    let listed = account.client.list(&LIST, region, json!({})).await;
    let mut aliases = Aliases {
        own: account.arn("kms", region, ""),
        targets: HashMap::new(),
        by_key: HashMap::new(),
        failure: listed.failure.map(|failure| failure.why),
    };
    for alias in &listed.items {
        if let (Some(name), Some(key)) = (string(alias, "AliasName"), string(alias, "TargetKeyId"))
        {
            aliases.targets.insert(name.to_owned(), key.to_owned());
            aliases.by_key.entry(key.to_owned()).or_default().push(pick(ALIAS, alias));
        }
    }
    aliases
}

impl Aliases {
    /// Those of a region that nobody asked about.
    pub(super) fn none() -> Self {
        let failure = Some("aliases are not read".into());
        Self { own: "arn:".into(), targets: HashMap::new(), by_key: HashMap::new(), failure }
    }

    /// The aliases of a key by its id, sorted by name; or why they could not be listed.
    pub(super) fn of(&self, key: &str) -> Result<Value, &str> {
        if let Some(why) = &self.failure {
            return Err(why);
        }
        let mut of = self.by_key.get(key).cloned().unwrap_or_default();
        of.sort_by_key(|alias| string(alias, "AliasName").map(str::to_owned));
        Ok(Value::Array(of))
    }

    /// The key that a resource of the region names: by ARN, id, alias or ARN of an alias.
    pub(super) fn resolve(&self, named: &str) -> Named {
        let own = named.strip_prefix(&self.own);
        if named.starts_with("arn:") && own.is_none() {
            return if named.contains(":key/") {
                Named::Key(named.to_owned())
            } else {
                Named::Foreign(named.to_owned())
            };
        }
        let name = own.unwrap_or(named);
        if !name.starts_with("alias/") {
            let id = name.strip_prefix("key/").unwrap_or(name);
            return Named::Key(format!("{}key/{id}", self.own));
        }
        match (self.targets.get(name), &self.failure) {
            (Some(id), _) => Named::Key(format!("{}key/{id}", self.own)),
            (None, Some(why)) => Named::Unread(why.clone()),
            (None, None) => Named::Nothing,
        }
    }

    /// Sets `kms_key_arn` and `kms_key_is_default` of a fact whose field `field` names a key; without one it is
    /// the service's own, whose alias is `default`.
    pub(super) fn describe(&self, draft: &mut Draft, field: &str, default: &str) {
        let Some(named) = draft.get(field).as_str().map(str::to_owned) else {
            draft.set("kms_key_arn", Value::Null);
            draft.set("kms_key_is_default", true);
            return;
        };
        let is_named = named.ends_with(default);
        match self.resolve(&named) {
            Named::Key(arn) => {
                let is_target = || self.resolve(default) == Named::Key(arn.clone());
                draft.set("kms_key_is_default", is_named || is_target());
                if !is_named && self.failure.is_some() && arn.starts_with(&self.own) {
                    // It may be the key behind that alias.
                    let why = self.failure.clone().unwrap_or_default();
                    draft.unread(&["kms_key_is_default"], &why);
                }
                draft.set("kms_key_arn", arn);
            }
            Named::Foreign(arn) => {
                draft.set("kms_key_is_default", false);
                draft.set("kms_key_arn", arn);
            }
            Named::Nothing => {
                draft.set("kms_key_is_default", is_named);
                draft.set("kms_key_arn", Value::Null);
            }
            Named::Unread(why) => {
                draft.set("kms_key_is_default", is_named);
                draft.unread(&["kms_key_arn"], &why);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// `alias/aws/secretsmanager` points at `d`, `alias/app` at `k`.
    pub(in super::super) fn two(failure: Option<&str>) -> Aliases {
        let targets = [("alias/aws/secretsmanager", "d"), ("alias/app", "k")];
        Aliases {
            own: "arn:aws:kms:eu-west-1:123456789012:".into(),
            targets: targets.map(|(name, key)| (name.to_owned(), key.to_owned())).into(),
            by_key: HashMap::new(),
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn keys_are_found_in_whatever_way_they_are_named() {
        let own = "arn:aws:kms:eu-west-1:123456789012:";
        let key = |id: &str| Named::Key(format!("{own}key/{id}"));
        for (named, expected) in [
            ("k".to_owned(), key("k")),
            (format!("{own}key/k"), key("k")),
            ("alias/app".to_owned(), key("k")),
            (format!("{own}alias/app"), key("k")),
            ("alias/none".to_owned(), Named::Nothing),
            (
                "arn:aws:kms:eu-west-1:999999999999:key/x".to_owned(),
                Named::Key("arn:aws:kms:eu-west-1:999999999999:key/x".into()),
            ),
            (
                "arn:aws:kms:eu-west-1:999999999999:alias/x".to_owned(),
                Named::Foreign("arn:aws:kms:eu-west-1:999999999999:alias/x".into()),
            ),
        ] {
            assert_eq!(two(None).resolve(&named), expected, "{named}");
        }
        assert_eq!(two(Some("denied")).resolve("alias/none"), Named::Unread("denied".into()));
    }

    #[test]
    fn the_key_of_the_service_is_the_default_by_any_name() {
        let described = |named: Value, aliases: &Aliases| {
            let mut draft = Draft::new("aws_secret", "a", "123456789012", Some("eu-west-1"));
            draft.set("KmsKeyId", named);
            aliases.describe(&mut draft, "KmsKeyId", "alias/aws/secretsmanager");
            (
                draft.get("kms_key_is_default").clone(),
                draft.why_unread("kms_key_is_default").is_some(),
            )
        };
        let known = two(None);
        assert_eq!(described(Value::Null, &known), (json!(true), false));
        assert_eq!(described(json!("d"), &known), (json!(true), false));
        assert_eq!(described(json!("alias/aws/secretsmanager"), &known), (json!(true), false));
        assert_eq!(described(json!("k"), &known), (json!(false), false));
        // Without aliases nobody can tell whether a key is the one behind an alias.
        assert_eq!(described(json!("k"), &two(Some("denied"))), (Value::Null, true));
    }
}
