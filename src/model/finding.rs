//! What was found, where, and whether it counts.

use serde::{Deserialize, Serialize};

use std::sync::Arc;

use super::{Commit, Confidence, Digest, Origin, Position, RuleMeta, Secret, Severity, Span};

/// Something that people should act on.
#[derive(Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Arc<RuleMeta>,
    /// How sure it is: the rule's, or what the model says of this one.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// Whether it counts.
    pub status: Status,
}

/// What a finding is about.
#[derive(Debug)]
#[non_exhaustive]
pub enum Subject {
    /// A secret value where it must not be.
    Leak(Box<Leak>),
    /// Something in a file that a policy is against.
    Misuse(Box<Misuse>),
}

impl Finding {
    /// The leak, where the finding is one.
    pub fn leak(&self) -> Option<&Leak> {
        match &self.subject {
            Subject::Leak(leak) => Some(leak),
            Subject::Misuse(_) => None,
        }
    }

    /// The misuse, where the finding is one.
    pub fn misuse(&self) -> Option<&Misuse> {
        match &self.subject {
            Subject::Misuse(misuse) => Some(misuse),
            Subject::Leak(_) => None,
        }
    }

    /// Where it is.
    pub fn site(&self) -> Site<'_> {
        match &self.subject {
            Subject::Leak(leak) => Site {
                origin: &leak.origin,
                start: leak.start,
                end: leak.end,
                identity: leak.digest,
            },
            Subject::Misuse(misuse) => Site {
                origin: &misuse.origin,
                start: misuse.start,
                end: misuse.end,
                identity: misuse.digest,
            },
        }
    }

    /// What holds it.
    pub fn origin_mut(&mut self) -> &mut Arc<Origin> {
        match &mut self.subject {
            Subject::Leak(leak) => &mut leak.origin,
            Subject::Misuse(misuse) => &mut misuse.origin,
        }
    }

    /// The leak, where the finding is one.
    pub fn leak_mut(&mut self) -> Option<&mut Leak> {
        match &mut self.subject {
            Subject::Leak(leak) => Some(leak),
            Subject::Misuse(_) => None,
        }
    }

    /// Whether the finding counts, that is, nothing suppresses it.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Open)
    }
}

/// Where a finding is, whatever it is about.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// What holds it.
    pub origin: &'a Arc<Origin>,
    /// Where it starts.
    pub start: Position,
    /// Where it ends: the position of its last character.
    pub end: Position,
    /// What stays the same when it moves.
    pub identity: Digest,
}

/// Something in a file that a policy is against.
#[derive(Debug)]
pub struct Misuse {
    /// The file.
    pub origin: Arc<Origin>,
    /// Where it starts.
    pub start: Position,
    /// Where it ends: the position of its last character.
    pub end: Position,
    /// Id of the fact: `compose.yml#services.web.environment.DB_PASSWORD`.
    pub fact: String,
    /// What is wrong.
    pub message: String,
    /// Identity: the keyed digest of the fact's id.
    pub digest: Digest,
}

/// What a policy says of a place where there is a leak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Id of the control.
    pub control: String,
    /// How bad the control says that it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
}

/// A secret value at a place.
#[derive(Debug)]
pub struct Leak {
    /// What the bytes were read from.
    pub origin: Arc<Origin>,
    /// The secret's bytes, as offsets into the whole file. For a decoded secret: of its encoded
    /// form; for one that is written as several strings: of all of them.
    pub span: Span,
    /// Where the secret starts.
    pub start: Position,
    /// Where it ends: the position of its last character.
    pub end: Position,
    /// 1-based line where the whole match starts, of which the secret may be a part; 0 for a rule on
    /// paths alone.
    pub matched_line: u64,
    /// The line, masked.
    pub excerpt: Excerpt,
    /// The value: for baselines, verification and `--show-secrets`; empty in a report otherwise.
    pub secret: Option<Secret>,
    /// What may be shown of the value.
    pub preview: String,
    /// Identity: the keyed digest of the value within its rule's family. Survives moved lines, renames
    /// and rebases.
    pub digest: Digest,
    /// Digests by which stores' values are told to be the same, of the value and of a password in it; empty unless
    /// they are asked for.
    pub value_digests: Vec<Digest>,
    /// Shannon entropy of the value in bits per byte.
    pub entropy: f64,
    /// Why it was flagged.
    pub evidence: Evidence,
    /// Decoders that led to it, outermost first: `["base64", "gzip"]`. Empty for plain text.
    pub decoders: Vec<&'static str>,
    /// Further parts of the credential found near it (a rule's `required`), sorted by span.
    pub parts: Vec<Part>,
    /// How it came into the repository; `None` for what is not in git's history.
    pub introduced: Option<Introduction>,
    /// How many versions of the file hold the value; 1 where there is one only.
    pub versions: u64,
    /// What policies say of the place; sorted.
    pub breaches: Vec<Breach>,
}

/// A line of source, cut to what a terminal shows, with every secret on it masked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The text, without line breaks or control characters.
    pub text: String,
    /// Where the masked value stands in `text`: 0-based half-open range of characters.
    pub caret: (usize, usize),
}

/// Why a match is thought to be a secret.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// The keyword that led to it.
    pub keyword: Option<String>,
    /// The rule's entropy threshold in bits per byte, if it has one.
    pub min_entropy: Option<f64>,
    /// The checksum that held, if the rule has one.
    pub checksum: Option<String>,
    /// How likely it is a secret, 0 to 1, where the model found it.
    pub probability: Option<f32>,
    /// What spoke most for it there, in words.
    pub reasons: Vec<&'static str>,
    /// What the checksum or structure tells, such as the account of a key id; never the value.
    pub note: Option<String>,
}

/// Another part of a credential, found near the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule that found the part.
    pub rule: String,
    /// Where it starts.
    pub start: Position,
    /// What may be shown of it.
    pub preview: String,
    /// Identity of the part's value.
    pub digest: Digest,
}

/// How a value came into a git repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The first commit that brought it in; `None` for objects that no commit reaches.
    pub commit: Option<Commit>,
    /// Whether the tree of HEAD still holds it.
    pub in_head: bool,
    /// Branches and tags that contain the commit.
    pub refs: Refs,
    /// Where it is when no branch or tag reaches it (`staged`, `stash`, `reflog`, `unreachable`), or the kind of
    /// object that holds it (`commit message`, `tag message`).
    pub note: Option<String>,
}

/// Names of branches and tags, as git shortens them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Refs {
    /// The first of them, sorted.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

/// Whether a finding counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Open,
    /// Somebody said that it is accepted.
    Suppressed {
        /// What said so.
        by: By,
        /// The reason given there; may be empty.
        reason: String,
    },
}

/// What suppresses a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// An allowlist of the configuration.
    Allowlist,
    /// A comment in the scanned text.
    Inline,
    /// An ignore file.
    IgnoreFile,
    /// A baseline of earlier findings.
    Baseline,
    /// An exception of the configuration, for what a policy found.
    Exception,
}

impl By {
    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowlist => "allowlist",
            Self::Inline => "inline",
            Self::IgnoreFile => "ignore-file",
            Self::Baseline => "baseline",
            Self::Exception => "exception",
        }
    }
}
