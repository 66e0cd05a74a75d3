//! AWS: secrets, identities, keys, trails, and what else holds or uses secrets.
//!
//! `client` asks, `service` says how; each other file reads one subject. Nothing is asked that changes anything or
//! gives a value; variables of environments and other texts in answers go to the judge and no further.

mod account;
mod aliases;
mod anchors;
mod buckets;
mod builds;
mod client;
mod condition;
mod credentials;
mod databases;
mod definitions;
mod document;
mod eks;
mod endpoint;
mod events;
mod functions;
#[cfg(fuzzing)]
pub mod fuzzing;
mod iam;
mod kinds;
mod kms;
mod last_accessed;
mod logs;
mod organization;
mod packages;
mod parameter_values;
mod parameters;
mod platform;
mod policy;
mod readers;
mod reads;
mod references;
mod schedule;
mod secrets;
mod service;
mod session;
mod sheet;
mod tasks;
#[cfg(test)]
mod tests;
mod trails;
mod usage;
mod values;
mod watch;
mod wire;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use futures_util::future::join_all;
use jiff::Timestamp;

use self::aliases::Aliases;
use self::client::Client;
use self::iam::Identities;
use self::kms::Keys;
use self::organization::Organization;
use self::readers::Readers;
use self::references::Reference;
use self::secrets::Secrets;
use self::session::Address;
use self::sheet::{Draft, Sheet};
use super::values::Values;
use super::{CollectError, Judge, Progress, Request, Store, field, leaks};
use crate::model::Inventory;

/// The row of AWS.
pub(super) const STORE: Store = Store {
    name: "aws",
    about: "[PROFILE][@REGION,...]: an AWS account, with the logins of the AWS CLI; `@all` for all regions",
    collect,
    permissions: kinds::permissions,
};

fn collect(request: &Request<'_>) -> Result<Inventory, CollectError> {
    let address = Address::parse(request.address)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CollectError::Unreachable {
        store: "AWS".into(),
        why: error.to_string(),
    })?;
    let inventory = runtime.block_on(async {
        let config = session::load(&address).await?;
        Box::pin(read(config, &address, request)).await
    });
    // A lookup of a name cannot be stopped, and nobody waits for it.
    runtime.shutdown_background();
    inventory
}

/// An account that is being read.
struct Account<'a> {
    client: Client<'a>,
    sheet: Sheet<'a>,
    judge: &'a dyn Judge,
    progress: &'a dyn Progress,
    now: Timestamp,
    /// The twelve digits.
    id: String,
    /// `aws`, `aws-cn`...
    partition: &'static str,
    /// The region where the account is asked about what is global.
    home: String,
    regions: Vec<String>,
    /// What takes values, if they may be read.
    values: Option<&'a Values<'a>>,
    /// Whether the region in which events of IAM are recorded is among them.
    is_global_known: bool,
    /// The kinds that are wanted, with those that they are put together of; `None` for all.
    kinds: Option<BTreeSet<&'static str>>,
}

impl Account<'_> {
    /// Whether facts of one of these kinds are wanted.
    fn wants(&self, kinds: &[&str]) -> bool {
        self.kinds.as_ref().is_none_or(|wanted| kinds.iter().any(|kind| wanted.contains(kind)))
    }

    /// Says what is read now.
    fn reads(&self, what: &str) {
        self.progress.reads(what);
    }

    /// An ARN of the account.
    fn arn(&self, service: &str, region: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{rest}", self.partition, self.id)
    }

    /// The ARN of the account itself.
    fn root(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.id)
    }

    /// A fact of a region, or of what is global.
    fn draft(&self, kind: &'static str, id: impl Into<String>, region: Option<&str>) -> Draft {
        Draft::new(kind, id, &self.id, region)
    }
}

/// What of a region others are derived from.
struct Region {
    name: String,
    aliases: Aliases,
    secrets: Secrets,
    keys: Keys,
    foreign: BTreeSet<String>,
}

