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

use std::collections::BTreeMap;

use memory::Memory;

use super::Scanner;
use super::scan::{Scanned, Settings};
use crate::model::Skipped;
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
    let looked = memory.scan(scanner, &found, &layers.blobs, settings);
    skipped.extend(memory.note);
    let said = said::scan(scanner, &found);
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
