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

/// Unpacks a layer to `files`, as engines do, and tells what else its tar holds in the form of tar-split.
fn tar_split(layer: &[u8], files: &Path) -> Vec<u8> {
    use base64::Engine as _;
    let mut lines = String::new();
    let segment = |lines: &mut String, bytes: &[u8]| {
        let payload = base64::prelude::BASE64_STANDARD.encode(bytes);
        *lines += &format!("{}\n", json!({ "type": 2, "payload": payload }));
    };
    let mut done = 0;
    for entry in tar::Archive::new(layer).entries().unwrap() {
        let entry = entry.unwrap();
        let (at, size) = (entry.raw_file_position() as usize, entry.size() as usize);
        segment(&mut lines, &layer[done..at]);
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        lines += &match size {
            0 => format!("{}\n", json!({ "type": 1, "name": name, "payload": null })),
            _ => format!(
                "{}\n",
                json!({ "type": 1, "name": name, "size": size, "payload": "AAAAAAAAAAA=" })
            ),
        };
        let path = files.join(&name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else if !name.contains(".wh.") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &layer[at..at + size]).unwrap();
        }
        done = at + size;
    }
    segment(&mut lines, &layer[done..]);
    fs::create_dir_all(files).unwrap();
    gzip(lines.as_bytes())
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn hex_of(digest: &str) -> &str {
    digest.trim_start_matches("sha256:")
}

/// The store of Docker's driver `overlay2`.
pub(super) fn docker_store(root: &Path, name: &str, image: &Image) {
    let config = image.config().to_string();
    let (id, about) = (digest(config.as_bytes()), root.join("image/overlay2"));
    write(&about.join("imagedb/content/sha256").join(hex_of(&id)), &config);
    let repository = name.rsplit_once(':').unwrap().0;
    let repositories = json!({ "Repositories": { repository: { name: id } } });
    write(&about.join("repositories.json"), repositories.to_string());
    let mut chain = String::new();
    for (at, (_, layer)) in image.steps.iter().enumerate() {
        let Some((layer, _)) = layer else { continue };
        let diff = digest(layer);
        chain = if chain.is_empty() { diff } else { digest(format!("{chain} {diff}").as_bytes()) };
        let (about, id) = (about.join("layerdb/sha256").join(hex_of(&chain)), format!("id{at}"));
        write(&about.join("cache-id"), &id);
        let split = tar_split(layer, &root.join("overlay2").join(id).join("diff"));
        write(&about.join("tar-split.json.gz"), split);
    }
}

/// The store of Podman with the driver `overlay`.
pub(super) fn podman_store(root: &Path, name: &str, image: &Image) {
    use base64::Engine as _;
    let config = image.config().to_string();
    let id = digest(config.as_bytes());
    let mut layers: Vec<Value> = Vec::new();
    for (_, layer) in &image.steps {
        let Some((layer, _)) = layer else { continue };
        let own = digest(format!("{} {}", layers.len(), digest(layer)).as_bytes());
        let own = hex_of(&own);
        let split = tar_split(layer, &root.join("overlay").join(own).join("diff"));
        write(&root.join(format!("overlay-layers/{own}.tar-split.gz")), split);
        let parent = layers.last().map_or(json!(""), |below| below["id"].clone());
        layers.push(json!({ "id": own, "parent": parent, "diff-digest": digest(layer) }));
    }
    let manifest = json!({
        "schemaVersion": 2, "config": { "digest": id }, "annotations": image.annotations,
    });
    let hex = hex_of(&id);
    let images = json!([{
        "id": hex, "names": [name], "digest": digest(manifest.to_string().as_bytes()),
        "layer": layers.last().map_or(json!(""), |top| top["id"].clone()),
    }]);
    write(&root.join("overlay-images/images.json"), images.to_string());
    write(&root.join("overlay-layers/layers.json"), Value::from(layers).to_string());
    write(&root.join(format!("overlay-images/{hex}/manifest")), manifest.to_string());
    let name = format!("={}", base64::prelude::BASE64_STANDARD.encode(&id));
    write(&root.join(format!("overlay-images/{hex}/{name}")), config);
}
