//! What a repository holds.

use std::collections::BTreeSet;

use gantry_base::Timestamp;
use gantry_ecr_core::{Digest, ManifestType, Tag};
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use super::Mark;

/// The manifests of a repository.
pub const IMAGES: Table<Image> = Table::new("ecr.image", 1);
/// The tags of a repository.
pub const TAGS: Table<TagTarget> = Table::new("ecr.tag", 1);
/// The blobs that can be read in a repository.
pub const LAYERS: Table<Layer> = Table::new("ecr.layer", 1);
/// Which image needs which layer.
pub const LAYER_USES: Table<Mark> = Table::new("ecr.layer_use", 1);
/// Which list needs which image.
pub const CHILD_USES: Table<Mark> = Table::new("ecr.child_use", 1);
/// Which image says something about which.
pub const REFERRERS: Table<Mark> = Table::new("ecr.referrer", 1);
/// The uploads that have begun.
pub const UPLOADS: Table<Upload> = Table::new("ecr.upload", 1);

/// A manifest that can be seen. All that it refers to is in the same repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Image {
    /// Its digest.
    pub digest: Digest,
    /// Its type.
    pub media_type: ManifestType,
    /// What the artifact is.
    pub artifact_type: Option<String>,
    /// The manifest's size in bytes.
    pub manifest_bytes: u64,
    /// The image's size in bytes: its layers and configuration; of a list, its largest image's.
    pub image_bytes: u64,
    /// When it was pushed.
    pub pushed_at: Timestamp,
    /// About when it was last pulled.
    #[serde(default)]
    pub pulled_at: Option<Timestamp>,
    /// Whether it is in the archive, where it can't be pulled.
    #[serde(default)]
    pub archived: bool,
    /// When it was last put into the archive.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
    /// When it was last taken out of the archive.
    #[serde(default)]
    pub activated_at: Option<Timestamp>,
    /// When a scan of it was last asked for.
    #[serde(default)]
    pub scan_asked_at: Option<Timestamp>,
    /// The tags that point to it.
    pub tags: BTreeSet<Tag>,
    /// The blobs that it needs.
    pub blobs: BTreeSet<Digest>,
    /// The manifests that it lists.
    pub children: BTreeSet<Digest>,
    /// The manifest that it says something about.
    pub subject: Option<Digest>,
}

impl Image {
    /// AWS's word for whether it can be pulled.
    pub fn status(&self) -> &'static str {
        if self.archived { "ARCHIVED" } else { "ACTIVE" }
    }
}

/// What a tag points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagTarget {
    /// The image.
    pub digest: Digest,
}

/// A blob that can be read in a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Layer {
    /// Its size in bytes.
    pub bytes: u64,
    /// Since when the sweeper has seen that no image needs it.
    #[serde(default)]
    pub unused_since: Option<Timestamp>,
}

/// An upload that has begun. Where objects are in a directory, its file says how far it is; where they are in a
/// store that replicas share, it is in pieces there, and this says which.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Upload {
    /// When it was begun.
    pub started_at: Timestamp,
    /// The pieces, in order.
    #[serde(default)]
    pub pieces: Vec<Piece>,
    /// The state of the hash after all pieces.
    #[serde(default)]
    pub hash: Option<String>,
    /// When the last piece came.
    #[serde(default)]
    pub touched_at: Option<Timestamp>,
    /// Where the first part of UploadLayerPart ended that only the last may be as small as.
    #[serde(default)]
    pub small_part_end: Option<u64>,
}

/// A piece of an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Piece {
    /// What the object is called in the upload's folder.
    pub object: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Upload {
    /// How many bytes the pieces have.
    pub fn received(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}
