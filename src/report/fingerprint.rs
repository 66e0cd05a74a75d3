//! Names of findings that stay the same from run to run.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::model::{Finding, Subject};

/// gitleaks' fingerprint: `commit:path:rule:line`, or `path:rule:line` outside of git.
pub(super) fn gitleaks(finding: &Finding) -> String {
    let Some(leak) = finding.leak() else {
        let site = finding.site();
        return format!("{}:{}:{}", site.origin.inner_path(), finding.rule.id, site.start.line);
    };
    let (path, rule, line) = (leak.origin.inner_path(), &finding.rule.id, leak.matched_line);
    match leak.introduced.as_ref().and_then(|i| i.commit.as_ref()) {
        Some(commit) => format!("{}:{path}:{rule}:{line}", commit.id),
        None => format!("{path}:{rule}:{line}"),
    }
}

/// Fingerprints by place: of the rule, the path and the masked line, with a number for equal ones. They
/// hold nothing of the value and no key, and survive moved lines.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<[u8; 32], u32>);

impl Places {
    /// The fingerprint of the next finding, as hex. Findings have to come in the run's order.
    pub(super) fn next(&mut self, finding: &Finding) -> String {
        let mut hash = Sha256::new();
        let origin = finding.site().origin;
        let (path, members) = (origin.inner_path(), origin.members.join("!"));
        let what = match &finding.subject {
            Subject::Leak(leak) => &leak.excerpt.text,
            Subject::Misuse(misuse) => &misuse.fact,
        };
        for part in [&finding.rule.id, &*path, &members, what] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let place: [u8; 32] = hash.finalize().into();
        let count = self.0.entry(place).or_insert(0);
        *count += 1;
        let hex: String = place.iter().take(16).map(|b| format!("{b:02x}")).collect();
        format!("{hex}:{count}")
    }
}
