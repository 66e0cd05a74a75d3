//! Azure: Key Vault and Managed HSM, who may read what is in them, and what uses them.
//!
//! `context` asks, `calls` says how; each other file reads one subject. The management plane is asked first for what
//! it knows, since it answers for vaults behind a firewall too. Nothing is asked that changes anything or gives a
//! value; settings of apps and other texts in answers go to the judge and no further.

mod address;
mod apps;
mod calls;
mod certificates;
mod cloud;
mod context;
mod data;
mod deleted;
mod directory;
#[cfg(fuzzing)]
pub mod fuzzing;
mod identities;
mod index;
mod keys;
mod kinds;
mod locks;
mod login;
mod objects;
mod platform;
mod principals;
mod rbac;
mod readers;
mod records;
mod roles;
mod secrets;
mod sheet;
mod sinks;
mod subscriptions;
mod values;
mod vaults;
mod watch;

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use self::address::Address;
use self::cloud::Cloud;
use self::context::{Azure, Scope};
use self::index::Index;
use self::locks::Locks;
use self::login::Login;
use self::objects::Objects;
use self::principals::Principals;
use self::readers::Readers;
use self::roles::Roles;
use self::sheet::{Draft, Sheet};
use self::subscriptions::Subscription;
use self::vaults::Vault;
use super::rest::Client;
use super::{CollectError, Request, Store, rest};
use crate::model::Inventory;

/// The row of Azure.
pub(super) const STORE: Store = Store {
    name: "azure",
    about: "[SUBSCRIPTION,...|VAULT]: subscriptions or one vault of Azure, with the logins of the Azure SDKs",
    collect,
    permissions: kinds::permissions,
};

/// How many things of a kind are done at a time; requests are bounded apart from that.
const WIDTH: usize = 64;

fn collect(request: &Request<'_>) -> Result<Inventory, CollectError> {
    // Most of the time is waiting: one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CollectError::Unreachable {
        store: "Azure".into(),
        why: error.to_string(),
    })?;
    let inventory = runtime.block_on(Box::pin(read(request)));
    // A lookup of a name cannot be stopped, and nobody waits for it.
    runtime.shutdown_background();
    inventory
}

async fn read(request: &Request<'_>) -> Result<Inventory, CollectError> {
    let cloud = Cloud::of(request)?;
    let own = (request.environment)("AZURE_SUBSCRIPTION_ID");
    let address = Address::parse(request.address, &cloud, own)?;
    let http = rest::http(request.environment)?;
    let login = Login::new(request, &cloud, http.clone());
    let client = Client::new(http, Box::new(login), request);
    let store = || "Azure".to_owned();
    let logged_in = client.log_in(&cloud.management.scope).await;
    logged_in.map_err(|why| CollectError::Login { store: store(), why })?;
    let mut azure = Azure {
        client,
        cloud,
        sheet: Sheet::new(request.judge, request.progress),
        judge: request.judge,
        progress: request.progress,
        now: request.now,
        tenant: String::new(),
        values: request.values_for(&[values::KIND]),
        kinds: request
            .kinds
            .map(|kinds| kinds::KINDS.with_sources(kinds.iter().map(String::as_str))),
    };
    let subscriptions = subscriptions::find(&azure, &address).await?;
    azure.tenant = subscriptions.first().map(|one| one.scope.tenant.clone()).unwrap_or_default();
    let ids: Vec<&str> = subscriptions.iter().map(|one| one.scope.subscription.as_str()).collect();
    let source = match subscriptions.first().and_then(|one| one.scope.vault.as_deref()) {
        Some(vault) => format!("azure:{}", rbac::last(vault)),
        None => format!("azure:{}", ids.join(",")),
    };
    Box::pin(everything(&azure, &subscriptions)).await;
    let (mut facts, mut gaps) = azure.sheet.finish();
    facts.retain(|fact| request.wants(&fact.kind));
    gaps.retain(|gap| request.wants(&gap.needs));
    let mut inventory = Inventory::new(source, request.now.to_string(), facts);
    inventory.gaps = gaps;
    Ok(inventory)
}

