//! The documents of an image: index, manifest, configuration.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::reference::is_digest;
use crate::engine::error::PullError;
use crate::engine::image::{ImageConfig, Platform};

pub(crate) const MANIFEST_OCI: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const MANIFEST_DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const INDEX_OCI: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const INDEX_DOCKER: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// What we tell a registry that we understand.
pub(crate) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub media_type: String,
    pub digest: String,
    pub size: u64,
    pub platform: Option<DescribedPlatform>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct DescribedPlatform {
    pub os: String,
    pub architecture: String,
    pub variant: Option<String>,
}

/// What a digest of a manifest leads to.
#[derive(Debug, Clone)]
pub(crate) enum Document {
    Index(Vec<Descriptor>),
    Manifest(Manifest),
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Manifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
}

/// The configuration, as far as we need it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Configuration {
    #[serde(default)]
    pub config: Option<ImageConfig>,
    pub rootfs: RootFs,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RootFs {
    pub diff_ids: Vec<String>,
}

pub(crate) fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn corrupt(digest: &str, detail: impl std::fmt::Display) -> PullError {
    PullError::Corrupt { digest: digest.to_owned(), detail: detail.to_string() }
}

impl Document {
    /// Reads what has this digest; `declared` is what the registry called it.
    pub(crate) fn parse(digest: &str, declared: &str, bytes: &[u8]) -> Result<Self, PullError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Any {
            media_type: Option<String>,
            config: Option<Descriptor>,
            layers: Option<Vec<Descriptor>>,
            manifests: Option<Vec<Descriptor>>,
        }
        let mut any: Any = serde_json::from_slice(bytes).map_err(|error| corrupt(digest, error))?;
        let media_type = any.media_type.take().unwrap_or_else(|| declared.to_owned());
        let document = match (media_type.as_str(), any) {
            (INDEX_OCI | INDEX_DOCKER, Any { manifests: Some(list), config: None, .. }) => Self::Index(list),
            (
                MANIFEST_OCI | MANIFEST_DOCKER,
                Any { config: Some(config), layers: Some(layers), manifests: None, .. },
            ) => Self::Manifest(Manifest { config, layers }),
            (other, _) => {
                return Err(PullError::Unsupported { media_type: other.to_owned() });
            }
        };
        for descriptor in document.descriptors() {
            if !is_digest(&descriptor.digest) {
                return Err(corrupt(digest, format!("{:?} is no digest", descriptor.digest)));
            }
        }
        Ok(document)
    }

    fn descriptors(&self) -> Vec<&Descriptor> {
        match self {
            Self::Index(list) => list.iter().collect(),
            Self::Manifest(manifest) => std::iter::once(&manifest.config).chain(&manifest.layers).collect(),
        }
    }
}

impl Configuration {
    pub(crate) fn parse(digest: &str, bytes: &[u8]) -> Result<Self, PullError> {
        serde_json::from_slice(bytes).map_err(|error| corrupt(digest, error))
    }

    /// The name of each layer's file system: of the layer and all below it.
    pub(crate) fn chain_ids(&self) -> Vec<String> {
        let mut chain: Vec<String> = Vec::with_capacity(self.rootfs.diff_ids.len());
        for diff in &self.rootfs.diff_ids {
            let next = match chain.last() {
                Some(below) => digest_of(format!("{below} {diff}").as_bytes()),
                None => diff.clone(),
            };
            chain.push(next);
        }
        chain
    }
}

impl Manifest {
    pub(crate) fn compressed_bytes(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).fold(self.config.size, u64::saturating_add)
    }
}

/// The entry for this platform: of the same variant if there is one, else the first that can run here.
pub(crate) fn choose<'a>(list: &'a [Descriptor], wanted: &Platform) -> Result<&'a Descriptor, PullError> {
    let mut best: Option<(u8, &Descriptor)> = None;
    for entry in list {
        // An index of one image may leave the platform out.
        let rank = match &entry.platform {
            None => 1,
            Some(it) if it.os != wanted.os || it.architecture != wanted.architecture => continue,
            Some(it) => match (it.variant.as_deref(), wanted.variant.as_deref()) {
                (have, want) if have == want => 4,
                (None, _) | (Some("v8"), None) | (Some("v1"), None) => 3,
                (Some(have), Some(want)) if wanted.architecture == "arm" && have < want => 2,
                _ => continue,
            },
        };
        if best.is_none_or(|(most, _)| rank > most) {
            best = Some((rank, entry));
        }
    }
    best.map(|(_, entry)| entry).ok_or_else(|| {
        let names = list.iter().filter_map(|entry| entry.platform.as_ref()).map(|it| {
            let variant = it.variant.as_ref().map(|variant| format!("/{variant}"));
            format!("{}/{}{}", it.os, it.architecture, variant.unwrap_or_default())
        });
        PullError::NoPlatform { wanted: wanted.to_string(), available: names.collect::<Vec<_>>().join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(architecture: &str, variant: Option<&str>) -> Descriptor {
        Descriptor {
            media_type: MANIFEST_OCI.into(),
            digest: format!("{architecture}{}", variant.unwrap_or_default()),
            size: 1,
            platform: Some(DescribedPlatform {
                os: "linux".into(),
                architecture: architecture.into(),
                variant: variant.map(Into::into),
            }),
        }
    }

    fn platform(architecture: &str, variant: Option<&str>) -> Platform {
        Platform { os: "linux".into(), architecture: architecture.into(), variant: variant.map(Into::into) }
    }

    #[test]
    fn the_nearest_platform_is_chosen() {
        let list =
            [entry("unknown", None), entry("arm", Some("v6")), entry("arm64", None), entry("amd64", None)];
        let chosen = |wanted| choose(&list, &wanted).map(|it| it.digest.clone());
        assert_eq!(chosen(platform("amd64", None)).unwrap(), "amd64");
        assert_eq!(chosen(platform("arm64", Some("v8"))).unwrap(), "arm64");
        assert_eq!(chosen(platform("arm", Some("v7"))).unwrap(), "armv6");
        let error = chosen(platform("s390x", None)).unwrap_err().to_string();
        assert!(error.contains("linux/s390x") && error.contains("linux/arm/v6"), "{error}");
    }

    #[test]
    fn chains_are_as_the_specification_says() {
        let diffs = ["sha256:aa", "sha256:bb"].map(str::to_owned).to_vec();
        let configuration = Configuration { config: None, rootfs: RootFs { diff_ids: diffs } };
        let chain = configuration.chain_ids();
        assert_eq!(chain[0], "sha256:aa");
        assert_eq!(chain[1], digest_of(b"sha256:aa sha256:bb"));
    }

    #[test]
    fn documents_of_other_kinds_are_refused() {
        let v1 = br#"{"schemaVersion":1,"name":"x"}"#;
        let declared = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        let answer = Document::parse("sha256:x", declared, v1);
        assert!(matches!(answer, Err(PullError::Unsupported { media_type }) if media_type == declared));
        assert!(matches!(Document::parse("d", MANIFEST_OCI, b"{"), Err(PullError::Corrupt { .. })));
    }
}
