//! For code scanning: SARIF 2.1.0 as GitHub takes it. Resources of stores are logical locations; since GitHub
//! shows no result without a file, each has a path of its own beside it, which no repository has; a leak stands where
//! it was found.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Format, Style, gaps};
use crate::model::{Audit, Check, Control, Verdict};
use crate::report::clean::clean;
use crate::report::sarif::{
    MAX_NAME, MAX_NOTIFICATIONS, MAX_RESULTS, MAX_TAGS, MAX_TEXT, cut, level, security_severity,
    uri,
};

pub(super) const FORMAT: Format =
    Format { name: "sarif", about: "SARIF 2.1.0, for GitHub code scanning", write };

fn write(audit: &Audit, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let is_told = |check: &&Check| matches!(check.verdict, Verdict::Failed | Verdict::Accepted(_));
    // Sorted by severity, so that the least severe are left out.
    let told: Vec<&Check> = audit.checks.iter().filter(is_told).collect();
    let dropped = told.len().saturating_sub(MAX_RESULTS);
    let kept = &told[..told.len() - dropped];
    let rules: BTreeMap<&str, &Control> =
        kept.iter().map(|check| (check.control.id.as_str(), &*check.control)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let kinds: Vec<&str> = audit
        .stores
        .iter()
        .map(|store| store.source.split(':').next().unwrap_or_default())
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "keystrel",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|control| descriptor(control)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": format!("keystrel/store/{}/", kinds.join("+")) },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(audit, dropped)],
            "results": results(kept, &index),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(control: &Control) -> Value {
    let Control { id, title, description, remediation, references, frameworks, .. } = control;
    let requirements = frameworks
        .iter()
        .flat_map(|(framework, all)| all.iter().map(move |one| format!("{framework}/{one}")));
    let tags: Vec<String> =
        ["security", "secrets"].map(str::to_owned).into_iter().chain(requirements).collect();
    let tags = &tags[..tags.len().min(MAX_TAGS)];
    let links: String = references.iter().map(|url| format!("\n- <{url}>")).collect();
    let see = if links.is_empty() { links } else { format!("\n\n**See**\n{links}") };
    let mut descriptor = json!({
        "id": id,
        "name": cut(id, MAX_NAME),
        "shortDescription": { "text": cut(title, MAX_TEXT) },
        "fullDescription": { "text": cut(description, MAX_TEXT) },
        "help": {
            "text": remediation,
            "markdown": format!("{description}\n\n**What to do**\n\n{remediation}{see}"),
        },
        "defaultConfiguration": { "level": level(control.severity) },
        "properties": {
            "tags": tags,
            "precision": "very-high",
            "security-severity": security_severity(control.severity),
        },
    });
    if let (Some(url), Some(object)) = (references.first(), descriptor.as_object_mut()) {
        object.insert("helpUri".into(), json!(url));
    }
    descriptor
}

/// Results, each with a fingerprint of its own: a control may say several things of one resource.
fn results(checks: &[&Check], index: &BTreeMap<&str, usize>) -> Vec<Value> {
    let mut said: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    checks
        .iter()
        .map(|check| {
            let key = (check.control.id.as_str(), &*check.source, &*check.resource);
            let before = said.entry(key).or_default();
            let result = result(check, *before, index);
            *before += 1;
            result
        })
        .collect()
}

fn result(check: &Check, before: usize, index: &BTreeMap<&str, usize>) -> Value {
    let store = check.source.split(':').next().unwrap_or_default();
    let place = match &check.at {
        Some(at) => json!({
            "artifactLocation": { "uri": uri(&at.path) },
            "region": {
                "startLine": at.line.max(1), "startColumn": at.column.max(1),
                "endLine": at.end_line.max(1), "endColumn": at.end_column + 1,
            },
        }),
        None => json!({
            "artifactLocation": { "uri": uri(&format!("{store}/{}", check.resource)) },
            "region": { "startLine": 1 },
        }),
    };
    let mut result = json!({
        "ruleId": check.control.id,
        "ruleIndex": index.get(check.control.id.as_str()),
        "level": level(check.severity),
        "message": { "text": cut(&format!("{}. {}.", check.control.title, clean(&check.message)), MAX_TEXT) },
        "locations": [{
            "physicalLocation": place,
            "logicalLocations": [{
                "name": clean(check.resource.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&check.resource)),
                "fullyQualifiedName": clean(&format!("{}#{}", check.source, check.resource)),
                "kind": "resource",
            }],
        }],
        "partialFingerprints": { "keystrelResource/v1": fingerprint(check, before) },
        "properties": { "store": &*check.source, "resource": &*check.resource },
    });
    if let (Verdict::Accepted(why), Some(object)) = (&check.verdict, result.as_object_mut()) {
        let suppression = json!([{ "kind": "external", "justification": clean(why) }]);
        object.insert("suppressions".into(), suppression);
    }
    result
}

/// What stays the same from audit to audit: the control and the resource, not the message with its ages.
/// Of several things that are said of one resource, `before` counts those that came before.
fn fingerprint(check: &Check, before: usize) -> String {
    let mut hash = Sha256::new();
    for part in [&check.control.id, &*check.source, &*check.resource] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    if before > 0 {
        hash.update(before.to_le_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn invocation(audit: &Audit, dropped: usize) -> Value {
    let note = |level: &str, text: String| json!({ "level": level, "message": { "text": text } });
    let lost = audit.lost.iter().map(|(store, why)| format!("{store}: {why}"));
    let unread = gaps(audit).into_iter().map(|gap| {
        let more = match gap.count {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        format!("{}: no {} of {}{more}: {}", gap.store, gap.kinds(), gap.what, gap.why)
    });
    let unknown = audit.checks.iter().filter(|check| check.verdict == Verdict::Unknown);
    let unknown =
        unknown.map(|check| format!("{}: {}: {}", check.control.id, check.resource, check.message));
    let all = lost.chain(audit.failures.iter().cloned()).chain(unread).chain(unknown);
    let mut notes: Vec<Value> =
        all.take(MAX_NOTIFICATIONS).map(|text| note("error", clean(&text))).collect();
    notes.extend(audit.warnings.iter().map(|warning| note("warning", clean(warning))));
    if dropped > 0 {
        let text =
            format!("{dropped} results of least severity are left out: {MAX_RESULTS} is the limit");
        notes.push(note("error", text));
    }
    let is_whole = audit.lost.is_empty()
        && audit.failures.is_empty()
        && audit.stores.iter().all(|store| store.gaps.is_empty());
    json!({
        "executionSuccessful": is_whole,
        "startTimeUtc": audit.started,
        "toolExecutionNotifications": notes,
    })
}
