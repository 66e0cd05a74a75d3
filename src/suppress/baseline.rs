//! Baselines: findings of an earlier run that are accepted until somebody has time for them.
//!
//! keystrel's own holds identities, that is keyed digests, and the key: it finds a value again wherever
//! it moves, and a changed value is new. It does not hold values, but who has the file can try guesses
//! against it, as who has the repository can read them there: keep it as private as the repository.

use std::collections::BTreeSet;
use std::io;

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

use super::SuppressError;
use crate::model::{Digest, DigestKey, Finding, Leak, Run, Secret};

/// Name of our format.
const SCHEMA: &str = "keystrel.baseline/v1";

/// Accepted findings.
#[derive(Debug)]
pub struct Baseline {
    file: String,
    known: Known,
}

#[derive(Debug)]
enum Known {
    Own {
        key: [u8; 32],
        identities: BTreeSet<String>,
    },
    Gitleaks(Vec<GitleaksFinding>),
    /// File and SHA-1 of the value, as hex.
    DetectSecrets(BTreeSet<(String, String)>),
}

#[derive(Debug, Serialize, Deserialize)]
struct OwnFile {
    schema: String,
    /// The key of the identities: 64 hex digits. It lies beside what is digested under it, and is no secret; in a field
    /// called `key` every scanner would take it for one.
    salt: String,
    findings: Vec<OwnFinding>,
}

/// Rule, path and line are for people; the identity alone counts.
#[derive(Debug, Serialize, Deserialize)]
struct OwnFinding {
    identity: String,
    rule: String,
    path: String,
    line: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GitleaksReport {
    #[serde(rename = "RuleID")]
    rule_id: String,
    #[serde(default)]
    file: String,
    #[serde(default)]
    start_line: u64,
    #[serde(default)]
    secret: String,
}

#[derive(Debug)]
struct GitleaksFinding {
    rule: String,
    file: String,
    line: u64,
    /// SHA-256 of the value: the report has it in full, this does not. None where it was redacted.
    value: Option<[u8; 32]>,
}

#[derive(Debug, Deserialize)]
struct DetectSecretsFile {
    results: std::collections::BTreeMap<String, Vec<DetectSecretsFinding>>,
}

#[derive(Debug, Deserialize)]
struct DetectSecretsFinding {
    hashed_secret: String,
}

impl Baseline {
    /// Reads keystrel's baseline, gitleaks' JSON report, or detect-secrets' baseline.
    ///
    /// # Errors
    /// When the text is none of them.
    pub fn read(file: &str, text: &[u8]) -> Result<Self, SuppressError> {
        let error = |why: String| SuppressError { file: file.to_owned(), line: 1, why };
        let value: serde_json::Value = serde_json::from_slice(text).map_err(|e| SuppressError {
            file: file.to_owned(),
            line: e.line().max(1),
            // The parser's own message may quote what it met.
            why: format!("not JSON (column {})", e.column()),
        })?;
        let wrong = |what: &str| error(format!("this is no {what}"));
        let known = if value.get("schema").and_then(|s| s.as_str()) == Some(SCHEMA) {
            let own: OwnFile =
                serde_json::from_value(value).map_err(|_| wrong("baseline of keystrel"))?;
            let key = DigestKey::from_hex(&own.salt)
                .map(|key| *key.expose())
                .ok_or_else(|| error("`salt` is not 64 hex digits".into()))?;
            let identities = own.findings.into_iter().map(|finding| finding.identity).collect();
            Known::Own { key, identities }
        } else if value.is_array() {
            let report: Vec<GitleaksReport> =
                serde_json::from_value(value).map_err(|_| wrong("report of gitleaks"))?;
            Known::Gitleaks(report.into_iter().map(GitleaksFinding::from).collect())
        } else if value.get("results").is_some() {
            let own: DetectSecretsFile =
                serde_json::from_value(value).map_err(|_| wrong("baseline of detect-secrets"))?;
            let pairs = own.results.into_iter().flat_map(|(file, found)| {
                let file = file.replace('\\', "/");
                found.into_iter().map(move |one| (file.clone(), one.hashed_secret))
            });
            Known::DetectSecrets(pairs.collect())
        } else {
            return Err(error(
                "neither a baseline of keystrel or detect-secrets nor a JSON report of gitleaks"
                    .into(),
            ));
        };
        Ok(Self { file: file.to_owned(), known })
    }

    /// The key of its identities, which the run has to use.
    pub fn key(&self) -> Option<DigestKey> {
        match &self.known {
            Known::Own { key, .. } => Some(DigestKey::new(*key)),
            _ => None,
        }
    }

    pub(super) fn reason(&self) -> String {
        format!("in {}", self.file)
    }

    pub(super) fn holds(&self, finding: &Finding) -> bool {
        if let Known::Own { identities, .. } = &self.known {
            return identities.contains(&finding.site().identity.to_string());
        }
        // Others know of values alone.
        let Some(leak) = finding.leak() else { return false };
        match &self.known {
            Known::Own { .. } => false,
            Known::Gitleaks(known) => {
                let value = leak.secret.as_ref().map(sha256);
                known.iter().any(|old| old.is(finding, leak, value))
            }
            Known::DetectSecrets(known) => leak.secret.as_ref().is_some_and(|secret| {
                let hash = hex(&Sha1::digest(secret.expose()));
                known.contains(&(leak.origin.inner_path().into_owned(), hash))
            }),
        }
    }
}

impl GitleaksFinding {
    /// Whether it is the same value in the same file, or, where it was redacted, the same rule and line.
    fn is(&self, finding: &Finding, leak: &Leak, value: Option<[u8; 32]>) -> bool {
        if self.file != leak.origin.inner_path() && self.file != leak.origin.path {
            return false;
        }
        match self.value {
            Some(old) => Some(old) == value,
            None => {
                self.rule == finding.rule.id && self.line == leak.start.line
                    || self.line == leak.matched_line
            }
        }
    }
}

impl From<GitleaksReport> for GitleaksFinding {
    fn from(report: GitleaksReport) -> Self {
        let secret = Secret::new(report.secret.into_bytes());
        let redacted = secret.expose().is_empty()
            || secret.expose() == b"REDACTED"
            || secret.expose().ends_with(b"...");
        Self {
            rule: report.rule_id,
            file: report.file.replace('\\', "/"),
            line: report.start_line,
            value: (!redacted).then(|| sha256(&secret)),
        }
    }
}

/// Writes the open findings of `run` as a baseline under the run's key.
///
/// # Errors
/// The writer's.
pub fn write(run: &Run, key: &DigestKey, out: &mut dyn io::Write) -> io::Result<()> {
    let mut seen: BTreeSet<Digest> = BTreeSet::new();
    let findings = run
        .open()
        .map(|finding| (finding, finding.site()))
        .filter(|(_, site)| seen.insert(site.identity))
        .map(|(finding, site)| OwnFinding {
            identity: site.identity.to_string(),
            rule: finding.rule.id.clone(),
            path: site.origin.display_path(),
            line: site.start.line,
        })
        .collect();
    let file = OwnFile { schema: SCHEMA.into(), salt: key.to_hex().to_string(), findings };
    serde_json::to_writer_pretty(&mut *out, &file)?;
    writeln!(out)
}

fn sha256(secret: &Secret) -> [u8; 32] {
    sha2::Sha256::digest(secret.expose()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
