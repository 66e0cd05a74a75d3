//! For programs: JSON, version 1. The schema is `schemas/report-v1.schema.json`; what stands here is
//! frozen: keys are added under a new version only.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::{self, Places};
use super::{Format, Secrets, Style, words};
use crate::model::{
    Commit, Counts, Fate, Finding, InImage, LayerFile, Maker, Position, Run, Skipped, Status,
};

pub(super) const FORMAT: Format =
    Format { name: "json", about: "for programs, see schemas/report-v1.schema.json", write };
pub(super) const LINES: Format =
    Format { name: "jsonl", about: "JSON, a finding a line, then a summary", write: write_lines };

/// Name of this version.
const SCHEMA: &str = "keystrel.report/v1";

fn write(run: &Run, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let report = V1 { summary: Summary::of(run), findings: findings(run, style) };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn write_lines(run: &Run, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in findings(run, style) {
        serde_json::to_writer(&mut *out, &finding)?;
        writeln!(out)?;
    }
    serde_json::to_writer(&mut *out, &Last { summary: Summary::of(run) })?;
    writeln!(out)
}

#[derive(Serialize)]
struct V1<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    findings: Vec<V1Finding<'a>>,
}

#[derive(Serialize)]
struct Last<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    schema: &'static str,
    tool: Tool,
    targets: &'a [String],
    scope: &'a str,
    started: &'a str,
    elapsed_ms: u64,
    counts: V1Counts,
    identities_stable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_key: Option<&'a str>,
    complete: bool,
    skipped: Vec<V1Skipped<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct V1Counts {
    files: u64,
    objects: u64,
    commits: u64,
    bytes: u64,
    known: u64,
    excluded: u64,
}

#[derive(Serialize)]
struct V1Skipped<'a> {
    what: &'a str,
    why: &'a str,
    lost: bool,
}

#[derive(Serialize)]
struct V1Breach<'a> {
    control: &'a str,
    severity: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct V1Finding<'a> {
    subject: &'static str,
    rule: &'a str,
    family: &'a str,
    description: &'a str,
    severity: &'static str,
    confidence: &'static str,
    probability: Option<f64>,
    tags: &'a [String],
    kind: &'a str,
    path: &'a str,
    members: &'a [String],
    url: Option<&'a str>,
    revision: Option<&'a str>,
    start: V1Position,
    end: V1Position,
    offset: Option<[usize; 2]>,
    excerpt: &'a str,
    caret: [usize; 2],
    preview: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value_digests: Vec<String>,
    identity: String,
    fingerprints: Fingerprints,
    entropy: f64,
    why: String,
    decoders: &'a [&'static str],
    parts: Vec<V1Part<'a>>,
    history: Option<V1History<'a>>,
    image: Option<V1Image<'a>>,
    fact: Option<&'a str>,
    breaches: Vec<V1Breach<'a>>,
    status: V1Status<'a>,
    references: &'a [String],
    rotation: &'a str,
}

#[derive(Serialize)]
struct V1Position {
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct Fingerprints {
    place: String,
    gitleaks: String,
}

#[derive(Serialize)]
struct V1Part<'a> {
    rule: &'a str,
    start: V1Position,
    preview: &'a str,
    identity: String,
}

#[derive(Serialize)]
struct V1History<'a> {
    commit: Option<V1Commit<'a>>,
    in_head: bool,
    refs: &'a [String],
    more_refs: u64,
    note: Option<&'a str>,
    versions: u64,
}

#[derive(Serialize)]
struct V1Commit<'a> {
    id: &'a str,
    author: &'a str,
    email: &'a str,
    date: &'a str,
    summary: &'a str,
}

#[derive(Serialize)]
pub(super) struct V1Image<'a> {
    layer: Option<usize>,
    digest: Option<&'a str>,
    instruction: Option<&'a str>,
    maker: &'static str,
    platforms: &'a [String],
    fate: &'static str,
    ended_in_layer: Option<usize>,
    file: Option<V1LayerFile>,
}

#[derive(Serialize)]
struct V1LayerFile {
    size: u64,
    uid: u64,
    gid: u64,
    mode: String,
}

#[derive(Serialize)]
struct V1Status<'a> {
    state: &'static str,
    by: Option<&'static str>,
    reason: Option<&'a str>,
}

impl<'a> Summary<'a> {
    fn of(run: &'a Run) -> Self {
        let Counts { files, objects, commits, bytes, known, excluded } = run.counts;
        let skipped = |s: &'a Skipped| V1Skipped { what: &s.what, why: &s.why, lost: s.lost };
        Self {
            schema: SCHEMA,
            tool: Tool { name: "keystrel", version: env!("CARGO_PKG_VERSION") },
            targets: &run.targets,
            scope: &run.scope,
            started: &run.started,
            elapsed_ms: run.elapsed.as_millis() as u64,
            counts: V1Counts { files, objects, commits, bytes, known, excluded },
            identities_stable: run.stable_identities,
            value_key: run.value_key.as_deref(),
            complete: run.lost().next().is_none(),
            skipped: run.skipped.iter().map(skipped).collect(),
            warnings: &run.warnings,
        }
    }
}

