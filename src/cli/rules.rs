//! `keystrel rules`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::args::ConfigArgs;
use super::environment::Environment;
use super::exit::Exit;
use super::{output, rules_test, setup};
use crate::config;
use crate::detect::RuleSet;
use crate::detect::rule::Rule;

#[derive(Debug, ClapArgs)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List all rules, a line each
    List {
        /// A line for each, or the table of docs/rules.md
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ListFormat,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Show one rule
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Run the examples of rules through the whole engine
    #[command(
        after_help = "Exit codes: 0 all examples are as they should be, 1 some are not, 2 the file cannot be used."
    )]
    Test {
        /// A configuration whose rules' examples are run [default: the built-in rules]
        file: Option<PathBuf>,
    },
    /// Check a configuration: load it, and name everything that is odd
    #[command(after_help = "Exit codes: 0 it can be used, with or without warnings; 2 it cannot.")]
    Check {
        /// The file
        file: PathBuf,
    },
}

/// How `rules list` prints.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ListFormat {
    /// A line for each rule.
    Text,
    /// A table by provider.
    Markdown,
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, environment: &Environment) -> anyhow::Result<Exit> {
    match &args.command {
        RulesCommand::List { format, config } => list(*format, config, environment),
        RulesCommand::Show { id, config } => show(id, config, environment),
        RulesCommand::Test { file } => rules_test::run(file.as_deref()),
        RulesCommand::Check { file } => check(file),
    }
}

fn list(format: ListFormat, args: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let loaded = setup::load(args, environment, setup::here().as_deref())?;
    output::print(&match format {
        ListFormat::Text => lines(&loaded.config.rules),
        ListFormat::Markdown => markdown(&loaded.config.rules),
    })
}

fn lines(rules: &RuleSet) -> String {
    let rules = rules.rules();
    let width = rules.iter().map(|rule| rule.meta.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Rule { meta, .. } in rules {
        let (id, severity, confidence) = (&meta.id, meta.severity, meta.confidence);
        let _ =
            writeln!(text, "{id:width$}  {severity:8}  {confidence:6}  {}", meta.about.description);
    }
    text
}

/// `docs/rules.md`: a table of kinds by provider.
fn markdown(rules: &RuleSet) -> String {
    let mut by_provider: BTreeMap<(String, &str), Vec<&Rule>> = BTreeMap::new();
    for rule in rules.rules() {
        let name = match rule.meta.about.provider.as_str() {
            "" => rule.meta.family.as_str(),
            name => name,
        };
        by_provider.entry((name.to_lowercase(), name)).or_default().push(rule);
    }
    let (kinds, providers) = (rules.rules().len(), by_provider.len());
    let mut text = format!(
        "# Rules\n\n{kinds} kinds of {providers} providers. Made by `keystrel rules list --format markdown`.\n\n\
         | provider | rule | severity | confidence | checksum | what it is |\n|---|---|---|---|---|---|\n"
    );
    for ((_, name), rules) in &by_provider {
        for Rule { meta, spec, .. } in rules {
            let checksum = spec.checksum.as_deref().unwrap_or_default();
            // The id leads to what documents the token: a column of addresses would be the widest.
            let id = match meta.about.references.first() {
                Some(url) => format!("[`{}`]({url})", meta.id),
                None => format!("`{}`", meta.id),
            };
            let _ = writeln!(
                text,
                "| {name} | {id} | {} | {} | {checksum} | {} |",
                meta.severity,
                meta.confidence,
                meta.about.description.replace('|', "\\|"),
            );
        }
    }
    text
}

fn show(id: &str, args: &ConfigArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let loaded = setup::load(args, environment, setup::here().as_deref())?;
    let Some(rule) = loaded.config.rules.find(id) else {
        bail!("there is no rule `{id}`: `keystrel rules list` names them all");
    };
    output::print(&describe(rule))
}

fn describe(rule: &Rule) -> String {
    let (meta, spec) = (&rule.meta, &rule.spec);
    let mut text = format!("{}\n  {}\n\n", meta.id, meta.about.description);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12}{value}");
        }
    };
    line("severity", meta.severity.to_string());
    line("confidence", meta.confidence.to_string());
    line("family", meta.family.clone());
    line("tags", meta.about.tags.join(", "));
    line("keywords", meta.about.keywords.join(", "));
    line("path", spec.path.clone().unwrap_or_default());
    line("regex", spec.regex.clone().unwrap_or_default());
    if spec.entropy > 0.0 {
        line("entropy", format!("above {} bits per byte", spec.entropy));
    }
    if let Some((min, max)) = spec.length {
        line("length", format!("{min} to {max} bytes"));
    }
    line("checksum", rule.checksum().map(|sum| sum.what.to_owned()).unwrap_or_default());
    for required in &spec.required {
        let within = required.within_lines.map(|lines| format!(" within {lines} lines"));
        line("requires", format!("{}{}", required.id, within.unwrap_or_default()));
    }
    for reference in &meta.about.references {
        line("see", reference.clone());
    }
    line("when leaked", meta.about.rotation.clone());
    text
}

fn check(file: &Path) -> anyhow::Result<Exit> {
    let found =
        config::discover(&config::Given { path: Some(file.to_owned()), content: None }, None)?;
    let Some(found) = found else { bail!("cannot read `{}`", file.display()) };
    let config = config::load(&found)?;
    let mut text = String::new();
    for warning in &config.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    // Built-in rules have a family; what they cost is known.
    let is_own = |rule: &&Rule| rule.spec.family.is_empty() && !rule.is_path_only();
    let slow = config.rules.rules().iter().filter(is_own);
    for rule in slow.filter(|rule| rule.shape.anchors.is_empty()) {
        let id = &rule.meta.id;
        let _ = writeln!(
            text,
            "warning: rule `{id}`: its matches need no literal of three bytes, so it runs over whole files"
        );
    }
    let _ =
        writeln!(text, "{}: usable, with {} rules in all", found.name, config.rules.rules().len());
    output::print(&text)
}