/// Does the same for each of `items`, and gives what comes of them in their order.
async fn each<T, R, F>(items: impl IntoIterator<Item = T>, ask: impl FnMut(T) -> F) -> Vec<R>
where
    F: Future<Output = R>,
{
    stream::iter(items.into_iter().map(ask)).buffered(WIDTH).collect().await
}

/// What of a subscription others are derived from.
struct Part {
    locks: Locks,
    roles: Roles,
    vaults: Vec<Vault>,
    hsms: Vec<Vault>,
}

async fn everything(azure: &Azure<'_>, subscriptions: &[Subscription]) {
    azure.reads("vaults and roles");
    let parts = each(subscriptions, |one| Box::pin(subscription(azure, one))).await;
    let mut locks = BTreeMap::new();
    let (mut all_roles, mut vaults, mut hsms) = (Vec::new(), Vec::new(), Vec::new());
    for (one, part) in subscriptions.iter().zip(parts) {
        locks.insert(one.scope.subscription.clone(), part.locks);
        all_roles.push(part.roles);
        vaults.extend(part.vaults);
        hsms.extend(part.hsms);
    }
    let both: Vec<Vault> = vaults.iter().chain(&hsms).cloned().collect();
    azure.reads("secrets, keys and certificates");
    let (known, objects, of_hsms, principals) = futures_util::join!(
        Box::pin(async {
            let workspaces = sinks::read(azure, &both, &locks).await;
            records::read(azure, &vaults, &workspaces).await
        }),
        each(&vaults, |vault| Box::pin(of_vault(azure, vault))),
        each(&hsms, |hsm| Box::pin(async move {
            if !azure.wants(&[keys::KIND]) {
                return Objects::default();
            }
            keys::read(azure, hsm, &Ok(std::collections::BTreeSet::new())).await
        })),
        Box::pin(of_roles(azure, &all_roles, &vaults, &hsms)),
    );
    let mut index = Index::default();
    let (mut secrets, mut keys) = (Vec::new(), Vec::new());
    for (vault, (of_secrets, of_keys)) in vaults.iter().zip(objects) {
        index.vault(vault);
        index.objects(vault.id(), "secrets", &of_secrets.drafts, of_secrets.failure.is_none());
        index.objects(vault.id(), "keys", &of_keys.drafts, of_keys.failure.is_none());
        secrets.extend(of_secrets.drafts);
        keys.extend(of_keys.drafts);
    }
    for (hsm, of_keys) in hsms.iter().zip(of_hsms) {
        index.vault(hsm);
        index.objects(hsm.id(), "keys", &of_keys.drafts, of_keys.failure.is_none());
        keys.extend(of_keys.drafts);
    }
    records::tell(&known, &mut vaults, &mut secrets, &mut keys);
    futures_util::join!(
        Box::pin(directory::read(azure, &principals)),
        each(subscriptions, |one| Box::pin(consumers(azure, &one.scope, &index))),
    );
    who_can_read(azure, &vaults, &all_roles, &principals, &secrets);
    let all = vaults.into_iter().chain(hsms).map(|vault| vault.draft).chain(secrets).chain(keys);
    all.for_each(|draft| azure.sheet.fact(draft));
}

