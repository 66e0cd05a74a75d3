//! Scans of container images: every layer on its own, then what became of its files in those above.
//!
//! ```text
//! Images -> configuration: texts          -> findings, with the step that they are of
//!        -> layers, in parallel: files    -> findings, and what each layer has and deletes
//!        -> settle: layer, instruction, maker, fate of the file
//! ```

mod layers;
mod memory;
mod said;
mod settle;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use layers::Looked;
use memory::Memory;

use super::manifests::Manifest;
use super::policies::{Case, may_be_named};
use super::scan::{Scanned, Settings};
use super::{Policies, Scanner};
use crate::model::{Fact, Skipped};
use crate::source::SourceError;
use crate::source::image::{self, Blob, Image, Images, Target};

/// Everything in the images of `target`.
pub(super) fn image(
    scanner: &Scanner<'_>,
    target: &Target,
    settings: &Settings,
) -> Result<Scanned, SourceError> {
    let found = image::open(target, &settings.images)?;
    let mut skipped = found.skipped.clone();
    let base = match &settings.base {
        Some(base) => Some(image::open(base, &settings.images)?),
        None => None,
    };
    let layers = Layers::of(&found);
    let mut memory = Memory::open(scanner, settings);
    let mut looked = memory.scan(scanner, &found, &layers.blobs, settings);
    if let Some(policies) = &settings.policies {
        judge(scanner, policies, &layers, &mut looked);
    }
    skipped.extend(memory.note);
    let (said, unjudged) = said::scan(scanner, &found, settings);
    skipped.extend(unjudged);
    let makers = found.images.iter().map(|image| steps::makers(image, base.as_ref())).collect();
    if let Some(base) = &base
        && let Some(image) = found.images.iter().find(|image| !steps::is_built_on(image, base))
    {
        let platform = image.platform.as_ref().map_or_else(String::new, |p| format!(" for {p}"));
        let what = format!("base of {}{platform}", found.name);
        let why = format!("it is not built on {}: all its layers count as its own", base.name);
        skipped.push(Skipped::by_design(what, why));
    }
    let (findings, lost) = settle::settle(&found, &layers, makers, looked, said);
    skipped.extend(lost);
    Ok(Scanned { findings, skipped, scope: "image".into() })
}

/// Lets policies judge the manifests of each layer, with what they may name in the others of an image.
fn judge(scanner: &Scanner<'_>, policies: &Policies, layers: &Layers, looked: &mut [Looked]) {
    let told: Vec<Vec<Manifest>> =
        looked.iter_mut().map(|one| std::mem::take(&mut one.manifests)).collect();
    let named: Vec<Vec<Fact>> = told.iter().map(|of_layer| named(of_layer)).collect();
    for (number, mut told) in told.into_iter().enumerate() {
        // A tar may have a file twice.
        let mut paths: BTreeSet<String> = BTreeSet::new();
        told.retain(|manifest| paths.insert(manifest.path().to_owned()));
        let image = layers.places[number].first().map(|(image, _)| *image);
        let mut beside = Vec::new();
        // Of a file that several layers have, the one on top is seen.
        for other in image.iter().flat_map(|image| layers.of_image[*image].iter().rev()) {
            let of_layer = named[*other].iter().filter(|_| *other != number);
            let path = |fact: &Fact| fact.at.as_ref().map(|at| at.path.clone()).unwrap_or_default();
            let new: Vec<Fact> =
                of_layer.filter(|fact| !paths.contains(&path(fact))).cloned().collect();
            paths.extend(new.iter().map(path));
            beside.extend(new);
        }
        let looked = &mut looked[number];
        let findings = std::mem::take(&mut looked.findings);
        let mut scanned = Scanned { findings, ..Scanned::default() };
        policies.judge(Case { told, beside, before: None }, scanner, &mut scanned);
        looked.findings = scanned.findings;
        looked.skipped.append(&mut scanned.skipped);
    }
}

/// What manifests say that others may name.
fn named(manifests: &[Manifest]) -> Vec<Fact> {
    let facts = manifests.iter().flat_map(|manifest| &manifest.facts);
    facts.filter(|fact| may_be_named(fact)).cloned().collect()
}

/// The layers of all images of a target, each once.
struct Layers {
    blobs: Vec<Blob>,
    /// By layer, the images that have it, and its place in them, 0-based from the bottom.
    places: Vec<Vec<(usize, usize)>>,
    /// By image, its layers, the bottom first.
    of_image: Vec<Vec<usize>>,
}

impl Layers {
    fn of(found: &Images) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut layers = Self { blobs: Vec::new(), places: Vec::new(), of_image: Vec::new() };
        for (at, Image { layers: blobs, .. }) in found.images.iter().enumerate() {
            let mut of_image = Vec::with_capacity(blobs.len());
            for (index, blob) in blobs.iter().enumerate() {
                let number = *numbers.entry(&blob.name).or_insert_with(|| {
                    layers.blobs.push(blob.clone());
                    layers.places.push(Vec::new());
                    layers.blobs.len() - 1
                });
                layers.places[number].push((at, index));
                of_image.push(number);
            }
            layers.of_image.push(of_image);
        }
        layers
    }
}
