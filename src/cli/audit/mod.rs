//! `keystrel audit` and `keystrel collect`.

mod args;
mod asking;
mod joined;

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};

pub(super) use args::{AuditArgs, CollectArgs};
use joined::Joined;

use super::args::When;
use super::environment::Environment;
use super::exit::Exit;
use super::output::{self, Outputs};
use super::setup;
use crate::collect::CollectError;
use crate::config::{self, Given};
use crate::model::{Audit, Control, Gap, Inventory, Severity, Verdict};
use crate::pipeline::audit::judge;
use crate::policy::{Bundle, Framework, Params, PolicyEngine, PolicyError, frameworks};
use crate::report::Color;
use crate::report::audit::{FORMATS, Style};

/// Runs `keystrel audit`.
pub(super) fn run(args: &AuditArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let outputs = Outputs::parse(FORMATS, &args.format, &args.report)?;
    let started = Instant::now();
    crate::threads::prepare();
    let frameworks = chosen_frameworks(&args.framework)?;
    let bundle = chosen(args, &frameworks)?;
    let mut inventories = Vec::new();
    for file in &args.from {
        inventories.extend(read(file)?);
    }
    let joined = Joined::of(args, inventories.len(), &bundle)?;
    let bundle = bundle.only(|control| joined.asks(control));
    let kinds = joined.kinds(&bundle);
    if args.explain_permissions {
        return asking::explain(&args.stores, &kinds, &args.asking);
    }
    // What no control needs that is asked was not missed.
    for inventory in &mut inventories {
        inventory.gaps.retain(|gap| kinds.contains(gap.kind()));
    }
    let mut warnings = Vec::new();
    let policy = configuration(args, environment, &mut warnings)?;
    warnings.extend(policy.exceptions.strangers(
        Bundle::builtin()?.controls().iter().chain(bundle.controls()).map(AsRef::as_ref),
    ));
    let is_read = environment.is_read(outputs.stdout.name);
    let params = of_controls(policy.params, &bundle);
    bundle.check(&params)?;
    // Whoever writes policies wants to hear what is wrong with them before a store is asked anything.
    let own =
        if args.policy.is_empty() { None } else { Some(PolicyEngine::new(&bundle, &params)?) };
    let mut audit = Audit { started: environment.now.to_string(), warnings, ..Audit::default() };
    let key = joined.key_of_values();
    for (store, collected) in
        asking::collect(&args.stores, Some(&kinds), &args.asking, key, environment)?
    {
        match collected {
            Ok(inventory) => inventories.push(inventory),
            Err(error @ CollectError::Address { .. }) => return Err(error.into()),
            Err(error) => {
                let why = format!("{error:#}");
                if !is_read {
                    output::complain(&anyhow::Error::new(error));
                }
                audit.lost.push((store, why));
            }
        }
    }
    if joined.is_asked {
        inventories.push(joined.estate(
            &inventories,
            &policy.exceptions,
            &mut audit,
            environment,
            is_read,
        )?);
    }
    let engine = own.map_or_else(|| engine_for(&bundle, params, &inventories), Ok)?;
    judge(inventories, &engine, &policy.exceptions, &mut audit)?;
    for framework in &frameworks {
        let controls = bundle.controls().iter().map(AsRef::as_ref);
        audit.frameworks.push(framework.judge(&audit, controls));
    }
    audit.elapsed = started.elapsed();
    let style = style(args, environment);
    outputs.write(&audit, &style, &Style { color: Color::Plain, ..style.clone() })?;
    Ok(exit(&audit, args.fail_on.unwrap_or(Severity::Info)))
}

/// Runs `keystrel collect`.
pub(super) fn run_collect(args: &CollectArgs, environment: &Environment) -> anyhow::Result<Exit> {
    if args.list {
        return asking::list();
    }
    let mut exit = Exit::Clean;
    let mut inventories = Vec::new();
    let key = args.asking.value_key.as_deref().map(setup::value_key).transpose()?;
    if key.is_some() && !args.asking.read_values {
        bail!("--value-key is for digests of values, which --read-values reads");
    }
    let key =
        if args.asking.read_values { Some(key.map_or_else(setup::random_key, Ok)?) } else { None };
    let mut answers = asking::collect(&args.stores, None, &args.asking, key.as_ref(), environment)?;
    if args.asking.value_key.is_none() {
        // Digests under a key that nobody has would compare with nothing.
        asking::forget_values(&mut answers);
    }
    for (store, collected) in answers {
        match collected {
            Ok(inventory) => {
                if !inventory.gaps.is_empty() && exit == Exit::Clean {
                    exit = Exit::Partial;
                }
                asking::tell(&inventory);
                inventories.push(inventory);
            }
            Err(error @ CollectError::Address { .. }) => return Err(error.into()),
            Err(error) => {
                output::complain(&anyhow::Error::new(error).context(store));
                exit = Exit::NotScanned;
            }
        }
    }
    if inventories.is_empty() {
        return Ok(exit);
    }
    let write = |out: &mut dyn std::io::Write| {
        for inventory in &inventories {
            serde_json::to_writer(&mut *out, inventory)?;
            writeln!(out)?;
        }
        Ok(())
    };
    if args.output == Path::new("-") {
        output::print_with(write)?;
    } else {
        output::write_file(&args.output, write)?;
    }
    Ok(exit)
}

