//! For code scanning: SARIF 2.1.0 as GitHub takes it.
//!
//! Sources: the OASIS standard (SARIF 2.1.0, errata 01) and GitHub's "SARIF support for code scanning",
//! read November 2026, from which the limits are.
//!
//! `primaryLocationLineHash` is left out: GitHub's upload action computes it from the checked-out file
//! and warns of any other. No snippet is written: it would hold the value.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::clean::clean;
use super::fingerprint::Places;
use super::{Format, Style, words};
use crate::model::{
    By, Confidence, Finding, InImage, RuleMeta, Run, Severity, Skipped, Status, Subject,
};

pub(super) const FORMAT: Format =
    Format { name: "sarif", about: "SARIF 2.1.0, for GitHub code scanning", write };

/// Results that GitHub takes in one run.
pub(super) const MAX_RESULTS: usize = 25_000;
/// Characters of a rule's name, and of its other texts and messages.
pub(super) const MAX_NAME: usize = 255;
pub(super) const MAX_TEXT: usize = 1_024;
/// Tags of a rule that GitHub keeps.
pub(super) const MAX_TAGS: usize = 10;
/// Notifications in one run; the rest is counted.
pub(super) const MAX_NOTIFICATIONS: usize = 500;

fn write(run: &Run, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut kept: Vec<&Finding> = run.findings.iter().collect();
    let dropped = kept.len().saturating_sub(MAX_RESULTS);
    if dropped > 0 {
        // Stable: within one severity the order stays.
        kept.sort_by_key(|finding| std::cmp::Reverse(finding.rule.severity));
        kept.truncate(MAX_RESULTS);
    }
    let mut rules: BTreeMap<&str, &RuleMeta> = BTreeMap::new();
    for finding in &kept {
        rules.insert(&finding.rule.id, &finding.rule);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let mut places = Places::default();
    let results: Vec<Value> = kept
        .iter()
        .map(|finding| {
            let place = places.next(finding);
            result(run, finding, index[finding.rule.id.as_str()], &place)
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "keystrel",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": format!("keystrel/{}/", run.scope) },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(run, style, dropped)],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &RuleMeta) -> Value {
    let mut tags = vec!["security".to_owned(), "secrets".to_owned()];
    tags.extend(rule.about.tags.iter().cloned());
    tags.truncate(MAX_TAGS);
    let steps = if rule.about.rotation.is_empty() {
        "Replace the secret where it is used, and keep the new one in a secret store.".to_owned()
    } else {
        rule.about.rotation.clone()
    };
    let links: Vec<String> = rule.about.references.iter().map(|url| format!("- <{url}>")).collect();
    let see = if links.is_empty() {
        String::new()
    } else {
        format!("\n\n**See**\n\n{}", links.join("\n"))
    };
    let mut descriptor = json!({
        "id": rule.id,
        "name": cut(&rule.id, MAX_NAME),
        "shortDescription": { "text": cut(rule.about.description.split(": ").next().unwrap_or_default(), MAX_TEXT) },
        "fullDescription": { "text": cut(&rule.about.description, MAX_TEXT) },
        "help": {
            "text": steps,
            "markdown": format!("{}\n\n**What to do**\n\n{steps}{see}", rule.about.description),
        },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": tags,
            "precision": match rule.confidence {
                Confidence::High => "very-high",
                Confidence::Medium => "high",
                Confidence::Low => "medium",
            },
            "security-severity": security_severity(rule.severity),
        },
    });
    if let (Some(url), Some(object)) = (rule.about.references.first(), descriptor.as_object_mut()) {
        object.insert("helpUri".into(), json!(url));
    }
    descriptor
}

fn result(run: &Run, finding: &Finding, index: usize, place: &str) -> Value {
    let leak = finding.leak();
    let mut prints = Map::new();
    prints.insert("keystrelPlace/v1".into(), json!(place));
    if run.stable_identities {
        prints.insert("keystrelSecret/v1".into(), json!(finding.site().identity.to_string()));
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.rule.severity),
        "message": { "text": cut(&message(finding), MAX_TEXT) },
        "locations": [location(finding)],
        "partialFingerprints": prints,
        "properties": properties(finding),
    });
    let probability = leak.and_then(|leak| leak.evidence.probability);
    if let (Some(probability), Some(object)) = (probability, result.as_object_mut()) {
        // SARIF 2.1.0, section 3.27.25: 0 to 100.
        object.insert("rank".into(), json!((f64::from(probability) * 1000.0).round() / 10.0));
    }
    if let (Status::Suppressed { by, reason }, Some(object)) =
        (&finding.status, result.as_object_mut())
    {
        let kind = if *by == By::Inline { "inSource" } else { "external" };
        let suppression = json!([{ "kind": kind, "justification": clean(reason) }]);
        object.insert("suppressions".into(), suppression);
    }
    result
}

