//! HashiCorp Vault and OpenBao, over their HTTP API (<https://developer.hashicorp.com/vault/api-docs>,
//! <https://openbao.org/api-docs/>).
//!
//! Most facts are rows of a table (`rows`): where names are listed, where an object is read, which fields are copied.
//! The rest is a file for each area. `acl` and `readers` work out who can read what. docs/facts/vault.md is what comes of it.

use std::collections::BTreeSet;

use super::{CollectError, Request, Store};
use crate::model::{Gap, Inventory};

mod acl;
mod answer;
mod auth;
mod auth_rows;
mod certificate;
mod client;
mod config;
mod database;
mod derived;
mod engine_rows;
mod fields;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gather;
mod hcl;
mod identity;
mod kinds;
mod kv;
mod log;
mod mounts;
mod permissions;
mod pki_rows;
mod policies;
mod policy;
mod readers;
mod rows;
mod server;
mod settings;
mod sys_rows;
mod templates;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod tokens;

use client::Client;
use gather::{Gather, is_at};
use rows::Place;
use settings::Settings;

/// Vault and OpenBao.
pub(super) const STORE: Store = Store {
    name: "vault",
    about: "HashiCorp Vault or OpenBao: `vault:https://host:8200`, or `vault:` for VAULT_ADDR",
    collect,
    permissions: permissions::policy,
};

fn collect(request: &Request<'_>) -> Result<Inventory, CollectError> {
    // Most of the time is waiting: one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CollectError::Unreachable {
        store: request.address.to_owned(),
        why: format!("no network: {error}"),
    })?;
    runtime.block_on(run(request))
}

async fn run(request: &Request<'_>) -> Result<Inventory, CollectError> {
    let settings = Settings::new(request);
    let (address, socket) = settings.address()?;
    let shown = match &socket {
        Some(path) => format!("unix://{}", path.display()),
        None => address.to_string().trim_end_matches('/').to_owned(),
    };
    let (http, base) = settings.http(&address, socket.as_deref())?;
    let client = Client::new(
        http,
        base,
        request.concurrency,
        request.timeout,
        request.deadline,
        request.progress,
    );
    let judge = |text: &str| {
        let found = request.judge.secrets("", text).into_iter();
        found.map(|found| (found.range, found.rule)).collect()
    };
    let mut gather = Gather::new(client, request, &judge, request.kinds.map(kinds::with_sources));
    request.progress.reads("the state of the server");
    let state = server::state(&gather, &shown, address.scheme()).await.map_err(|why| {
        let hint = if settings.is_assumed() { "; VAULT_ADDR is not set" } else { "" };
        CollectError::Unreachable { store: shown.clone(), why: format!("{why}{hint}") }
    })?;
    if state.sealed {
        for kind in kinds::all().filter(|kind| *kind != "vault_server" && gather.wants(kind)) {
            gather.gap(kind, "", "sys", "the server is sealed");
        }
    } else {
        let session = auth::log_in(&mut gather.client, &settings)
            .await
            .map_err(|why| CollectError::Login { store: shown.clone(), why })?;
        let verified = (!settings.skips_verification()).then_some(true);
        tls::read(&gather, &address, socket.is_some(), verified).await;
        everything(&gather, &session).await;
        if session.is_ours {
            auth::log_out(&gather.client).await;
        }
    }
    let wanted = |kind: &str| request.wants(kind);
    let found = gather.into_found();
    let mut facts = found.facts;
    facts.retain(|fact| wanted(&fact.kind));
    facts.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
    let gaps: Vec<Gap> = found.gaps.into_iter().filter(|gap| wanted(&gap.needs)).collect();
    let mut inventory = Inventory::new(format!("vault:{shown}"), request.now.to_string(), facts);
    inventory.gaps = gather::settled(gaps);
    Ok(inventory)
}

async fn everything(gather: &Gather<'_>, session: &auth::Session) {
    let reads = |what: &str| gather.request.progress.reads(what);
    reads("namespaces");
    let namespaces = mounts::namespaces(gather, &session.namespace).await;
    let mut mounts = Vec::new();
    for namespace in &namespaces {
        mounts.extend(mounts::read(gather, namespace).await);
    }
    reads("the server");
    let server_rows = rows::all().filter(|row| row.place == Place::Server);
    futures_util::join!(
        server::rest(gather),
        mounts::audit(gather),
        mounts::plugins(gather, &mounts),
        gather.each(server_rows, |row| gather.row(row, "", None)),
    );
    reads("policies, tokens and identities");
    for namespace in &namespaces {
        let rows = rows::all().filter(|row| row.place == Place::Namespace);
        futures_util::join!(
            policies::acl(gather, namespace),
            policies::passwords(gather, namespace),
            tokens::read(gather, namespace, session.accessor.as_deref()),
            identity::read(gather, namespace),
            tokens::leases(gather, namespace),
            gather.each(rows, |row| gather.row(row, namespace, None)),
        );
    }
    reads("auth methods and secrets engines");
    let at_mounts: Vec<_> = mounts
        .iter()
        .flat_map(|mount| {
            let is_auth = mount.path.starts_with("auth/");
            rows::all()
                .filter(move |row| is_at(row, is_auth, &mount.kind))
                .map(move |row| (mount, row))
        })
        .collect();
    gather
        .each(at_mounts, async |(mount, row): (&gather::Mount, _)| {
            gather.row(row, &mount.namespace, Some(mount)).await;
        })
        .await;
    let approles =
        mounts.iter().filter(|mount| mount.kind == "approle" && mount.path.starts_with("auth/"));
    gather.each(approles, |mount| tokens::secret_ids(gather, mount)).await;
    reads("secrets");
    let values = kv::Values::default();
    let stores = mounts.iter().filter(|mount| mount.version.is_some());
    gather.each(stores, |mount| kv::read(gather, mount, &values)).await;
    values.put(gather);
    log::read(gather);
    reads("who can read them");
    derived::fill(gather, &mounts);
    readers::put(gather);
}

/// The kinds of facts that are read at secrets engines, or at auth methods.
fn kinds_on_mounts(is_auth: bool) -> BTreeSet<&'static str> {
    let own = if is_auth {
        ["vault_approle_secret_id"].as_slice()
    } else {
        &["vault_kv_config", "vault_kv_secret", "vault_kv1_secret", "vault_kv_values"]
    };
    let rows = rows::all().filter(|row| match row.place {
        Place::Engine(_) => !is_auth,
        Place::Auth(_) => is_auth,
        Place::Namespace | Place::Server => false,
    });
    rows.map(|row| row.kind).chain(own.iter().copied()).collect()
}
