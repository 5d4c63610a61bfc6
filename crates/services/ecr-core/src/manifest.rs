//! Manifests: what an image consists of.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::media_type::{ManifestType, is_foreign_layer};

/// A reference to content, with its type and size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the content is.
    #[serde(default)]
    pub media_type: String,
    /// Which content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Where else it is to be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

impl Descriptor {
    /// Whether a registry need not have the content.
    fn is_elsewhere(&self) -> bool {
        is_foreign_layer(&self.media_type)
    }
}

/// A manifest that was read and makes sense by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its type.
    pub media_type: ManifestType,
    /// The image's configuration.
    pub config: Option<Descriptor>,
    /// The image's layers, or the artifact's files.
    pub layers: Vec<Descriptor>,
    /// The manifests that it lists.
    pub manifests: Vec<Descriptor>,
    /// The manifest that this one says something about.
    pub subject: Option<Descriptor>,
    /// What the artifact is, where it is no image.
    pub artifact_type: Option<String>,
    /// The author's own words.
    pub annotations: BTreeMap<String, String>,
}

/// Why a manifest is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Over [`Manifest::MAX_BYTES`].
    #[error("the manifest has {size} bytes, and the limit is {}", Manifest::MAX_BYTES)]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// More references than [`Manifest::MAX_REFERENCES`].
    #[error(
        "the manifest refers to {count} layers or manifests, and the limit is {}",
        Manifest::MAX_REFERENCES
    )]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// Not JSON of a manifest's form.
    #[error("the manifest can't be read: {0}")]
    Unreadable(String),
    /// A type that is not kept, such as Docker's schema 1.
    #[error("manifests of type {0:?} are not supported")]
    Unsupported(String),
    /// The type in the request and the type in the manifest are not the same.
    #[error("the manifest says it is {inside:?}, and the request says it is {outside:?}")]
    Contradiction {
        /// What the request said.
        outside: String,
        /// What the manifest says.
        inside: String,
    },
    /// It could be read as an image and as a list.
    #[error("the manifest has members of an image and of a list of manifests")]
    Ambiguous,
    /// A member that its type needs is missing.
    #[error("the manifest has no {0}")]
    Missing(&'static str),
    /// A descriptor's size is not the content's.
    #[error("the manifest says that {digest} has {said} bytes, and it has {found}")]
    WrongSize {
        /// The content.
        digest: Digest,
        /// The descriptor's size in bytes.
        said: u64,
        /// The content's size in bytes.
        found: u64,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: Option<u64>,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    fs_layers: Option<serde::de::IgnoredAny>,
    subject: Option<Descriptor>,
    artifact_type: Option<String>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// The largest manifest that is taken, in bytes; OCI's and ECR's limit.
    pub const MAX_BYTES: usize = 4 * 1024 * 1024;

    /// The most layers or manifests that one may refer to; ECR's quota of layers.
    pub const MAX_REFERENCES: usize = 4200;

    /// Reads a manifest. `media_type` is what the request said it is, without parameters.
    ///
    /// A document that could be read as an image and as a list is refused, so that no two clients can see
    /// different things in the same digest (CVE-2021-41190).
    pub fn parse(body: &[u8], media_type: Option<&str>) -> Result<Manifest, ManifestError> {
        if body.len() > Self::MAX_BYTES {
            return Err(ManifestError::TooLarge { size: body.len() });
        }
        let document: Document =
            serde_json::from_slice(body).map_err(|error| ManifestError::Unreadable(error.to_string()))?;
        let media_type = document.media_type(media_type)?;
        document.check(media_type)?;
        let manifest = Manifest {
            media_type,
            config: document.config,
            layers: document.layers.unwrap_or_default(),
            manifests: document.manifests.unwrap_or_default(),
            subject: document.subject,
            artifact_type: document.artifact_type.filter(|kind| !kind.is_empty()),
            annotations: document.annotations.unwrap_or_default(),
        };
        let count = manifest.layers.len().max(manifest.manifests.len());
        if count > Self::MAX_REFERENCES {
            return Err(ManifestError::TooMany { count });
        }
        Ok(manifest)
    }

    /// The blobs that the repository must have before it can show this manifest.
    pub fn blobs(&self) -> BTreeSet<Digest> {
        self.own_blobs().map(|descriptor| descriptor.digest).collect()
    }

    fn own_blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let layers = self.layers.iter().filter(|layer| !layer.is_elsewhere());
        self.config.iter().chain(layers)
    }

    /// Checks each descriptor's size against that of the content it names. `size_of` knows the sizes of
    /// [`Manifest::blobs`] and [`Manifest::children`]; what it does not know is not checked.
    pub fn check_sizes(&self, size_of: impl Fn(Digest) -> Option<u64>) -> Result<(), ManifestError> {
        for Descriptor { digest, size, .. } in self.own_blobs().chain(&self.manifests) {
            if let Some(found) = size_of(*digest).filter(|found| found != size) {
                return Err(ManifestError::WrongSize { digest: *digest, said: *size, found });
            }
        }
        Ok(())
    }

    /// The manifests that the repository must have before it can show this one.
    pub fn children(&self) -> BTreeSet<Digest> {
        self.manifests.iter().map(|descriptor| descriptor.digest).collect()
    }

    /// What the artifact is: its own word, or for an image the type of its configuration.
    pub fn artifact_type(&self) -> Option<&str> {
        let config = self.config.as_ref().map(|config| config.media_type.as_str());
        self.artifact_type.as_deref().or(config)
    }
}

