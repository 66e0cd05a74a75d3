//! What configurations and annotations say, as texts that rules can read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::Scanner;
use super::super::manifests::Manifest;
use super::super::policies::Case;
use super::super::scan::{Scanned, Settings};
use super::steps;
use crate::model::{Artifact, Fate, Finding, InImage, Layer, Maker, Origin, Skipped};
use crate::source::image::{Image, Images};

/// A finding in what is said of an image.
pub(super) struct Said {
    /// Index of the image.
    pub(super) image: usize,
    /// Index of the step that it is of, if it is known.
    pub(super) step: Option<usize>,
    /// Whether it was found in the text of that step itself.
    pub(super) in_step: bool,
    pub(super) finding: Finding,
}

/// A text made of what an image says, and the step that each of its lines is of.
struct Page {
    /// Its name within the image.
    name: String,
    lines: Vec<(String, Option<usize>)>,
    is_step: bool,
}

/// Scans what is said of all images, and lets policies judge it.
pub(super) fn scan(
    scanner: &Scanner<'_>,
    found: &Images,
    settings: &Settings,
) -> (Vec<Said>, Vec<Skipped>) {
    let (mut all, mut skipped) = (Vec::new(), Vec::new());
    for (at, image) in found.images.iter().enumerate() {
        let pages = pages(image);
        let mut scanned = Scanned::default();
        let mut manifests = Vec::new();
        // Builders note all arguments of a build with every step.
        let mut arguments = BTreeSet::new();
        for page in &pages {
            let lines: Vec<&str> = page.lines.iter().map(|(line, _)| line.as_str()).collect();
            let text = lines.join("\n") + "\n";
            let artifact = Artifact::new(origin(&found.name, &page.name), text.into_bytes());
            let again = artifact.clone();
            let findings = scanner.scan(artifact, None);
            if let Some(mut manifest) = Manifest::read(&again, &findings, scanner.least) {
                manifest.facts.retain(|fact| {
                    fact.kind != "build_argument"
                        || fact.fields.get("name").is_none_or(|n| arguments.insert(n.to_string()))
                });
                manifests.push(manifest);
            }
            scanned.findings.extend(findings);
        }
        if let Some(policies) = &settings.policies {
            let case = Case { told: manifests, ..Case::default() };
            policies.judge(case, scanner, &mut scanned);
        }
        skipped.append(&mut scanned.skipped);
        for finding in scanned.findings {
            let site = finding.site();
            let page = pages.iter().find(|page| page.name == site.origin.inner_path());
            // Lines are 1-based, and 0 of what is found by its path.
            let line = (site.start.line as usize).saturating_sub(1);
            let (step, in_step) =
                page.map_or((None, false), |page| (page.step_of(line), page.is_step));
            all.push(Said { image: at, step, in_step, finding });
        }
    }
    (all, skipped)
}

impl Page {
    /// The step of a line of the text, 0-based; an item may have several lines.
    fn step_of(&self, line: usize) -> Option<usize> {
        let mut first = 0;
        for (text, step) in &self.lines {
            let next = first + text.matches('\n').count() + 1;
            if line < next {
                return *step;
            }
            first = next;
        }
        None
    }
}

fn pages(image: &Image) -> Vec<Page> {
    let config = &image.config;
    let pairs = |pairs: &[(String, String)], of: &dyn Fn(&str) -> Option<usize>| {
        pairs.iter().map(|(name, value)| (format!("{name}={value}"), of(name))).collect()
    };
    let mut pages = vec![
        Page {
            name: "[config]/.env".into(),
            lines: config.env.iter().map(|env| (env.clone(), steps::of_env(config, env))).collect(),
            is_step: false,
        },
        Page {
            name: "[config]/labels.properties".into(),
            lines: pairs(&config.labels, &|name| steps::of_label(config, name)),
            is_step: false,
        },
        Page {
            name: "[config]/commands.sh".into(),
            lines: config
                .commands
                .iter()
                .map(|command| (command.clone(), steps::of_command(config, command)))
                .collect(),
            is_step: false,
        },
        Page {
            name: "[annotations].properties".into(),
            lines: pairs(&image.annotations, &|_| None),
            is_step: false,
        },
        Page {
            name: "[config]/author".into(),
            lines: config.author.iter().map(|author| (author.clone(), None)).collect(),
            is_step: false,
        },
    ];
    pages.extend(config.steps.iter().enumerate().map(|(at, step)| Page {
        name: format!("[history]/{}.dockerfile", at + 1),
        lines: vec![(step.text.clone(), Some(at))],
        is_step: true,
    }));
    pages.retain(|page| page.lines.iter().any(|(line, _)| !line.is_empty()));
    pages
}

fn origin(image: &str, name: &str) -> Origin {
    let layer = Layer {
        digest: String::new(),
        index: None,
        instruction: None,
        maker: Maker::Own,
        platforms: Vec::new(),
    };
    let said = InImage { layer: Arc::new(layer), file: None, fate: Fate::Kept };
    Origin {
        kind: "image-config",
        path: format!("{image}!{name}"),
        root: image.len() + 1,
        image: Some(Box::new(said)),
        ..Origin::default()
    }
}
