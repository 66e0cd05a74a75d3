//! Where in a container image something lies.

use std::sync::Arc;

/// A layer of an image, or the step of its build that made none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// Digest of the layer as it is stored, `sha256:` and hex; empty where the step made none, and in archives
    /// that do not say.
    pub digest: String,
    /// Its place among the layers, 0-based from the bottom; none for what is said in the configuration.
    pub index: Option<usize>,
    /// The instruction of the Dockerfile, as far as the image tells, with values masked.
    pub instruction: Option<String>,
    /// Who made it.
    pub maker: Maker,
    /// Platforms whose images have it, `linux/arm64/v8`; sorted; empty where none is told.
    pub platforms: Vec<String>,
}

/// Who made a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maker {
    /// The image that was asked for.
    Own,
    /// The image that it is built on.
    Base,
    /// The image that it is built on, as the history of the build suggests.
    LikelyBase,
}

/// Where in an image something lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InImage {
    /// The layer, or the step.
    pub layer: Arc<Layer>,
    /// The file; none for what is said in the configuration.
    pub file: Option<LayerFile>,
    /// What became of it in the layers above.
    pub fate: Fate,
}

/// A file of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerFile {
    /// Bytes.
    pub size: u64,
    /// Numeric ids of its owner and group.
    pub uid: u64,
    /// As above.
    pub gid: u64,
    /// Permission bits.
    pub mode: u32,
}

/// What became of a file of a layer in the layers above; their places are 0-based from the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// The final file system has it, or the configuration says it.
    Kept,
    /// A layer deleted it; whoever has the image has it still.
    Deleted(usize),
    /// A layer has another file of its name.
    Replaced(usize),
}
