//! Logins, accounts and regions.

use std::borrow::Cow;

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, profile};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::os_shim_internal::{Env, Fs};
use serde_json::json;

use super::client::{Client, NO_LOGIN};
use super::service::{EC2, Operation, STS, operation};
use crate::collect::CollectError;

static IDENTITY: Operation = operation(&STS, "GetCallerIdentity");
static REGIONS: Operation = operation(&EC2, "DescribeRegions");

/// What those calls need, beside what the facts do. `GetCallerIdentity` needs nothing.
pub(super) static OF_LOGIN: &[&Operation] = &[&REGIONS];

/// Longest name of a profile or region.
const MAX_NAME: usize = 256;

/// What is addressed: `[PROFILE][@REGION,...]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// A profile of `~/.aws/config`.
    pub(super) profile: Option<String>,
    /// Which regions are read.
    pub(super) regions: Regions,
}

/// Which regions are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Regions {
    /// That of the environment or profile.
    Own,
    /// All that are enabled.
    All,
    /// These.
    Named(Vec<String>),
}

impl Address {
    /// Reads what follows `aws:`.
    pub(super) fn parse(address: &str) -> Result<Self, CollectError> {
        let wrong =
            |why: &str| CollectError::Address { what: format!("aws:{address}"), why: why.into() };
        // Names of profiles may hold an `@`; those of regions do not.
        let (profile, regions) = match address.rsplit_once('@') {
            Some((profile, regions)) => (profile, Some(regions)),
            None => (address, None),
        };
        if profile.len() > MAX_NAME || profile.chars().any(char::is_control) {
            return Err(wrong("that is no name of a profile"));
        }
        let regions = match regions {
            None => Regions::Own,
            Some("all") => Regions::All,
            Some(list) => {
                let mut names: Vec<String> = Vec::new();
                for name in list.split(',').map(str::trim) {
                    if !is_region(name) {
                        return Err(wrong("after `@` there are regions, or `all`"));
                    }
                    if !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
                Regions::Named(names)
            }
        };
        let profile = (!profile.is_empty()).then(|| profile.to_owned());
        Ok(Self { profile, regions })
    }
}

/// Whether a name looks like `eu-west-1`: it becomes a part of hosts.
fn is_region(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= MAX_NAME
        && name.contains('-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_digit())
        && name.chars().all(is_part)
}

/// The SDK's settings for an address: its chain of logins, with roles that profiles name.
pub(super) async fn load(address: &Address) -> Result<SdkConfig, CollectError> {
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = &address.profile {
        loader = loader.profile_name(profile);
    }
    if let Regions::Named(names) = &address.regions
        && let Some(first) = names.first()
    {
        loader = loader.region(Region::new(first.clone()));
    }
    has_profile(address).await?;
    let config = loader.load().await;
    let region = config.region().map(AsRef::as_ref);
    match (region, &address.regions) {
        (Some(region), _) if !is_region(region) => {
            Err(CollectError::Address { what: region.to_owned(), why: "that is no region".into() })
        }
        (Some(_), _) => Ok(config),
        (None, Regions::All) => {
            Ok(config.into_builder().region(Region::from_static("us-east-1")).build())
        }
        (None, _) => Err(CollectError::Address {
            what: "aws:".into(),
            why: "no region is set: set AWS_REGION, or name regions after `@`".into(),
        }),
    }
}

/// That the profile which is named, here or by `AWS_PROFILE`, is there: the SDK takes one that is nowhere for an empty
/// one, and complains of what it then misses.
async fn has_profile(address: &Address) -> Result<(), CollectError> {
    let files = EnvConfigFiles::default();
    let chosen = address.profile.clone().map(Cow::Owned);
    let wrong = |why| CollectError::Address { what: "aws:".into(), why };
    let profiles = profile::load(&Fs::real(), &Env::real(), &files, chosen)
        .await
        .map_err(|error| wrong(DisplayErrorContext(error).to_string()))?;
    let name = profiles.selected_profile();
    if name != "default" && profiles.get_profile(name).is_none() {
        return Err(wrong(format!("there is no profile `{name}` in the AWS configuration files")));
    }
    Ok(())
}

/// Whose login it is.
pub(super) struct Caller {
    /// The twelve digits.
    pub(super) account: String,
    /// The regions to read; the first is where the caller is at home.
    pub(super) regions: Vec<String>,
}

/// Asks who calls, and which regions there are.
pub(super) async fn caller(
    client: &Client<'_>,
    home: &str,
    regions: &Regions,
) -> Result<Caller, CollectError> {
    let store = || "AWS".to_owned();
    let identity = client.call(&IDENTITY, home, json!({})).await.map_err(|failure| {
        let why = failure.why;
        if !failure.code.is_empty() {
            CollectError::Login { store: store(), why }
        } else if why.starts_with(NO_LOGIN) {
            let hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws login`";
            CollectError::Login { store: store(), why: format!("{why}: {hint}") }
        } else {
            // A region that there is not has no address.
            let address = client.address(&STS, home);
            CollectError::Unreachable { store: format!("AWS at {address}"), why }
        }
    })?;
    let account = identity.get("Account").and_then(|account| account.as_str());
    let account = account.filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()));
    let Some(account) = account.map(str::to_owned) else {
        let why = "its answer names no account".to_owned();
        return Err(CollectError::Unreachable { store: store(), why });
    };
    let account = client.account.get_or_init(|| account).clone();
    let regions = match regions {
        Regions::Own => vec![home.to_owned()],
        Regions::Named(names) => names.clone(),
        Regions::All => {
            let answer = client.call(&REGIONS, home, json!({})).await.map_err(|failure| {
                let why = format!("`@all` needs the list of regions: {}", failure.why);
                CollectError::Login { store: store(), why }
            })?;
            let list = answer.get("regionInfo").and_then(|list| list.as_array());
            let names =
                list.into_iter().flatten().filter_map(|one| one.get("regionName")?.as_str());
            let mut names: Vec<String> =
                names.filter(|name| is_region(name)).map(str::to_owned).collect();
            names.sort();
            // Home first: what is global is asked there.
            names.sort_by_key(|name| name != home);
            names
        }
    };
    Ok(Caller { account, regions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_profile_and_regions() {
        let named =
            |names: &[&str]| Regions::Named(names.iter().map(|&name| name.into()).collect());
        for (address, profile, regions) in [
            ("", None, Regions::Own),
            ("prod", Some("prod"), Regions::Own),
            ("@all", None, Regions::All),
            ("me@corp@eu-west-1", Some("me@corp"), named(&["eu-west-1"])),
            (
                "prod@eu-west-1, us-gov-east-1,eu-west-1",
                Some("prod"),
                named(&["eu-west-1", "us-gov-east-1"]),
            ),
        ] {
            let expected = Address { profile: profile.map(str::to_owned), regions };
            assert_eq!(Address::parse(address).unwrap(), expected, "{address}");
        }
        for address in
            ["@", "@eu", "@eu-west-1,", "p@evil.example/-1", "@a-1.b", "\n", "@EU-WEST-1"]
        {
            assert!(Address::parse(address).is_err(), "{address}");
        }
    }
}
