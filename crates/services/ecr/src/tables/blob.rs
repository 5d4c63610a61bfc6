//! Content, kept once for all repositories.

use std::fmt;

use gantry_base::Timestamp;
use gantry_ecr_core::Digest;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use super::{Mark, RepositoryId};
use crate::blobs::Location;

/// The content that is kept.
pub const BLOBS: Table<Blob> = Table::new("ecr.blob", 1);
/// Who needs it.
pub const LINKS: Table<Mark> = Table::new("ecr.link", 1);

/// Content that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Blob {
    /// Where.
    pub location: Location,
    /// Its size in bytes.
    pub bytes: u64,
    /// Since when the sweeper has seen that nobody needs it.
    #[serde(default)]
    pub unlinked_since: Option<Timestamp>,
}

/// What a repository needs content for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A layer or configuration.
    Layer,
    /// A manifest.
    Image,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Link::Layer => "layer",
            Link::Image => "image",
        })
    }
}

/// The key of a need.
pub fn link_key(digest: Digest, repository: &RepositoryId, link: Link) -> Key {
    key!(digest, repository, link)
}
