//! The media types of manifests and layers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kinds of manifest that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum ManifestType {
    /// An image of Docker's schema 2.
    DockerImage,
    /// Docker's list of images, one for each platform.
    DockerList,
    /// An image, or another artifact, of OCI's specification.
    OciImage,
    /// OCI's list of manifests.
    OciIndex,
}

/// The media type is not one of a manifest that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the media type is not one of a manifest that the registry takes")]
pub struct NotAManifest;

impl ManifestType {
    /// All of them, in the order in which clients that take any are served.
    pub const ALL: [ManifestType; 4] = [Self::OciImage, Self::OciIndex, Self::DockerImage, Self::DockerList];

    /// The media type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DockerImage => "application/vnd.docker.distribution.manifest.v2+json",
            Self::DockerList => "application/vnd.docker.distribution.manifest.list.v2+json",
            Self::OciImage => "application/vnd.oci.image.manifest.v1+json",
            Self::OciIndex => "application/vnd.oci.image.index.v1+json",
        }
    }

    /// Whether it lists other manifests.
    pub fn is_list(self) -> bool {
        matches!(self, Self::DockerList | Self::OciIndex)
    }
}

impl FromStr for ManifestType {
    type Err = NotAManifest;

    fn from_str(text: &str) -> Result<Self, NotAManifest> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(NotAManifest)
    }
}

impl TryFrom<String> for ManifestType {
    type Error = NotAManifest;
    fn try_from(text: String) -> Result<Self, NotAManifest> {
        text.parse()
    }
}

impl From<ManifestType> for &'static str {
    fn from(kind: ManifestType) -> &'static str {
        kind.as_str()
    }
}

impl fmt::Display for ManifestType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a layer of this media type is kept elsewhere: its licence does not let a registry hand it on.
pub(crate) fn is_foreign_layer(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.docker.image.rootfs.foreign.")
        || media_type.starts_with("application/vnd.oci.image.layer.nondistributable.")
}
