//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::audit::{AuditArgs, CollectArgs};
use super::hook::HookArgs;
use super::man::ManArgs;
use super::policy::PolicyArgs;
use super::rules::RulesArgs;
use super::values;
use crate::detect::Profile;
use crate::model::{Confidence, Severity};
use crate::source::image::Platform;

/// Finds leaked secrets in files, git histories and images, and audits the stores that should hold them.
#[derive(Debug, Parser)]
#[command(name = "keystrel", version, about, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or \
configuration,\n            3 could not scan, 4 parts could not be read.")]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan directories, files, repositories, images, clusters or standard input for leaked secrets
    Scan(Box<ScanArgs>),
    /// Check live secret stores by policy: rotation, least privilege, audit coverage
    Audit(Box<AuditArgs>),
    /// Read live secret stores to a file that `audit --from` judges
    Collect(CollectArgs),
    /// List, show, test or check rules
    Rules(RulesArgs),
    /// List, show, test or check policies
    Policy(PolicyArgs),
    /// Say what each rule made of a line: keyword, match, and the filter that dropped it
    Explain(ExplainArgs),
    /// Measure the rules on labelled lines: precision, recall, calibration
    Eval(EvalArgs),
    /// Write a configuration and install the git hook
    Init(InitArgs),
    /// Install or run git hooks
    Hook(HookArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page
    Man(ManArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct ScanArgs {
    /// What to scan: a directory, file, repository (history and work tree), address of a repository,
    /// image (`image:NAME`, `docker-archive:FILE`, `oci:DIR`, `oci-archive:FILE`), live cluster (`k8s:CONTEXT`), or `-` for standard
    /// input
    #[arg(default_value = ".")]
    pub(super) targets: Vec<String>,

    #[command(flatten)]
    pub(super) selection: SelectionArgs,

    /// Scan what git ignores too
    #[arg(long, help_heading = "What to scan")]
    pub(super) no_ignore: bool,
    /// Largest file to scan, in bytes [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = values::bytes, help_heading = "What to scan")]
    pub(super) max_file_size: Option<u64>,
    /// How many encodings deep a secret may be; 0 for plain text [default: 5]
    #[arg(long, value_name = "N", help_heading = "What to scan")]
    pub(super) decode_depth: Option<usize>,

    #[command(flatten)]
    pub(super) images: ImageArgs,
    #[command(flatten)]
    pub(super) policies: PoliciesArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(flatten)]
    pub(super) suppress: SuppressArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,

    /// Threads [default: one for each core]
    #[arg(long, short = 'j', value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "What to scan")]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct SelectionArgs {
    /// Scan only the work tree of repositories, not their history
    #[arg(long)]
    pub(super) no_history: bool,
    /// Remember in FILE what this scan of a history or of images saw; with the same FILE the next one scans only
    /// what is new
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// Scan each version of a file in full: slower, with the same findings
    #[arg(long)]
    pub(super) no_delta: bool,
    /// The targets are files of the repository that we are in; they are scanned together
    #[arg(skip)]
    pub(super) files: bool,

    /// Scan what is staged (the targets then are paths to restrict it to)
    #[arg(long)]
    pub(super) staged: bool,
    /// Scan the commits of a range: `A..B`, `A...B`, or `B C ^A`
    #[arg(long, value_name = "RANGE")]
    pub(super) range: Option<String>,
    /// Scan the commits since a revision, that is `REF..HEAD`
    #[arg(long, value_name = "REF")]
    pub(super) since: Option<String>,
}

#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Policies")]
pub(super) struct PoliciesArgs {
    /// Judge manifests by the policies in DIR too; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) policy: Vec<PathBuf>,
    /// Do not judge manifests: Dockerfiles, compose files, Kubernetes, workflows...
    #[arg(long)]
    pub(super) no_policies: bool,
}

#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Container images")]
pub(super) struct ImageArgs {
    /// Scan only the images for this platform, OS/ARCHITECTURE[/VARIANT]; may be given several times
    /// [default: all]
    #[arg(long, value_name = "PLATFORM")]
    pub(super) platform: Vec<Platform>,
    /// The base image: findings in its layers are told apart from the image's own
    #[arg(long, value_name = "IMAGE")]
    pub(super) base: Option<String>,
    /// Ask HOST first for what REGISTRY has; may be given several times
    #[arg(long, value_name = "REGISTRY=HOST")]
    pub(super) registry_mirror: Vec<String>,
    /// Allow plain HTTP to a registry, HOST[:PORT]; registries on this machine need no such permission
    #[arg(long, value_name = "HOST")]
    pub(super) insecure_registry: Vec<String>,
    /// Look for images in this directory alone: a store of containerd, Podman or Docker, such as
    /// /mnt/var/lib/containerd; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) image_store: Vec<PathBuf>,
}

#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Rules")]
pub(super) struct ConfigArgs {
    /// Configuration file, of keystrel, gitleaks or betterleaks [default: the one in the root of the target or its repository]
    #[arg(long, short = 'c', value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Use these rules only (ids, separated by commas or given several times)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) rule: Vec<String>,
}

#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "What counts")]
pub(super) struct SuppressArgs {
    /// Baseline: findings in it are accepted (of keystrel, gitleaks or detect-secrets)
    #[arg(long, short = 'b', value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all open findings to a baseline
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Ignore file [default: .keystrelignore and .gitleaksignore in the root of the target or its repository]
    #[arg(long, short = 'i', value_name = "FILE")]
    pub(super) ignore_file: Option<PathBuf>,
    /// Disregard comments that allow findings, such as `keystrel:allow`
    #[arg(long)]
    pub(super) no_inline: bool,
    /// List entries of ignore files that suppress nothing
    #[arg(long)]
    pub(super) report_unused_ignores: bool,
    /// Least severity that makes the exit code 1 [default: info]
    #[arg(long, value_name = "SEVERITY", value_parser = values::severity())]
    pub(super) fail_on: Option<Severity>,
    /// How sure of passwords and unknown tokens to be before reporting them: `pre-commit` is precise, `ci`
    /// balanced, `audit` thorough [default: `pre-commit` for what is staged, else `ci`]
    #[arg(long, value_name = "PROFILE", value_parser = values::profile())]
    pub(super) profile: Option<Profile>,
    /// Least confidence that is reported [default: low]
    #[arg(long, value_name = "CONFIDENCE", value_parser = values::confidence())]
    pub(super) min_confidence: Option<Confidence>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Reports")]
pub(super) struct ReportArgs {
    /// Format of standard output
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "text", value_parser = values::format())]
    pub(super) format: String,
    /// Write a report to a file beside it, FORMAT=FILE, or FORMAT=- for standard output; may be given
    /// several times
    #[arg(long, short = 'r', value_name = "FORMAT=FILE")]
    pub(super) report: Vec<String>,
    /// Add keyed digests of the values to JSON, for `keystrel audit --leaks` with the same key. The file is created if
    /// it does not exist
    #[arg(long, value_name = "FILE")]
    pub(super) value_key: Option<PathBuf>,
    /// Show values on the terminal
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// List suppressed findings too
    #[arg(long)]
    pub(super) show_suppressed: bool,
    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    pub(super) color: When,
    /// No progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
}

impl ReportArgs {
    /// Text without a progress bar.
    pub(super) fn for_hook() -> Self {
        Self {
            format: "text".into(),
            report: Vec::new(),
            value_key: None,
            show_secrets: false,
            show_suppressed: false,
            color: When::Auto,
            no_progress: true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ExplainArgs {
    /// The place, `FILE:LINE`
    pub(super) place: String,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct EvalArgs {
    /// Labels: JSON lines with `path`, `line_start`, `label` (T a credential, F none, X a placeholder) and,
    /// if there are any, `line_end`, `category`, `lines`, `before` and `after`
    pub(super) labels: PathBuf,
    /// Where the files of labels without `lines` are
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
    /// Categories that are no secrets by themselves: findings on them are neither right nor wrong
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    pub(super) neutral: Vec<String>,
    /// Profile of the table by category [default: ci]
    #[arg(long, value_name = "PROFILE", value_parser = values::profile())]
    pub(super) profile: Option<Profile>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct InitArgs {
    /// The repository
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
}