/// The secrets and keys of a vault. Its certificates and what was deleted is written at once.
async fn of_vault(azure: &Azure<'_>, vault: &Vault) -> (Objects, Objects) {
    let of_secrets = [secrets::KIND, readers::KIND, apps::REFERENCE, values::KIND];
    let of_keys = [keys::KIND, data::REFERENCE];
    let (wants_secrets, wants_keys) = (azure.wants(&of_secrets), azure.wants(&of_keys));
    let wants_secrets = wants_secrets || azure.values.is_some();
    let wants_names = wants_secrets || wants_keys || azure.wants(&[certificates::KIND]);
    let certificates =
        if wants_names { certificates::read(azure, vault).await } else { Objects::default() };
    let names = certificates.names();
    // Without the names of certificates, secrets and keys tell together which of them belong to one.
    let wants_keys = wants_keys || (wants_secrets && names.is_err());
    let wants_secrets = wants_secrets || (wants_keys && names.is_err());
    let (mut secrets, mut keys, ()) = futures_util::join!(
        async {
            if wants_secrets {
                secrets::read(azure, vault, &names).await
            } else {
                Objects::default()
            }
        },
        async {
            if wants_keys { keys::read(azure, vault, &names).await } else { Objects::default() }
        },
        deleted::objects(azure, vault),
    );
    objects::pair(&mut secrets, &mut keys);
    values::read(azure, vault, &secrets.drafts).await;
    if azure.wants(&[certificates::KIND]) {
        certificates.drafts.into_iter().for_each(|draft| azure.sheet.fact(draft));
    }
    (secrets, keys)
}

async fn of_roles(
    azure: &Azure<'_>,
    all: &[Roles],
    vaults: &[Vault],
    hsms: &[Vault],
) -> Principals {
    roles::write(azure, all);
    if azure.wants(&[principals::KIND, readers::KIND]) {
        principals::read(azure, all, vaults, hsms).await
    } else {
        Principals::default()
    }
}

async fn subscription(azure: &Azure<'_>, subscription: &Subscription) -> Part {
    let scope = &subscription.scope;
    let of_vaults =
        kinds::of_vaults().into_iter().chain([data::REFERENCE, apps::REFERENCE, values::KIND]);
    let of_vaults: Vec<&str> = of_vaults.collect();
    let of_roles = [roles::DEFINITION, roles::ASSIGNMENT, principals::KIND, readers::KIND];
    let wants_locks = azure.wants(&of_vaults) || azure.wants(&kinds::of_hsms());
    let (locks, roles, (), ()) = futures_util::join!(
        async { if wants_locks { Locks::read(azure, scope).await } else { Locks::none() } },
        Box::pin(async {
            if azure.wants(&of_roles) { roles::read(azure, scope).await } else { Roles::default() }
        }),
        subscriptions::write(azure, subscription),
        deleted::vaults(azure, scope),
    );
    let (vaults, hsms) = futures_util::join!(
        Box::pin(async {
            if azure.wants(&of_vaults) {
                vaults::vaults(azure, scope, &locks).await
            } else {
                Vec::new()
            }
        }),
        Box::pin(async {
            if azure.wants(&kinds::of_hsms()) {
                vaults::hsms(azure, scope, &locks).await
            } else {
                Vec::new()
            }
        }),
    );
    Part { locks, roles, vaults, hsms }
}

/// What uses vaults, and what watches them.
async fn consumers(azure: &Azure<'_>, scope: &Scope, index: &Index) {
    futures_util::join!(
        Box::pin(apps::read(azure, scope, index)),
        Box::pin(platform::clusters(azure, scope, index)),
        Box::pin(platform::machines(azure, scope)),
        Box::pin(data::accounts(azure, scope, index)),
        Box::pin(data::disks(azure, scope, index)),
        Box::pin(data::sql(azure, scope, index)),
        Box::pin(identities::read(azure, scope)),
        Box::pin(watch::alerts(azure, scope)),
    );
}

fn who_can_read(
    azure: &Azure<'_>,
    vaults: &[Vault],
    all: &[Roles],
    principals: &Principals,
    secrets: &[Draft],
) {
    if !azure.wants(&[readers::KIND]) {
        return;
    }
    azure.reads("readers");
    let none = Roles::default();
    let by_vault: BTreeMap<&str, Readers<'_>> = vaults
        .iter()
        .map(|vault| {
            let own = all.iter().find(|roles| roles.scope.as_ref() == Some(&vault.scope));
            (vault.id(), Readers::new(vault, own.unwrap_or(&none), principals))
        })
        .collect();
    for secret in secrets {
        if let Some(readers) = by_vault.get(secret.text("vault")) {
            azure.sheet.fact(readers.of(azure, secret));
        }
    }
}
