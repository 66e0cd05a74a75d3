//! What can be typed after `audit` and `collect`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::cli::args::When;
use crate::cli::values;
use crate::model::Severity;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct AuditArgs {
    /// The stores, `KIND:ADDRESS`: see `keystrel collect --list`
    #[arg(required_unless_present = "from")]
    pub(in crate::cli) stores: Vec<String>,
    /// Judge what `keystrel collect` wrote to FILE (`-`: standard input); may be given several times
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from: Vec<PathBuf>,
    /// Scan this too, as `keystrel scan` does, and tell which of the leaked values are values of the stores, which
    /// version, and who can read them; may be given several times. Needs --read-values, or the --value-key of --from
    #[arg(long, value_name = "TARGET", help_heading = "Leaks")]
    pub(in crate::cli) scan: Vec<String>,
    /// The same of leaks that were found before: a report of `keystrel scan --format json --value-key KEY`
    #[arg(long, value_name = "FILE", help_heading = "Leaks")]
    pub(in crate::cli) leaks: Vec<PathBuf>,
    /// Print the least permissions that the chosen controls need, and ask nothing
    #[arg(long, conflicts_with = "from")]
    pub(in crate::cli) explain_permissions: bool,

    /// Ask these controls only (ids, separated by commas or given several times)
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "What counts")]
    pub(in crate::cli) control: Vec<String>,
    /// Tell how the stores stand against a framework, requirement by requirement, and ask the controls that it
    /// names only; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "What counts")]
    pub(in crate::cli) framework: Vec<String>,
    /// Directory of policies besides the built-in ones; may be given several times
    #[arg(long, value_name = "DIR", help_heading = "What counts")]
    pub(in crate::cli) policy: Vec<PathBuf>,
    /// Configuration file, for parameters and exceptions [default: the one in the current directory]
    #[arg(long, short = 'c', value_name = "FILE", help_heading = "What counts")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Least severity that makes the exit code 1 [default: info]
    #[arg(long, value_name = "SEVERITY", value_parser = values::severity(), help_heading = "What counts")]
    pub(in crate::cli) fail_on: Option<Severity>,

    #[command(flatten)]
    pub(in crate::cli) asking: AskingArgs,

    /// Format of standard output
    #[arg(
        long,
        short = 'f',
        value_name = "FORMAT",
        default_value = "text",
        value_parser = values::audit_format(),
        help_heading = "Reports"
    )]
    pub(in crate::cli) format: String,
    /// Write a report to a file beside it, FORMAT=FILE, or FORMAT=- for standard output; may be given
    /// several times
    #[arg(long, short = 'r', value_name = "FORMAT=FILE", help_heading = "Reports")]
    pub(in crate::cli) report: Vec<String>,
    /// List what passes, too, and who can read each secret
    #[arg(long, help_heading = "Reports")]
    pub(in crate::cli) show_all: bool,
    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto, help_heading = "Reports")]
    pub(in crate::cli) color: When,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct CollectArgs {
    /// The stores, `KIND:ADDRESS`
    #[arg(required_unless_present = "list")]
    pub(in crate::cli) stores: Vec<String>,
    /// List the kinds of stores
    #[arg(long)]
    pub(in crate::cli) list: bool,
    /// Where to write: an inventory a line, for `keystrel audit --from`
    #[arg(long, short = 'o', value_name = "FILE", default_value = "-")]
    pub(in crate::cli) output: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) asking: AskingArgs,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "How stores are asked")]
pub(in crate::cli) struct AskingArgs {
    /// Most requests to a store at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) concurrency: u16,
    /// Longest time of one request, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(in crate::cli) timeout: u64,
    /// Longest time for one store, in seconds; what is not read by then is unknown
    #[arg(long, value_name = "SECONDS", default_value_t = 1_800)]
    pub(in crate::cli) deadline: u64,
    /// Read values too, for what only they tell: which versions and which secrets are equal. They are compared by
    /// keyed digests, in memory, and never written
    #[arg(long)]
    pub(in crate::cli) read_values: bool,
    /// Keep the digests of values, made with this key, for `keystrel audit --from` and `--leaks` with the same key. The
    /// file is created if it does not exist
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) value_key: Option<PathBuf>,
    /// Of clusters, judge these files of the control plane too: encryption configurations, audit policies,
    /// configurations of kubelets, manifests of static pods; of certificates and kubeconfigs, when they end
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(in crate::cli) kube_config_files: Vec<PathBuf>,
    /// No progress bar
    #[arg(long)]
    pub(in crate::cli) no_progress: bool,
}
