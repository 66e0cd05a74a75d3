//! From findings in layers to findings in images: which layer, which instruction, whose, and what became of
//! the file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Layers;
use super::layers::Looked;
use super::said::Said;
use super::steps;
use crate::model::{Digest, Fate, Finding, InImage, Layer, Leak, Maker, Shape, Skipped, fate};
use crate::source::image::Images;

/// All findings of a target, and what of its layers was not looked at.
pub(super) fn settle(
    found: &Images,
    layers: &Layers,
    makers: Vec<Vec<Maker>>,
    looked: Vec<Looked>,
    said: Vec<Said>,
) -> (Vec<Finding>, Vec<Skipped>) {
    let (mut findings, mut skipped, mut shapes) = (Vec::new(), Vec::new(), Vec::new());
    for (number, looked) in looked.into_iter().enumerate() {
        let Looked { findings: of_layer, skipped: of_skipped, shape, broken, .. } = looked;
        findings.extend(of_layer.into_iter().map(|finding| (number, finding)));
        skipped.extend(of_skipped);
        let name = &layers.blobs[number].name;
        skipped.extend(
            broken.map(|why| Skipped::lost(format!("layer {name} of {}", found.name), why)),
        );
        shapes.push(shape);
    }
    let told = {
        let all = findings.iter().map(|(_, finding)| finding);
        let all = all.chain(said.iter().map(|said| &said.finding));
        Told { found, layers, makers, shapes, secrets: secrets(all) }
    };
    let mut settled: Vec<Finding> =
        findings.into_iter().map(|(number, finding)| told.in_layer(number, finding)).collect();
    settled.extend(told.said(said));
    (settled, skipped)
}

/// Values that were found, with what may be shown of them, the longest first.
fn secrets<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<(Vec<u8>, String)> {
    let pair = |leak: &Leak| {
        let secret = leak.secret.as_ref()?;
        Some((secret.expose().to_vec(), leak.preview.clone()))
    };
    let all: BTreeSet<(Vec<u8>, String)> =
        findings.filter_map(|finding| pair(finding.leak()?)).collect();
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    all
}

/// A rule, and the identity of a value.
type Key = (String, Digest);

/// A value at a path and line.
type Place = (Key, String, u64);

/// What is known once all layers were read.
struct Told<'a> {
    found: &'a Images,
    layers: &'a Layers,
    /// By image and layer.
    makers: Vec<Vec<Maker>>,
    /// By layer of the target.
    shapes: Vec<Shape>,
    secrets: Vec<(Vec<u8>, String)>,
}

impl Told<'_> {
    /// A step as it is shown.
    fn instruction(&self, image: usize, step: usize) -> Option<String> {
        let step = self.found.images[image].config.steps.get(step)?;
        let secrets = self.secrets.iter();
        let shown =
            steps::shown(&step.text, secrets.map(|(s, preview)| (s.as_slice(), preview.as_str())));
        (!shown.is_empty()).then_some(shown)
    }

    fn platforms(&self, images: impl Iterator<Item = usize>) -> Vec<String> {
        let platforms = images.filter_map(|at| self.found.images[at].platform.as_ref());
        let all: BTreeSet<String> = platforms.map(ToString::to_string).collect();
        all.into_iter().collect()
    }

    fn in_layer(&self, number: usize, mut finding: Finding) -> Finding {
        let places = &self.layers.places[number];
        let Some(&(image, index)) = places.first() else { return finding };
        let mut origin = (**finding.origin_mut()).clone();
        let of_image = &self.found.images[image];
        let step =
            of_image.config.step_of_layer(of_image.layers.len()).get(index).copied().flatten();
        let layer = Layer {
            digest: self.layers.blobs[number].digest.clone().unwrap_or_default(),
            index: Some(index),
            instruction: step.and_then(|step| self.instruction(image, step)),
            maker: self.makers[image][index],
            platforms: self.platforms(places.iter().map(|(image, _)| *image)),
        };
        // What one of the images still has is there.
        let fates =
            places.iter().map(|&(image, index)| self.fate(image, index, &origin.inner_path()));
        let fate = fates.min().unwrap_or(Fate::Kept);
        let file = origin.image.as_ref().and_then(|image| image.file);
        origin.image = Some(Box::new(InImage { layer: Arc::new(layer), file, fate }));
        *finding.origin_mut() = Arc::new(origin);
        finding
    }

    /// What became of a file in the layers above `index`: it is there as long as one of its names is.
    fn fate(&self, image: usize, index: usize, path: &str) -> Fate {
        let layers = &self.layers.of_image[image];
        let above = || layers.iter().enumerate().skip(index + 1);
        let fates = self.shapes[layers[index]]
            .names(path)
            .map(|name| fate(name, above().map(|(at, number)| (at, &self.shapes[*number]))));
        fates.min().unwrap_or(Fate::Kept)
    }

    /// What is said of several platforms alike is one finding, and what a step says and the configuration too.
    fn said(&self, said: Vec<Said>) -> Vec<Finding> {
        let key = |finding: &Finding| (finding.rule.id.clone(), finding.site().identity);
        let in_config: BTreeSet<(usize, usize, Key)> = said
            .iter()
            .filter(|said| !said.in_step)
            .filter_map(|said| Some((said.image, said.step?, key(&said.finding))))
            .collect();
        let mut all: BTreeMap<Place, (Finding, Vec<usize>, Option<usize>)> = BTreeMap::new();
        for Said { image, step, in_step, finding } in said {
            let of = key(&finding);
            if in_step && step.is_some_and(|step| in_config.contains(&(image, step, of.clone()))) {
                continue;
            }
            let site = finding.site();
            let place = (of, site.origin.path.clone(), site.start.line);
            all.entry(place).or_insert_with(|| (finding, Vec::new(), step)).1.push(image);
        }
        all.into_values()
            .map(|(mut finding, images, step)| {
                let image = images.first().copied().unwrap_or(0);
                let of_image = &self.found.images[image];
                let by_layer = of_image.config.step_of_layer(of_image.layers.len());
                let index = step.and_then(|step| by_layer.iter().position(|s| *s == Some(step)));
                let layer = Layer {
                    digest: String::new(),
                    index,
                    instruction: step.and_then(|step| self.instruction(image, step)),
                    maker: self.maker_of_step(image, step, &by_layer),
                    platforms: self.platforms(images.into_iter()),
                };
                let mut origin = (**finding.origin_mut()).clone();
                let said = InImage { layer: Arc::new(layer), file: None, fate: Fate::Kept };
                origin.image = Some(Box::new(said));
                *finding.origin_mut() = Arc::new(origin);
                finding
            })
            .collect()
    }

    /// Who took a step: whoever made the first layer after it, or the image itself.
    fn maker_of_step(
        &self,
        image: usize,
        step: Option<usize>,
        by_layer: &[Option<usize>],
    ) -> Maker {
        let Some(step) = step else { return Maker::Own };
        let next = by_layer.iter().position(|s| s.is_some_and(|s| s >= step));
        // The base image ends with a step that makes no layer, so what is between is as good as its own.
        next.map_or(Maker::Own, |index| self.makers[image][index])
    }
}
