//! Asks stores, several at a time, and shows how far they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::bail;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::args::AskingArgs;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::{output, setup};
use crate::collect::values::Values;
use crate::collect::{self, CollectError, Judge, NoJudge, Progress, Request, STORES, Store};
use crate::config;
use crate::detect::{self, Profile};
use crate::model::{DigestKey, Inventory};
use crate::pipeline::texts::Texts;

/// How often the progress bar turns.
const TICK: Duration = Duration::from_millis(120);

/// What the stores say, each beside its address and in their order. Values are read only if there is a key to compare
/// them by.
///
/// # Errors
/// When an address is of no store that there is.
pub(super) fn collect(
    addresses: &[String],
    kinds: Option<&BTreeSet<String>>,
    args: &AskingArgs,
    key: Option<&DigestKey>,
    environment: &Environment,
) -> anyhow::Result<Vec<(String, Result<Inventory, CollectError>)>> {
    let stores = find(addresses)?;
    let bar = Bar::new(!stores.is_empty() && !args.no_progress && environment.stderr_is_terminal);
    let files = args.kube_config_files.iter();
    let files = std::env::join_paths(files).ok().and_then(|list| list.into_string().ok());
    let files = files.filter(|list| !list.is_empty());
    let variable = |name: &str| match &files {
        Some(list) if name == "KEYSTREL_KUBE_CONFIG_FILES" => Some(list.clone()),
        _ => Environment::variable(name),
    };
    // Nothing is told of texts if nothing is asked.
    let texts = if stores.is_empty() { None } else { Some(texts()?) };
    let judge: &dyn Judge = texts.as_ref().map_or(&NoJudge, |texts| texts);
    let ask = |store: &Store, address: &str| {
        let values = key.map(|key| Values::new(key, judge));
        let mut answer = (store.collect)(&Request {
            address,
            now: environment.now,
            environment: &variable,
            home: environment.home.as_deref(),
            kinds,
            concurrency: args.concurrency.into(),
            timeout: Duration::from_secs(args.timeout),
            deadline: Duration::from_secs(args.deadline),
            progress: &bar,
            values: values.as_ref(),
            judge,
        });
        if let (Ok(inventory), Some(values)) = (&mut answer, values) {
            inventory.facts.extend(values.into_facts());
        }
        if let (Ok(inventory), Some(texts)) = (&mut answer, &texts) {
            texts.blank(inventory);
        }
        answer
    };
    let answers = thread::scope(|scope| {
        let ask = &ask;
        let asked: Vec<_> = stores
            .into_iter()
            .map(|(whole, store, address)| (whole, scope.spawn(move || ask(store, address))))
            .collect();
        let join = |(whole, thread): (&str, thread::ScopedJoinHandle<'_, _>)| {
            let answer = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (whole.to_owned(), answer)
        };
        asked.into_iter().map(join).collect()
    });
    bar.line.finish_and_clear();
    Ok(answers)
}

/// Takes digests of values out of inventories.
pub(super) fn forget_values(answers: &mut [(String, Result<Inventory, CollectError>)]) {
    for inventory in answers.iter_mut().filter_map(|(_, answer)| answer.as_mut().ok()) {
        inventory.facts.retain(|fact| fact.kind != collect::values::KIND);
    }
}

/// What tells secrets in descriptions and the like: the rules that are built in.
fn texts() -> anyhow::Result<Texts> {
    let config = config::builtin()?;
    let key = setup::random_key()?;
    Ok(Texts::new(setup::engine(config, None, Profile::default(), key, detect::Values::Forget)))
}

fn find(addresses: &[String]) -> anyhow::Result<Vec<(&str, &'static Store, &str)>> {
    addresses
        .iter()
        .map(|address| match collect::find(address) {
            Some((store, rest)) => Ok((address.as_str(), store, rest)),
            None if STORES.is_empty() => bail!("this build of keystrel has no stores"),
            None => {
                let names: Vec<&str> = STORES.iter().map(|store| store.name).collect();
                bail!("`{address}` is no store: they begin with {}", names.join(":, ") + ":")
            }
        })
        .collect()
}

/// Prints the least permissions for facts of these kinds; those that come of values only if those may be read.
pub(super) fn explain(
    addresses: &[String],
    kinds: &BTreeSet<String>,
    args: &AskingArgs,
) -> anyhow::Result<Exit> {
    let may_be_read = |kind: &&str| args.read_values || !collect::values::is_of_values(kind);
    let mut kinds: BTreeSet<&str> = kinds.iter().map(String::as_str).filter(may_be_read).collect();
    if args.read_values {
        kinds.insert(collect::values::KIND);
    }
    let mut told = BTreeSet::new();
    for (_, store, _) in find(addresses)? {
        if told.insert(store.name) {
            output::print(&(store.permissions)(&kinds))?;
        }
    }
    Ok(Exit::Clean)
}

/// Prints the kinds of stores.
pub(super) fn list() -> anyhow::Result<Exit> {
    let width = STORES.iter().map(|store| store.name.len()).max().unwrap_or(0);
    let line = |store: &Store| format!("{:width$}  {}\n", store.name, store.about);
    output::print(&STORES.iter().map(line).collect::<String>())
}

/// Says on standard error what an inventory lacks.
pub(super) fn tell(inventory: &Inventory) {
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for gap in &inventory.gaps {
        reasons.entry((&gap.needs, &gap.why)).or_default().push(&gap.what);
    }
    for ((kind, why), what) in reasons {
        let more = match what.len() {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        let first = what.first().copied().unwrap_or_default();
        output::note(&format!("{}: no {kind} of {first}{more}: {why}", inventory.source));
    }
}

/// A line on standard error.
struct Bar {
    line: ProgressBar,
    asked: AtomicUsize,
    found: AtomicUsize,
}

impl Bar {
    fn new(is_shown: bool) -> Self {
        let line = if is_shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        line.set_style(ProgressStyle::default_spinner());
        if is_shown {
            line.enable_steady_tick(TICK);
        }
        Self { line, asked: AtomicUsize::new(0), found: AtomicUsize::new(0) }
    }

    fn show(&self, what: &str) {
        let count = |counter: &AtomicUsize| HumanCount(counter.load(Ordering::Relaxed) as u64);
        let (asked, found) = (count(&self.asked), count(&self.found));
        self.line.set_message(format!("{asked} requests, {found} facts{what}"));
    }
}

impl Progress for Bar {
    fn asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.show("");
    }

    fn found(&self, facts: usize) {
        self.found.fetch_add(facts, Ordering::Relaxed);
    }

    fn reads(&self, what: &str) {
        self.show(&format!(": {what}"));
    }
}