/// Reads an account with the login of `config`.
async fn read(
    config: SdkConfig,
    address: &Address,
    request: &Request<'_>,
) -> Result<Inventory, CollectError> {
    let home = config.region().map(|region| region.as_ref().to_owned()).unwrap_or_default();
    let client = Client::new(config, request).ok_or_else(|| CollectError::Login {
        store: "AWS".into(),
        why: "there are no credentials".into(),
    })?;
    let caller = session::caller(&client, &home, &address.regions).await?;
    let partition = endpoint::of_region(&home);
    let account = Account {
        client,
        sheet: Sheet::new(request.progress),
        judge: request.judge,
        progress: request.progress,
        now: request.now,
        values: request.values,
        id: caller.account,
        partition: partition.name,
        is_global_known: caller.regions.iter().any(|region| region == partition.global),
        home,
        regions: caller.regions,
        kinds: request
            .kinds
            .map(|kinds| kinds::KINDS.with_sources(kinds.iter().map(String::as_str))),
    };
    Box::pin(everything(&account)).await;
    let source = format!("aws:{}@{}", account.id, account.regions.join(","));
    let (mut facts, mut gaps) = account.sheet.finish();
    facts.retain(|fact| request.wants(&fact.kind));
    gaps.retain(|gap| request.wants(&gap.needs));
    let mut inventory = Inventory::new(source, request.now.to_string(), facts);
    inventory.gaps = gaps;
    Ok(inventory)
}

async fn everything(account: &Account<'_>) {
    let (organization, identities, trails, regions) = futures_util::join!(
        async {
            if account.wants(&[account::KIND]) {
                Box::pin(account::collect(account)).await
            } else {
                Organization::default()
            }
        },
        of_iam(account),
        async {
            let trails = trails::collect(account).await;
            futures_util::join!(
                buckets::collect(account, &trails),
                watch::filters(account, &trails)
            );
            trails
        },
        join_all(account.regions.iter().map(|name| region(account, name))),
    );
    keys_of_trails(account, &trails, &regions).await;
    if account.wants(&[readers::KIND]) {
        account.reads("readers");
        let (keys, secrets): (Vec<&Keys>, Vec<&Secrets>) =
            regions.iter().map(|region| (&region.keys, &region.secrets)).unzip();
        let readers = Readers::new(account, &identities, &keys, &organization);
        for draft in secrets.iter().flat_map(|secrets| &secrets.drafts) {
            account.sheet.fact(readers.of(account, draft));
        }
    }
}

async fn of_iam(account: &Account<'_>) -> Identities {
    let kinds = [
        iam::IDENTITY,
        iam::POLICY,
        credentials::REPORT,
        credentials::KEY,
        credentials::SPECIFIC,
        credentials::CERTIFICATE,
        last_accessed::KIND,
    ];
    if !account.wants(&kinds) {
        return Identities::default();
    }
    let needs_all = [iam::IDENTITY, iam::POLICY];
    let all =
        if account.wants(&needs_all) { iam::collect(account).await } else { Identities::default() };
    futures_util::join!(credentials::collect(account, &all), last_accessed::collect(account, &all));
    all
}

