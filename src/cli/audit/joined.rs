//! Stores and leaks together: what is asked for, and the estate that comes of it.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};

use super::args::AuditArgs;
use crate::cli::args::ConfigArgs;
use crate::cli::environment::Environment;
use crate::cli::{scan, setup};
use crate::collect;
use crate::link::{self, Leaks, Parts};
use crate::model::{Audit, Control, DigestKey, Inventory};
use crate::policy::{Bundle, Exceptions};

/// Whether stores are judged together, and by what their values are compared.
pub(super) struct Joined<'a> {
    args: &'a AuditArgs,
    /// Whether there is something to join: several stores, leaks, or a control that somebody asked for by name.
    pub(super) is_asked: bool,
    /// Whether there are several stores, or a control of all of them was asked for by name: of one store its own controls
    /// tell who owns a secret, which keys there are, and who reads.
    has_many: bool,
    /// The key of digests: of values that are read now, of those of inventories that were written before, and of what
    /// `--scan` finds.
    key: Option<DigestKey>,
}

/// Kinds of facts that no store tells alone, however many there are.
const JOINED: &[&str] = &["leak", "leak_match", "shared_value", "held_credential", "secret_copy"];

impl<'a> Joined<'a> {
    pub(super) fn of(
        args: &'a AuditArgs,
        inventories: usize,
        bundle: &Bundle,
    ) -> anyhow::Result<Self> {
        let is_named = || {
            let named = bundle.controls().iter().filter(|one| args.control.contains(&one.id));
            named.flat_map(|control| &control.needs).any(|kind| link::is_kind(kind))
        };
        let given = args.asking.value_key.as_deref().map(setup::value_key).transpose()?;
        let key = if args.asking.read_values {
            Some(given.map_or_else(setup::random_key, Ok)?)
        } else {
            given
        };
        if !args.scan.is_empty() && key.is_none() {
            bail!(
                "--scan compares what it finds with values of the stores: give --read-values, or with --from the \
                 --value-key that they were collected with"
            );
        }
        let has_leaks = !(args.leaks.is_empty() && args.scan.is_empty());
        let has_many = args.stores.len() + inventories > 1 || is_named();
        Ok(Self { args, is_asked: has_many || has_leaks, has_many, key })
    }

    /// The key of digests of the values that are to be read.
    pub(super) fn key_of_values(&self) -> Option<&DigestKey> {
        self.key.as_ref().filter(|_| self.args.asking.read_values)
    }

    /// Whether a control is to be asked.
    pub(super) fn asks(&self, control: &Control) -> bool {
        let is_of_estate = control.needs.iter().any(|kind| link::is_kind(kind));
        let is_joined = || control.needs.iter().any(|kind| JOINED.contains(&kind.as_str()));
        !is_of_estate || self.has_many || (self.is_asked && is_joined())
    }

    /// The kinds of facts of stores that the controls need, by themselves or by way of the estate.
    pub(super) fn kinds(&self, bundle: &Bundle) -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        for kind in bundle.controls().iter().flat_map(|control| &control.needs) {
            if !link::is_kind(kind) {
                kinds.insert(kind.clone());
            } else if self.is_asked {
                kinds.extend(link::sources(kind).map(str::to_owned));
            }
        }
        kinds
    }

    /// Puts the estate together, with what a scan finds now or found before. Whether the report `is_read` on standard error
    /// too, as [`Environment::is_read`] has it.
    pub(super) fn estate(
        &self,
        inventories: &[Inventory],
        exceptions: &Exceptions,
        audit: &mut Audit,
        environment: &Environment,
        is_read: bool,
    ) -> anyhow::Result<Inventory> {
        let leaks = self.leaks(audit, environment, is_read)?;
        if let Some(leaks) = &leaks
            && !inventories.iter().any(|inventory| leaks.compares_with(inventory))
        {
            audit.warnings.push(
                "leaks were compared with no store: none has digests of values under their key \
                 (--read-values, and the same --value-key)"
                    .to_owned(),
            );
        }
        let exceptions: Vec<link::Exception> = exceptions
            .written()
            .map(|one| link::Exception {
                place: one.place.clone(),
                control: one.control.clone(),
                resources: one.path.iter().chain(&one.resource).cloned().collect(),
                owner: one.owner.clone(),
                reason: one.reason.clone(),
                expires: one.expires.clone(),
            })
            .collect();
        let reads_values = self.args.asking.read_values
            || inventories
                .iter()
                .any(|one| one.facts.iter().any(|fact| fact.kind == collect::values::KIND));
        Ok(link::estate(&Parts {
            inventories,
            lost: &audit.lost,
            leaks: leaks.as_ref(),
            exceptions: &exceptions,
            reads_values,
            now: &audit.started,
        }))
    }

    fn leaks(
        &self,
        audit: &mut Audit,
        environment: &Environment,
        is_read: bool,
    ) -> anyhow::Result<Option<Leaks>> {
        let mut all: Option<Leaks> = None;
        for file in &self.args.leaks {
            let read = Leaks::from_json(setup::read(file)?.as_bytes())
                .with_context(|| file.display().to_string())?;
            all = Some(match all {
                None => read,
                Some(before) => before
                    .and(read)
                    .with_context(|| format!("{}: it has another key", file.display()))?,
            });
        }
        if let (false, Some(key)) = (self.args.scan.is_empty(), &self.key) {
            let config = ConfigArgs { config: self.args.config.clone(), ..ConfigArgs::default() };
            let run = scan::run_for_audit(&self.args.scan, &config, key, environment, is_read)?;
            for skipped in run.lost() {
                audit.lost.push((skipped.what.clone(), skipped.why.clone()));
            }
            audit.warnings.extend(run.warnings.iter().cloned());
            let read = Leaks::of_run(&run);
            all = Some(match all {
                None => read,
                Some(before) => before.and(read).context(
                    "--leaks and --scan go together with `--value-key` of the report alone",
                )?,
            });
        }
        Ok(all)
    }
}
