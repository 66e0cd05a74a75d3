//! Images made by code: layouts and archives, with layers that say what a test wants.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How a layer is stored.
#[derive(Clone, Copy)]
pub(super) enum Packed {
    Plain,
    Gzip,
    Zstd,
}

/// A layer: paths and contents; a path that ends with a slash is a directory.
pub(super) fn layer(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_uid(1000);
        header.set_gid(100);
        let kind =
            if path.ends_with('/') { tar::EntryType::Directory } else { tar::EntryType::Regular };
        header.set_entry_type(kind);
        builder.append_data(&mut header, path, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pack(bytes: &[u8], packed: Packed) -> Vec<u8> {
    match packed {
        Packed::Plain => bytes.to_vec(),
        Packed::Gzip => gzip(bytes),
        Packed::Zstd => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(bytes, level)
        }
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}

/// What a step did, and the layer that it made, if it made one.
type Step = (String, Option<(Vec<u8>, Packed)>);

/// An image for one platform.
pub(super) struct Image {
    pub(super) platform: &'static str,
    /// What is under `config`.
    pub(super) config: Value,
    pub(super) steps: Vec<Step>,
    pub(super) annotations: Value,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            platform: "linux/amd64",
            config: json!({}),
            steps: Vec::new(),
            annotations: json!({}),
        }
    }
}

impl Image {
    pub(super) fn step(mut self, text: &str, layer: Option<(Vec<u8>, Packed)>) -> Self {
        self.steps.push((text.to_owned(), layer));
        self
    }

    fn config(&self) -> Value {
        let (os, architecture) = self.platform.split_once('/').unwrap();
        let layers = self.steps.iter().filter_map(|(_, layer)| layer.as_ref());
        json!({
            "os": os,
            "architecture": architecture,
            "config": self.config,
            "rootfs": {
                "type": "layers",
                "diff_ids": layers.map(|(bytes, _)| digest(bytes)).collect::<Vec<_>>(),
            },
            "history": self.steps.iter().map(|(text, layer)| json!({
                "created_by": text,
                "empty_layer": layer.is_none(),
            })).collect::<Vec<_>>(),
        })
    }
}

/// A directory in the OCI image layout.
pub(super) struct Layout<'a>(pub(super) &'a Path);

impl Layout<'_> {
    pub(super) fn blob(&self, bytes: &[u8]) -> Value {
        let digest = digest(bytes);
        let directory = self.0.join("blobs/sha256");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(digest.trim_start_matches("sha256:")), bytes).unwrap();
        json!({ "digest": digest, "size": bytes.len(), "mediaType": "application/octet-stream" })
    }

    pub(super) fn manifest(&self, config: &[u8], layers: &[Vec<u8>], annotations: &Value) -> Value {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self.blob(config),
            "layers": layers.iter().map(|layer| self.blob(layer)).collect::<Vec<_>>(),
            "annotations": annotations,
        });
        let mut entry = self.blob(manifest.to_string().as_bytes());
        entry["mediaType"] = json!("application/vnd.oci.image.manifest.v1+json");
        entry
    }

    /// The entry of an index for an image.
    pub(super) fn image(&self, image: &Image) -> Value {
        let layers: Vec<Vec<u8>> = image
            .steps
            .iter()
            .filter_map(|(_, layer)| layer.as_ref())
            .map(|(bytes, packed)| pack(bytes, *packed))
            .collect();
        let config = image.config().to_string();
        let mut entry = self.manifest(config.as_bytes(), &layers, &image.annotations);
        let (os, architecture) = image.platform.split_once('/').unwrap();
        entry["platform"] = json!({ "os": os, "architecture": architecture });
        entry
    }

    pub(super) fn index(&self, entries: &[Value]) {
        let index = json!({ "schemaVersion": 2, "manifests": entries });
        fs::write(self.0.join("index.json"), index.to_string()).unwrap();
        fs::write(self.0.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    }

    /// The layout as an archive.
    pub(super) fn archive(&self) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_dir_all(".", self.0).unwrap();
        builder.into_inner().unwrap()
    }
}

/// What `docker save` writes.
pub(super) fn docker_archive(image: &Image) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut names = Vec::new();
    for (at, (_, layer)) in image.steps.iter().enumerate() {
        if let Some((bytes, _)) = layer {
            files.push((format!("{at}/layer.tar"), bytes.clone()));
            names.push(format!("{at}/layer.tar"));
        }
    }
    files.push(("config.json".into(), image.config().to_string().into_bytes()));
    let manifest = json!([{ "Config": "config.json", "RepoTags": ["demo:1"], "Layers": names }]);
    files.push(("manifest.json".into(), manifest.to_string().into_bytes()));
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    layer(&files)
}