/// The first sentence is the title in GitHub's list.
fn message(finding: &Finding) -> String {
    let Some(leak) = finding.leak() else {
        let mut text = format!("{}. {}.", words::title(finding), clean(&words::reason(finding)));
        if let Some(image) = &finding.site().origin.image {
            text.push_str(&format!(" Image: {}.", clean(&words::in_image(image))));
        }
        return text;
    };
    let mut text = format!("{} ({}).", words::title(finding), leak.preview);
    if let Some(past) = &leak.introduced {
        text.push_str(&format!(" History: {}.", clean(&words::past(past, leak))));
    }
    if let Some(image) = &leak.origin.image {
        text.push_str(&format!(" Image: {}.", clean(&words::in_image(image))));
    }
    text.push_str(&format!(" Why: {}.", clean(&words::why(leak))));
    for breach in &leak.breaches {
        text.push_str(&format!(" Policy {}: {}.", breach.control, clean(&breach.message)));
    }
    text
}

fn location(finding: &Finding) -> Value {
    let site = finding.site();
    let path = match site.origin.inner_path() {
        // A message of git has no file.
        path if path.is_empty() => site.origin.display_path(),
        path => path.into_owned(),
    };
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&path), "uriBaseId": "SRCROOT" },
            "region": {
                "startLine": site.start.line,
                "startColumn": site.start.column,
                "endLine": site.end.line,
                // After the last character.
                "endColumn": site.end.column + 1,
            },
        },
    });
    let mut logical = site.origin.image.as_deref().map(in_image).unwrap_or_default();
    let members = site.origin.members.iter();
    logical.extend(members.map(|member| json!({ "name": clean(member), "kind": "member" })));
    if let (false, Some(object)) = (logical.is_empty(), location.as_object_mut()) {
        object.insert("logicalLocations".into(), json!(logical));
    }
    location
}

/// The layer, or the configuration, with whose it is and what became of the file, and the instruction that made it.
/// Layers are counted from 1, the bottom.
fn in_image(image: &InImage) -> Vec<Value> {
    let layer = &image.layer;
    let name = layer.index.map_or_else(|| "configuration".into(), |at| format!("layer {}", at + 1));
    let kind = if layer.index.is_some() { "layer" } else { "configuration" };
    let mut place = Map::from_iter([("name".into(), json!(name)), ("kind".into(), json!(kind))]);
    if layer.index.is_some() && !layer.digest.is_empty() {
        place.insert("fullyQualifiedName".into(), json!(layer.digest));
    }
    let told = json!(super::json::image(image));
    let keys = ["maker", "fate", "ended_in_layer", "file"].into_iter();
    let told = keys.filter_map(|key| Some((key.to_owned(), told.get(key)?.clone())));
    let told = told.filter(|(_, value)| !value.is_null());
    place.insert("properties".into(), Value::Object(told.collect()));
    let mut logical = vec![Value::Object(place)];
    if let Some(instruction) = &layer.instruction {
        logical.push(json!({ "name": clean(instruction), "kind": "instruction" }));
    }
    logical
}

fn properties(finding: &Finding) -> Value {
    let mut bag = Map::new();
    let leak = match &finding.subject {
        Subject::Leak(leak) => leak,
        Subject::Misuse(misuse) => {
            bag.insert("fact".into(), json!(clean(&misuse.fact)));
            return Value::Object(bag);
        }
    };
    bag.insert("preview".into(), json!(leak.preview));
    bag.insert("confidence".into(), json!(finding.confidence.name()));
    if !leak.decoders.is_empty() {
        bag.insert("decoders".into(), json!(leak.decoders));
    }
    if let Some(past) = &leak.introduced {
        bag.insert("inHead".into(), json!(past.in_head));
        if let Some(commit) = &past.commit {
            bag.insert("commit".into(), json!(commit.id));
            bag.insert("date".into(), json!(commit.date));
        }
    }
    Value::Object(bag)
}

fn invocation(run: &Run, style: &Style, dropped: usize) -> Value {
    let note = |level: &str, text: String| json!({ "level": level, "message": { "text": text } });
    let told = |s: &Skipped| {
        note(if s.lost { "error" } else { "note" }, clean(&format!("{}: {}", s.what, s.why)))
    };
    let mut notes: Vec<Value> = run.lost().map(told).take(MAX_NOTIFICATIONS).collect();
    let room = MAX_NOTIFICATIONS - notes.len();
    notes.extend(run.skipped.iter().filter(|s| !s.lost).map(told).take(room));
    if run.skipped.len() > notes.len() {
        notes.push(note(
            "error",
            format!("{} more were not scanned", run.skipped.len() - notes.len()),
        ));
    }
    notes.extend(run.warnings.iter().map(|warning| note("warning", clean(warning))));
    if dropped > 0 {
        let text =
            format!("{dropped} results of least severity are left out: {MAX_RESULTS} is the limit");
        notes.push(note("error", text));
    }
    let mut invocation = json!({
        "executionSuccessful": run.lost().next().is_none(),
        "toolExecutionNotifications": notes,
    });
    if let Some(object) = invocation.as_object_mut() {
        for (key, time) in [("startTimeUtc", &run.started), ("endTimeUtc", &style.ended)] {
            if !time.is_empty() {
                object.insert(key.into(), json!(time));
            }
        }
    }
    invocation
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale: critical over 9.0, high from 7.0, medium from 4.0, low from 0.1.
pub(super) fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.1",
    }
}

/// A relative reference (RFC 3986, section 4.2): all but unreserved characters and `/` escaped.
pub(super) fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max - 1).collect();
    cut.push('…');
    cut
}