fn findings<'a>(run: &'a Run, style: &Style) -> Vec<V1Finding<'a>> {
    let mut places = Places::default();
    run.findings
        .iter()
        .map(|finding| {
            let place = places.next(finding);
            one(finding, place, style)
        })
        .collect()
}

fn one<'a>(finding: &'a Finding, place: String, style: &Style) -> V1Finding<'a> {
    let (rule, site, leak) = (&finding.rule, finding.site(), finding.leak());
    let origin = site.origin;
    let secret = leak.and_then(|leak| leak.secret.as_ref());
    let shown = secret.filter(|_| style.secrets == Secrets::Shown);
    V1Finding {
        subject: if leak.is_some() { "leak" } else { "misuse" },
        rule: &rule.id,
        family: &rule.family,
        description: &rule.about.description,
        severity: rule.severity.name(),
        confidence: finding.confidence.name(),
        probability: leak
            .and_then(|leak| leak.evidence.probability)
            .map(|p| (f64::from(p) * 1000.0).round() / 1000.0),
        tags: &rule.about.tags,
        kind: origin.kind,
        path: &origin.path,
        members: &origin.members,
        url: origin.url.as_deref(),
        revision: origin.revision.as_deref(),
        start: site.start.into(),
        end: site.end.into(),
        offset: leak.map(|leak| [leak.span.start, leak.span.end]),
        excerpt: leak.map_or("", |leak| &leak.excerpt.text),
        caret: leak.map_or([0, 0], |leak| [leak.excerpt.caret.0, leak.excerpt.caret.1]),
        preview: leak.map_or("", |leak| &leak.preview),
        value: shown.map(|secret| String::from_utf8_lossy(secret.expose()).into_owned()),
        value_digests: leak.map_or_else(Vec::new, |leak| {
            leak.value_digests.iter().map(ToString::to_string).collect()
        }),
        identity: site.identity.to_string(),
        fingerprints: Fingerprints { place, gitleaks: fingerprint::gitleaks(finding) },
        entropy: leak.map_or(0.0, |leak| (leak.entropy * 1000.0).round() / 1000.0),
        why: words::reason(finding),
        decoders: leak.map_or(&[], |leak| &leak.decoders),
        parts: leak
            .iter()
            .flat_map(|leak| &leak.parts)
            .map(|part| V1Part {
                rule: &part.rule,
                start: part.start.into(),
                preview: &part.preview,
                identity: part.digest.to_string(),
            })
            .collect(),
        history: leak.and_then(|leak| Some((leak, leak.introduced.as_ref()?))).map(
            |(leak, past)| V1History {
                commit: past.commit.as_ref().map(V1Commit::from),
                in_head: past.in_head,
                refs: &past.refs.names,
                more_refs: past.refs.more,
                note: past.note.as_deref(),
                versions: leak.versions,
            },
        ),
        image: origin.image.as_deref().map(image),
        fact: finding.misuse().map(|misuse| misuse.fact.as_str()),
        breaches: leak
            .iter()
            .flat_map(|leak| &leak.breaches)
            .map(|breach| V1Breach {
                control: &breach.control,
                severity: breach.severity.name(),
                message: &breach.message,
            })
            .collect(),
        status: status(finding),
        references: &rule.about.references,
        rotation: &rule.about.rotation,
    }
}

/// What is told of an image, for the other reports too. Layers are 1-based, from the bottom.
pub(super) fn image(image: &InImage) -> V1Image<'_> {
    let layer = &image.layer;
    let (fate, ended_in_layer) = match image.fate {
        Fate::Kept => ("kept", None),
        Fate::Deleted(by) => ("deleted", Some(by + 1)),
        Fate::Replaced(by) => ("replaced", Some(by + 1)),
    };
    V1Image {
        layer: layer.index.map(|at| at + 1),
        digest: (!layer.digest.is_empty()).then_some(&layer.digest),
        instruction: layer.instruction.as_deref(),
        maker: match layer.maker {
            Maker::Own => "own",
            Maker::Base => "base",
            Maker::LikelyBase => "likely-base",
        },
        platforms: &layer.platforms,
        fate,
        ended_in_layer,
        file: image.file.map(|LayerFile { size, uid, gid, mode }| V1LayerFile {
            size,
            uid,
            gid,
            mode: format!("{mode:04o}"),
        }),
    }
}

fn status(finding: &Finding) -> V1Status<'_> {
    match &finding.status {
        Status::Open => V1Status { state: "open", by: None, reason: None },
        Status::Suppressed { by, reason } => {
            V1Status { state: "suppressed", by: Some(by.name()), reason: Some(reason) }
        }
    }
}

impl From<Position> for V1Position {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

impl<'a> From<&'a Commit> for V1Commit<'a> {
    fn from(commit: &'a Commit) -> Self {
        Self {
            id: &commit.id,
            author: &commit.author,
            email: &commit.email,
            date: &commit.date,
            summary: &commit.summary,
        }
    }
}
