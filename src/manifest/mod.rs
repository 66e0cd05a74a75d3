//! Files that say how software is built and run, to [`Fact`]s with places, for policies.
//!
//! Each kind of manifest is a row of `KINDS`: its name, which files are of it, and what reads them.
//! Reading is pure, bounded in depth and size, and cannot fail: what cannot be read is a [`Gap`].
//! Whether a value is a secret is asked of a [`Judge`]; a value that is one is blanked in every fact.

use std::ops::Range;

use crate::model::{Fact, Gap};

mod actions;
mod ansible;
mod arm;
mod attributes;
mod azure;
mod bound;
mod circleci;
mod cloudformation;
mod compose;
mod dockerfile;
mod dockerlines;
mod dockernames;
mod dotenv;
mod ecs;
mod expressions;
mod gitlab;
mod groovy;
mod hcl;
mod hclvalue;
mod helm;
mod image;
mod jenkins;
mod jenkinsvars;
mod jobs;
mod kubeadm;
mod kubernetes;
mod kustomize;
mod names;
mod node;
mod nomad;
mod pieces;
mod procfile;
mod serverless;
mod sheet;
mod steps;
mod systemd;
mod terraform;
#[cfg(test)]
mod tests;
mod tfjson;
mod tfresources;
mod tfstate;
mod values;
mod yaml;

/// How sure the detection is that a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// By its name and form.
    Likely,
    /// By its form alone.
    Known,
}

impl Certainty {
    /// As facts have it: `known` or `likely`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Known => "known",
        }
    }
}

/// What detection says of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Id of the rule that says that it is a secret.
    pub rule: String,
    /// How sure that is.
    pub confidence: Certainty,
    /// Whether it is as sure as whoever scans wants it to be: what is less is blanked as well, and no more is said of it.
    pub counts: bool,
}

/// Tells whether bytes of the file are a secret.
pub trait Judge {
    /// What is said of the value at `value`, a range of bytes of the file as it is written there, without
    /// quotes; None if it is no secret and holds none.
    fn judge(&self, value: Range<usize>) -> Option<Judged>;

    /// Where secrets are, exactly: what is shown of a file may cut its text otherwise than by punctuation.
    fn secrets(&self) -> Vec<Range<usize>>;
}

/// A file that may be a manifest.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// Path within the target, `/`-separated: it tells the kind.
    pub path: &'a str,
    /// Path as reports show it: that of [`crate::model::Place`]s, and the beginning of ids.
    pub shown: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// What tells secrets.
    pub judge: &'a dyn Judge,
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// Facts in the order of the file; their ids are unique and begin with the shown path.
    pub facts: Vec<Fact>,
    /// What could not be read, once for each kind of facts that may be missing.
    pub gaps: Vec<Gap>,
}

/// A kind of manifest.
struct Kind {
    /// Its name.
    name: &'static str,
    /// The kinds of facts that it gives, which are gaps of what is not read.
    facts: &'static [&'static str],
    /// Whether a file is of it, by its path and its first bytes; cheap.
    is: fn(&str, &[u8]) -> bool,
    /// Reads one.
    read: fn(&File<'_>) -> Read,
}

/// Most bytes of a file that is read. Manifests are written by hand; what is larger is made, or hostile.
const MAX_TEXT: usize = 8 << 20;

/// Endings of files of which it is what is in them that makes some a manifest.
const TOLD_BY_CONTENT: &[&str] = &["groovy", "hcl", "json", "template", "yaml", "yml"];

/// All kinds; the first whose `is` holds reads a file.
static KINDS: &[Kind] = &[
    Kind { name: "image", facts: image::FACTS, is: image::is, read: image::read },
    Kind {
        name: "dockerfile",
        facts: dockerfile::FACTS,
        is: dockernames::is,
        read: dockerfile::read,
    },
    Kind { name: "compose", facts: compose::FACTS, is: compose::is, read: compose::read },
    Kind { name: "dotenv", facts: &["env_binding"], is: dotenv::is, read: dotenv::read },
    Kind { name: "github-actions", facts: steps::FACTS, is: actions::is, read: actions::read },
    Kind { name: "gitlab-ci", facts: steps::FACTS, is: gitlab::is, read: gitlab::read },
    Kind { name: "circleci", facts: steps::FACTS, is: circleci::is, read: circleci::read },
    Kind { name: "azure-pipelines", facts: steps::FACTS, is: azure::is, read: azure::read },
    Kind { name: "jenkins", facts: steps::FACTS, is: jenkins::is, read: jenkins::read },
    Kind { name: "terraform", facts: terraform::FACTS, is: terraform::is, read: terraform::read },
    Kind { name: "terraform-state", facts: tfstate::FACTS, is: tfstate::is, read: tfstate::read },
    Kind { name: "nomad", facts: nomad::FACTS, is: nomad::is, read: nomad::read },
    Kind { name: "procfile", facts: &["env_binding"], is: procfile::is, read: procfile::read },
    Kind { name: "kustomize", facts: kustomize::FACTS, is: kustomize::is, read: kustomize::read },
    Kind { name: "systemd", facts: systemd::FACTS, is: systemd::is, read: systemd::read },
    Kind { name: "ecs", facts: ecs::FACTS, is: ecs::is, read: ecs::read },
    Kind {
        name: "serverless",
        facts: serverless::FACTS,
        is: serverless::is,
        read: serverless::read,
    },
    Kind { name: "ansible", facts: ansible::FACTS, is: ansible::is, read: ansible::read },
    // By what is in them, so that they come last.
    Kind { name: "arm", facts: arm::FACTS, is: arm::is, read: arm::read },
    Kind {
        name: "cloudformation",
        facts: cloudformation::FACTS,
        is: cloudformation::is,
        read: cloudformation::read,
    },
    Kind {
        name: "kubernetes",
        facts: kubernetes::FACTS,
        is: kubernetes::is,
        read: kubernetes::read,
    },
];

/// The name of the kind of manifest that a file is by its path and first bytes, if any; cheap: most
/// files are none.
pub fn kind(path: &str, head: &[u8]) -> Option<&'static str> {
    of(path, head).map(|kind| kind.name)
}

/// Whether a manifest is of continuous integration, by its path and first bytes.
pub fn is_pipeline(path: &str, head: &[u8]) -> bool {
    of(path, head).is_some_and(|kind| kind.facts.contains(&"ci_workflow"))
}

/// Whether a file at a path can be a manifest, whatever is in it.
pub fn may_be(path: &str) -> bool {
    of(path, b"").is_some() || has_extension(path, TOLD_BY_CONTENT)
}

/// The facts of a manifest; None if the file is none.
pub fn read(file: &File<'_>) -> Option<Read> {
    let kind = of(file.path, file.text.as_bytes())?;
    if file.text.len() > MAX_TEXT {
        let gap = |needs: &&str| Gap {
            needs: (*needs).to_owned(),
            what: file.shown.to_owned(),
            why: format!("a {} file of more than {} MiB is not read", kind.name, MAX_TEXT >> 20),
        };
        return Some(Read { facts: Vec::new(), gaps: kind.facts.iter().map(gap).collect() });
    }
    Some((kind.read)(file))
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a file's name ends with one of these after a dot, in whatever case.
fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = file_name(path).rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|own| extensions.iter().any(|other| own.eq_ignore_ascii_case(other)))
}

fn of(path: &str, head: &[u8]) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.is)(path, head))
}