async fn region(account: &Account<'_>, name: &str) -> Region {
    let aliases =
        if account.wants(&[secrets::KIND, parameters::PARAMETER, kms::KEY, references::KIND]) {
            aliases::collect(account, name).await
        } else {
            Aliases::none()
        };
    let (secrets, parameters, functions, tasks, builds, keys, databases, stores, others, ()) = futures_util::join!(
        async {
            if account.wants(&[secrets::KIND]) {
                secrets::collect(account, name, &aliases).await
            } else {
                Secrets { drafts: Vec::new(), is_whole: false }
            }
        },
        parameters::collect(account, name, &aliases),
        functions::collect(account, name),
        tasks::collect(account, name),
        builds::collect(account, name),
        kms::collect(account, name, &aliases),
        databases::collect(account, name),
        trails::stores(account, name),
        references::others(account, name),
        rest(account, name),
    );
    let mut mentions = usage::mentions(&tasks, &functions);
    mentions.extend(builds);
    usage::write(
        account,
        name,
        &usage::Known::new(account, name, &secrets, &parameters),
        &mentions,
    );
    let of = |drafts: &[Draft], field: &str, kind: &'static str| {
        drafts.iter().filter_map(|draft| Reference::of(draft, field, kind)).collect::<Vec<_>>()
    };
    let mut named = of(&secrets.drafts, "KmsKeyId", "AWS::SecretsManager::Secret");
    named.extend(of(&parameters.drafts, "KeyId", "AWS::SSM::Parameter"));
    named.extend(of(&stores, "KmsKeyId", "AWS::CloudTrail::EventDataStore"));
    let of_functions = functions.iter();
    named.extend(
        of_functions
            .filter_map(|one| Reference::of(&one.draft, "KMSKeyArn", "AWS::Lambda::Function")),
    );
    named.extend(databases);
    named.extend(others);
    let (foreign, (), (), (), (), (), ()) = futures_util::join!(
        references::write(account, name, &aliases, named),
        functions::rotation(account, name, &secrets),
        usage::networks(account, name, &secrets, &tasks, &functions),
        events::collect(account, name, &secrets),
        values::collect(account, name, &secrets),
        logs::collect(account, name),
        packages::collect(account, name, &functions),
    );
    Region { name: name.to_owned(), aliases, secrets, keys, foreign }
}

/// What of a region nothing else is derived from.
async fn rest(account: &Account<'_>, name: &str) {
    futures_util::join!(
        account::region(account, name),
        kms::stores(account, name),
        parameters::settings(account, name),
        watch::rules(account, name),
        watch::analyzers(account, name),
        anchors::anchors(account, name),
        anchors::tagged(account, name),
        platform::user_data(account, name),
        platform::stacks(account, name),
        eks::collect(account, name),
        platform::certificates(account, name),
        platform::glue(account, name),
        platform::stages(account, name),
        definitions::collect(account, name),
    );
}

/// Tells which keys trails name, and describes those that are not in the regions that are read.
async fn keys_of_trails(account: &Account<'_>, trails: &[Draft], regions: &[Region]) {
    if !account.wants(&[references::KIND, kms::KEY]) {
        return;
    }
    let mut by_region: BTreeMap<&str, Vec<Reference>> = BTreeMap::new();
    for trail in trails {
        let home = trail.get("HomeRegion").as_str().unwrap_or(&account.home);
        by_region.entry(home).or_default().extend(Reference::of(
            trail,
            "KmsKeyId",
            "AWS::CloudTrail::Trail",
        ));
    }
    let mut foreign: BTreeSet<String> =
        regions.iter().flat_map(|region| region.foreign.iter().cloned()).collect();
    for (home, named) in by_region {
        let found = match regions.iter().find(|region| region.name == home) {
            Some(region) => references::write(account, home, &region.aliases, named).await,
            None if named.is_empty() => continue,
            None => {
                let aliases = aliases::collect(account, home).await;
                let own: Vec<String> = named.iter().map(|one| one.named.clone()).collect();
                let mut found = references::write(account, home, &aliases, named).await;
                found.extend(own.into_iter().filter(|arn| arn.contains(":key/")));
                found
            }
        };
        foreign.extend(found);
    }
    let is_read = |arn: &String| {
        let parts: Vec<&str> = arn.split(':').collect();
        parts.get(4) == Some(&account.id.as_str())
            && parts
                .get(3)
                .is_some_and(|region| account.regions.iter().any(|known| known == region))
    };
    kms::foreign(account, foreign.into_iter().filter(|arn| !is_read(arn))).await;
}