impl Document {
    fn media_type(&self, outside: Option<&str>) -> Result<ManifestType, ManifestError> {
        if let (Some(outside), Some(inside)) = (outside, &self.media_type)
            && outside != inside
        {
            let (outside, inside) = (shown(outside), shown(inside));
            return Err(ManifestError::Contradiction { outside, inside });
        }
        match outside.or(self.media_type.as_deref()) {
            Some(named) => named.parse().map_err(|_| ManifestError::Unsupported(shown(named))),
            // OCI's first manifests did not name their type.
            None if self.manifests.is_some() => Ok(ManifestType::OciIndex),
            None if self.config.is_some() => Ok(ManifestType::OciImage),
            None => Err(ManifestError::Missing("mediaType")),
        }
    }

    fn check(&self, media_type: ManifestType) -> Result<(), ManifestError> {
        if self.schema_version != Some(2) {
            return Err(ManifestError::Missing("schemaVersion of 2"));
        }
        let image = self.config.is_some() || self.layers.is_some();
        let list = self.manifests.is_some();
        if (image && list) || self.fs_layers.is_some() {
            return Err(ManifestError::Ambiguous);
        }
        match media_type.is_list() {
            true if !list => Err(ManifestError::Missing("manifests")),
            false if self.config.is_none() => Err(ManifestError::Missing("config")),
            false if self.layers.is_none() => Err(ManifestError::Missing("layers")),
            _ => Ok(()),
        }
    }
}

/// The client's text, cut to a length that can be shown.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn descriptor(of: &str, media_type: &str) -> serde_json::Value {
        json!({ "mediaType": media_type, "digest": Digest::of(of.as_bytes()).to_string(), "size": of.len() })
    }

    fn image() -> serde_json::Value {
        json!({
            "schemaVersion": 2,
            "mediaType": ManifestType::OciImage.as_str(),
            "config": descriptor("config", "application/vnd.oci.image.config.v1+json"),
            "layers": [
                descriptor("one", "application/vnd.oci.image.layer.v1.tar+gzip"),
                descriptor("one", "application/vnd.oci.image.layer.v1.tar+gzip"),
                descriptor("win", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
            ],
        })
    }

    fn parse(value: &serde_json::Value, media_type: Option<&str>) -> Result<Manifest, ManifestError> {
        Manifest::parse(value.to_string().as_bytes(), media_type)
    }

    #[test]
    fn an_image_needs_its_config_and_own_layers() {
        let manifest = parse(&image(), Some(ManifestType::OciImage.as_str())).unwrap();
        let needed = BTreeSet::from([Digest::of(b"config"), Digest::of(b"one")]);
        assert_eq!(manifest.blobs(), needed);
        assert_eq!(manifest.artifact_type(), Some("application/vnd.oci.image.config.v1+json"));
    }

    #[test]
    fn a_list_needs_its_manifests() {
        let list =
            json!({ "schemaVersion": 2, "manifests": [descriptor("m", ManifestType::OciImage.as_str())] });
        let manifest = parse(&list, None).unwrap();
        assert_eq!(manifest.media_type, ManifestType::OciIndex);
        assert_eq!(manifest.children(), BTreeSet::from([Digest::of(b"m")]));
        assert!(parse(&list, Some(ManifestType::OciImage.as_str())).is_err());
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let mut both = image();
        both["manifests"] = json!([]);
        assert_eq!(parse(&both, None), Err(ManifestError::Ambiguous));
        let contradiction = parse(&image(), Some(ManifestType::DockerImage.as_str()));
        assert!(matches!(contradiction, Err(ManifestError::Contradiction { .. })));
        let twice = r#"{"schemaVersion":2,"config":null,"config":null}"#;
        assert!(matches!(Manifest::parse(twice.as_bytes(), None), Err(ManifestError::Unreadable(_))));
    }

    #[test]
    fn what_is_not_a_manifest_is_refused() {
        let signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        let old = json!({ "schemaVersion": 1, "fsLayers": [] });
        assert!(matches!(parse(&old, Some(signed)), Err(ManifestError::Unsupported(_))));
        assert!(matches!(parse(&old, None), Err(ManifestError::Missing(_))));
        assert!(matches!(parse(&json!([]), None), Err(ManifestError::Unreadable(_))));
        let mut evil = image();
        evil["layers"][0]["digest"] = json!("sha256:../../etc/passwd");
        assert!(matches!(parse(&evil, None), Err(ManifestError::Unreadable(_))));
        evil["layers"][0] = descriptor("x", "");
        evil["layers"][0]["size"] = json!(-1);
        assert!(matches!(parse(&evil, None), Err(ManifestError::Unreadable(_))));
        let deep = "[".repeat(100_000);
        assert!(matches!(Manifest::parse(deep.as_bytes(), None), Err(ManifestError::Unreadable(_))));
        let large = vec![b' '; Manifest::MAX_BYTES + 1];
        assert!(matches!(Manifest::parse(&large, None), Err(ManifestError::TooLarge { .. })));
        let mut many = image();
        many["layers"] = vec![descriptor("x", "a/b"); Manifest::MAX_REFERENCES + 1].into();
        assert!(matches!(parse(&many, None), Err(ManifestError::TooMany { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body: Vec<u8>) {
            let _ = Manifest::parse(&body, None);
        }
    }
}
