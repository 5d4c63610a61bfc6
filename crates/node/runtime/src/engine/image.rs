//! What is said about images.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A wish that an image be present.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pull {
    /// What the image is known by from then on: `[registry/]repository[:tag][@digest]`, as the user wrote it.
    pub reference: String,
    /// Where to ask, when that is not what the reference says.
    pub source: Source,
    pub credentials: Credentials,
    pub when: When,
    /// `None` is the machine's own.
    pub platform: Option<Platform>,
}

impl Pull {
    /// Of a reference, from where it says, without credentials, if it is absent.
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            source: Source::Reference,
            credentials: Credentials::None,
            when: When::Absent,
            platform: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// The reference's own registry, over HTTPS (HTTP for `localhost` and loopback addresses).
    Reference,
    /// `base` is where `/v2/` is, as `http://127.0.0.1:4566`; `host` is the `Host` header to send instead of
    /// the base's own; the repository, tag and digest are the reference's.
    Endpoint { base: String, host: Option<String> },
}

/// What to show the registry, or the token service that it names.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Credentials {
    None,
    Basic { username: String, password: String },
    Bearer(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Only if no image is known by the reference (and, if it names a digest, of that digest).
    Absent,
    /// Ask what the reference means now, and fetch what is missing of that.
    Always,
    /// As `Always`, but an image that is present serves when the registry cannot be asked.
    Newest,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: Option<String>,
}

impl Platform {
    /// Of the machine that this runs on.
    pub fn host() -> Self {
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", None),
            "aarch64" => ("arm64", Some("v8")),
            "arm" => ("arm", Some("v7")),
            "powerpc64" => ("ppc64le", None),
            other => (other, None),
        };
        Self { os: "linux".into(), architecture: architecture.into(), variant: variant.map(Into::into) }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// An image that is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub reference: String,
    /// Of what the reference means in its registry: an index or a manifest.
    pub digest: String,
    /// Of this machine's manifest; the same as `digest` when that is no index.
    pub manifest_digest: String,
    /// Of its configuration, which is what Docker calls the image's id.
    pub config_digest: String,
    /// Of the manifest, configuration and compressed layers together.
    pub size_bytes: u64,
    pub config: ImageConfig,
}

/// What an image says about how to run it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    #[serde(deserialize_with = "nullable")]
    pub user: String,
    #[serde(deserialize_with = "nullable")]
    pub env: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub entrypoint: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub cmd: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub working_dir: String,
    #[serde(deserialize_with = "nullable")]
    pub stop_signal: String,
    #[serde(deserialize_with = "nullable")]
    pub labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "nullable")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    #[serde(deserialize_with = "nullable")]
    pub volumes: BTreeMap<String, serde_json::Value>,
}

/// Docker writes `null` where it means nothing.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// How far a pull has come: of the layers that were not there, what they take to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullProgress {
    pub reference: String,
    pub done_bytes: u64,
    pub bytes: u64,
}
