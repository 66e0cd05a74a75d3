//! What can be said of values, where they may be read: their strength, and which name the same user of a database.
//! Values are wiped as soon as that is known.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::api::{Call, SECRETS, call};
use super::cloud::{Cloud, Project};
use super::field::{at, last, string};
use super::secrets::{Place, Secrets};
use super::sheet::Draft;
use crate::collect::http::escape;
use crate::collect::strength::{Strength, strength};
use crate::collect::values::{self, Held, Values, wipe};

pub(super) const KIND: &str = "gcp_secret_value";

/// Asked for with `--read-values` alone, and so no part of what is printed as the least permissions.
static ACCESS: Call = call(&SECRETS, "secretmanager.versions.access");
/// Most older versions of a secret whose values are kept.
const MOST_EARLIER: usize = 5;
static FIELDS: &[&str] =
    &["length", "entropy_bits", "is_common", "equals_username", "same_user_as"];

/// Reads the values of a project's secrets.
pub(super) async fn collect(cloud: &Cloud<'_>, project: &Project, secrets: &Secrets) {
    let Some(keep) = cloud.values else { return };
    cloud.reads("values");
    if !secrets.is_whole {
        cloud.sheet.gap(
            &[KIND, values::KIND],
            &project.fact(),
            "secrets were not listed to the end",
        );
    }
    let with_value: Vec<(&Draft, &Place)> = secrets
        .drafts
        .iter()
        .zip(&secrets.places)
        .filter(|(draft, _)| {
            // Of one whose versions are not known it is tried.
            draft.why_unread("versions").is_some()
                || draft.get("versions").as_array().is_some_and(|versions| {
                    versions.iter().any(|one| string(one, "state") == Some("ENABLED"))
                })
        })
        .collect();
    let found = cloud
        .client
        .all(with_value, |(draft, place)| async move {
            let found = read(cloud, place, draft, keep).await;
            (draft, found)
        })
        .await;
    let mut users: HashMap<&(String, String, String), Vec<&str>> = HashMap::new();
    for (draft, value) in &found {
        if let Ok(Some(Strength { user: Some(user), .. })) = value {
            users.entry(user).or_default().push(draft.id());
        }
    }
    for (draft, value) in &found {
        let id = draft.id();
        let mut fact = Draft::new(KIND, format!("{id}#value"), Some(&project.id), draft.location());
        fact.set("secret", id);
        fact.set("name", draft.get("name").clone());
        match value {
            Ok(Some(found)) => {
                let same =
                    found.user.as_ref().and_then(|user| users.get(user)).into_iter().flatten();
                let mut same: Vec<&str> = same.copied().filter(|other| *other != id).collect();
                same.sort_unstable();
                fact.set("length", found.length);
                fact.set("entropy_bits", found.bits);
                fact.set("is_common", found.is_common);
                fact.set("equals_username", found.is_username);
                fact.set("same_user_as", same);
            }
            // No version is enabled, or none is there any more.
            Ok(None) => continue,
            Err(why) => fact.unread(FIELDS, why),
        }
        cloud.sheet.fact(fact);
    }
}

/// Reads the latest version, which readers get, and keeps the older ones that are enabled: a leaked value may be one.
async fn read(
    cloud: &Cloud<'_>,
    place: &Place,
    draft: &Draft,
    keep: &Values<'_>,
) -> Result<Option<Strength>, String> {
    let found = one(cloud, place, draft, keep, "latest").await;
    let enabled = draft.get("versions").as_array().into_iter().flatten();
    let numbers = enabled
        .filter(|one| string(one, "state") == Some("ENABLED"))
        .filter_map(|one| one["version"].as_i64());
    // `latest` is the newest that there is; if it is off, none is read by that name.
    let newest = draft.get("versions").as_array().and_then(|all| all.first()?["version"].as_i64());
    for number in numbers.filter(|number| Some(*number) != newest).take(MOST_EARLIER) {
        if let Err(why) = one(cloud, place, draft, keep, &number.to_string()).await {
            cloud.sheet.gap(&[values::KIND], draft.id(), &why);
        }
    }
    if let Err(why) = &found {
        cloud.sheet.gap(&[values::KIND], draft.id(), why);
    }
    found
}

async fn one(
    cloud: &Cloud<'_>,
    place: &Place,
    draft: &Draft,
    keep: &Values<'_>,
    version: &str,
) -> Result<Option<Strength>, String> {
    let path = format!("v1/{}/versions/{version}:access", escape(&place.name, true));
    let answer = cloud.get_at(&ACCESS, &place.base, &path).await.map_err(|failure| failure.why)?;
    let Some(mut answer) = answer else { return Ok(None) };
    let number = string(&answer, "name").map(|name| last(name).to_owned()).unwrap_or_default();
    let data = STANDARD.decode(at(&answer, "payload.data").as_str().unwrap_or_default());
    wipe(&mut answer);
    let bytes =
        data.map(Zeroizing::new).map_err(|_| format!("a broken value at {}", ACCESS.name))?;
    keep.keep(
        Held { secret: draft.id(), version: &number, is_current: version == "latest" },
        &bytes,
    );
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(strength(text))),
        Err(_) => Err("the value is no text".to_owned()),
    }
}