/// The built-in controls of stores and the user's own, as far as they are chosen.
fn chosen(args: &AuditArgs, frameworks: &[Framework]) -> anyhow::Result<Bundle> {
    let bundle = Bundle::load(&args.policy)?;
    if let Some(id) = args.control.iter().find(|id| bundle.find(id).is_none()) {
        bail!("there is no control `{id}`: `keystrel policy list` names them all");
    }
    let is_chosen = |control: &Control| {
        (args.control.is_empty() || args.control.contains(&control.id))
            && (frameworks.is_empty() || frameworks.iter().any(|one| one.has(control)))
    };
    Ok(bundle.only(is_chosen))
}

fn chosen_frameworks(names: &[String]) -> anyhow::Result<Vec<Framework>> {
    let all = frameworks()?;
    names
        .iter()
        .map(|name| {
            all.iter().find(|one| one.name == *name).cloned().with_context(|| {
                let known: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
                format!("there is no framework `{name}`: there are {}", known.join(", "))
            })
        })
        .collect()
}

/// Parameters of those controls that are asked: the others are none of this audit.
fn of_controls(mut params: Params, bundle: &Bundle) -> Params {
    let builtin = Bundle::builtin().ok();
    // A parameter of no control at all stays, to be complained of.
    params.retain(|id, _| {
        bundle.find(id).is_some() || builtin.as_ref().is_none_or(|all| all.find(id).is_none())
    });
    params
}

/// An engine of those controls alone that may have something to say of the inventories: an interpreter of all of them is most of
/// the memory that the audit of a small store takes.
fn engine_for(
    bundle: &Bundle,
    mut params: Params,
    inventories: &[Inventory],
) -> Result<PolicyEngine, PolicyError> {
    let facts = inventories.iter().flat_map(|one| &one.facts).map(|fact| fact.kind.as_str());
    let gaps = inventories.iter().flat_map(|one| &one.gaps).map(Gap::kind);
    let told: BTreeSet<&str> = facts.chain(gaps).collect();
    let part = bundle
        .clone()
        .only(|control| control.needs.iter().any(|kind| told.contains(kind.as_str())));
    params.retain(|id, _| part.find(id).is_some());
    PolicyEngine::new(&part, &params)
}

fn configuration(
    args: &AuditArgs,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> anyhow::Result<config::Policy> {
    let given = Given {
        path: args.config.clone().or_else(|| environment.config.clone()),
        content: environment.config_content.clone(),
    };
    let Some(found) = config::discover(&given, setup::here().as_deref())? else {
        return Ok(config::Policy::default());
    };
    let loaded = config::load(&found)?;
    warnings.extend(loaded.warnings.iter().cloned());
    Ok(loaded.policy)
}

/// The inventories of a file, one after the other.
fn read(file: &Path) -> anyhow::Result<Vec<Inventory>> {
    // As in `setup::read`, no target.
    let cannot = |error| anyhow::anyhow!("cannot read `{}`: {error}", file.display());
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(file).map_err(cannot)?)
    };
    let read = serde_json::Deserializer::from_reader(BufReader::new(input)).into_iter();
    let inventories: Result<Vec<Inventory>, serde_json::Error> = read.collect();
    let inventories = inventories
        .map_err(|error| anyhow::anyhow!("{}: no inventory: {error}", file.display()))?;
    if inventories.is_empty() {
        bail!("{}: there is no inventory in it", file.display());
    }
    Ok(inventories)
}

/// What fails comes first; then what was not looked at. Where no control is for anything, nothing was.
fn exit(audit: &Audit, fail_on: Severity) -> Exit {
    if audit.failed().any(|check| check.severity >= fail_on) {
        Exit::Findings
    } else if !audit.lost.is_empty() || audit.asked == 0 {
        Exit::NotScanned
    } else if !audit.failures.is_empty()
        || audit.stores.iter().any(|store| !store.gaps.is_empty())
        || audit.checks.iter().any(|check| check.verdict == Verdict::Unknown)
    {
        Exit::Partial
    } else {
        Exit::Clean
    }
}

fn style(args: &AuditArgs, environment: &Environment) -> Style {
    let color = match args.color {
        When::Auto => environment.color,
        When::Always => true,
        When::Never => false,
    };
    Style { color: if color { Color::Ansi } else { Color::Plain }, all: args.show_all }
}
