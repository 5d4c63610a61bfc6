//! The contract between the registry's HTTP side and the service that keeps images.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use gantry_base::Timestamp;

use crate::digest::Digest;
use crate::media_type::ManifestType;
use crate::name::RepositoryName;
use crate::reference::{Reference, Tag};
use crate::refusal::Refusal;

/// Content on its way, in pieces.
pub type Bytestream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// An upload's id: a version 4 UUID.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(String);

/// The text is no upload's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an upload id is a UUID")]
pub struct BadUploadId;

impl UploadId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = BadUploadId;

    fn from_str(text: &str) -> Result<Self, BadUploadId> {
        let hyphens = [8, 13, 18, 23];
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match hyphens.contains(&at) {
                true => byte == b'-',
                false => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            });
        if fits { Ok(UploadId(text.to_owned())) } else { Err(BadUploadId) }
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of some content: from `start` up to but not including `end`, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// A blob that is being read.
pub struct Layer {
    /// Its whole size in bytes, whatever part of it is read.
    pub size: u64,
    /// The part that `content` gives.
    pub range: ByteRange,
    /// The bytes.
    pub content: Bytestream,
}

/// A piece of an upload.
pub struct Part {
    /// Where it begins, if the client says so.
    pub start: Option<u64>,
    /// How long it is, if the client says so.
    pub length: Option<u64>,
    /// The bytes.
    pub content: Bytestream,
}

/// A manifest as it is kept.
#[derive(Debug, Clone)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its type.
    pub media_type: ManifestType,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes as they were pushed; empty where only its existence was asked for.
    pub body: Bytes,
}

/// A manifest that has just been stored.
#[derive(Debug, Clone)]
pub struct PushedManifest {
    /// Its digest.
    pub digest: Digest,
    /// The manifest that it says something about.
    pub subject: Option<Digest>,
}

/// A manifest that says something about another.
#[derive(Debug, Clone)]
pub struct Referrer {
    /// Its digest.
    pub digest: Digest,
    /// Its type.
    pub media_type: ManifestType,
    /// Its size in bytes.
    pub size: u64,
    /// What it is.
    pub artifact_type: Option<String>,
    /// The author's own words.
    pub annotations: BTreeMap<String, String>,
}

/// Whether a manifest's bytes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// The bytes too.
    Content,
    /// Only what is known of it.
    Existence,
}

/// Repositories, their images and their layers, as clients of the registry see them.
///
/// `C` is the context of a call: who asks, in which account and region, when. Each function checks that the
/// caller may do what it does, under the IAM action that its documentation names, on the repository.
///
/// What a function has acknowledged is durable. A manifest that can be seen has all its blobs and children.
#[async_trait]
pub trait Repositories<C: Sync>: Send + Sync + 'static {
    /// The size of a blob. `ecr:BatchCheckLayerAvailability`
    async fn layer_size(&self, cx: &C, repository: &RepositoryName, digest: Digest) -> Result<u64, Refusal>;

    /// A blob's bytes. `part` chooses a range from the whole size; its `None` means everything.
    /// `ecr:GetDownloadUrlForLayer`
    async fn open_layer(
        &self,
        cx: &C,
        repository: &RepositoryName,
        digest: Digest,
        part: &(dyn for<'a> Fn(u64) -> Option<ByteRange> + Send + Sync),
    ) -> Result<Layer, Refusal>;

    /// A blob's bytes, and which blob it is, for whoever comes with a link that GetDownloadUrlForLayer gave: who
    /// holds it need not say who they are. `encrypted` says whether the bytes will be encrypted on their way.
    async fn open_linked(
        &self,
        link: &str,
        now: Timestamp,
        encrypted: bool,
        part: &(dyn for<'a> Fn(u64) -> Option<ByteRange> + Send + Sync),
    ) -> Result<(Digest, Layer), Refusal>;

    /// Begins an upload. `ecr:InitiateLayerUpload`
    async fn begin_upload(&self, cx: &C, repository: &RepositoryName) -> Result<UploadId, Refusal>;

    /// Takes a blob over from another repository of the registry, without a copy. False if it is not there
    /// or the caller may not read it there. `ecr:InitiateLayerUpload` here,
    /// `ecr:BatchCheckLayerAvailability` and `ecr:GetDownloadUrlForLayer` there.
    async fn mount_layer(
        &self,
        cx: &C,
        repository: &RepositoryName,
        digest: Digest,
        from: &RepositoryName,
    ) -> Result<bool, Refusal>;

    /// Adds a part to an upload; how many bytes the upload then has. `ecr:UploadLayerPart`
    async fn upload_part(
        &self,
        cx: &C,
        repository: &RepositoryName,
        upload: &UploadId,
        part: Part,
    ) -> Result<u64, Refusal>;

    /// How many bytes an upload has. `ecr:UploadLayerPart`
    async fn upload_size(
        &self,
        cx: &C,
        repository: &RepositoryName,
        upload: &UploadId,
    ) -> Result<u64, Refusal>;

    /// Adds a last part, which may be empty, and makes the blob visible in the repository if it is the
    /// content of that digest. If it is not, the upload is over. `ecr:CompleteLayerUpload`
    async fn complete_upload(
        &self,
        cx: &C,
        repository: &RepositoryName,
        upload: &UploadId,
        last: Part,
        digest: Digest,
    ) -> Result<(), Refusal>;

    /// Gives an upload up. `ecr:UploadLayerPart`
    async fn cancel_upload(
        &self,
        cx: &C,
        repository: &RepositoryName,
        upload: &UploadId,
    ) -> Result<(), Refusal>;

    /// A manifest. `ecr:BatchGetImage`
    async fn manifest(
        &self,
        cx: &C,
        repository: &RepositoryName,
        reference: &Reference,
        want: Want,
    ) -> Result<StoredManifest, Refusal>;

    /// Stores a manifest, all of whose blobs and children are there, and points the tag to it.
    /// `media_type` is the request's word for it, without parameters. `ecr:PutImage`
    async fn put_manifest(
        &self,
        cx: &C,
        repository: &RepositoryName,
        reference: &Reference,
        media_type: Option<&str>,
        body: Bytes,
    ) -> Result<PushedManifest, Refusal>;

    /// Takes a tag away, or an image with all its tags. `ecr:BatchDeleteImage`
    async fn delete_manifest(
        &self,
        cx: &C,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<(), Refusal>;

    /// Tags in alphabetical order after `last`, at most `limit`, and whether there are more.
    /// `ecr:ListImages`
    async fn tags(
        &self,
        cx: &C,
        repository: &RepositoryName,
        last: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Tag>, bool), Refusal>;

    /// The manifests that say something about `subject`, in the order of their digests after `last`, at most
    /// `limit`, and whether there are more. `ecr:BatchGetImage`
    async fn referrers(
        &self,
        cx: &C,
        repository: &RepositoryName,
        subject: Digest,
        last: Option<Digest>,
        limit: usize,
    ) -> Result<(Vec<Referrer>, bool), Refusal>;

    /// The registry's repositories in alphabetical order after `last`, at most `limit`, and whether there are
    /// more. `ecr:DescribeRepositories`
    async fn catalog(
        &self,
        cx: &C,
        last: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<RepositoryName>, bool), Refusal>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_id_is_a_uuid() {
        assert!("0a1b2c3d-0000-4000-8000-00000000000f".parse::<UploadId>().is_ok());
        for bad in ["", "..", "0A1B2C3D-0000-4000-8000-00000000000f", "0a1b2c3d-0000-4000-8000-0000000000/f"]
        {
            assert!(bad.parse::<UploadId>().is_err(), "{bad}");
        }
    }
}
