//! Image ids, as ECR's operations take them: a digest, a tag or both.

use gantry_api_ecr as api;
use gantry_base::AccountId;
use gantry_ecr_core::{Digest, Reference, Refusal, RepositoryName, Tag};

use crate::error::EcrError;

/// What an image id asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageId {
    /// What to look for.
    pub reference: Reference,
    /// What the tag must point to.
    pub must_be: Option<Digest>,
}

/// Why an id has no image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfound {
    /// The id has neither.
    MissingDigestAndTag,
    /// The digest is none.
    InvalidDigest,
    /// The tag is none.
    InvalidTag,
    /// The tag points to something else.
    TagDoesNotMatch,
    /// There is no such image.
    NotFound,
    /// Lists refer to it.
    Referenced(String),
    /// It is in the archive.
    Archived,
}

impl ImageId {
    /// Reads an id.
    pub fn parse(id: &api::ImageIdentifier) -> Result<ImageId, Unfound> {
        let digest: Option<Digest> = match &id.image_digest {
            Some(digest) => Some(digest.parse().map_err(|_| Unfound::InvalidDigest)?),
            None => None,
        };
        let tag: Option<Tag> = match &id.image_tag {
            Some(tag) => Some(tag.parse().map_err(|_| Unfound::InvalidTag)?),
            None => None,
        };
        match (tag, digest) {
            (Some(tag), must_be) => Ok(ImageId { reference: tag.into(), must_be }),
            (None, Some(digest)) => Ok(ImageId { reference: digest.into(), must_be: None }),
            (None, None) => Err(Unfound::MissingDigestAndTag),
        }
    }
}

impl ImageId {
    /// Reads the only id of a request, which must be one.
    pub fn required(id: &api::ImageIdentifier) -> Result<ImageId, EcrError> {
        ImageId::parse(id).map_err(|_| EcrError::InvalidParameter {
            parameter: "imageId",
            rule: "must have a digest, a tag or both".to_owned(),
        })
    }
}

impl Unfound {
    /// The failure as AWS shows it.
    pub fn failure(self, id: api::ImageIdentifier) -> api::ImageFailure {
        let (code, reason) = match self {
            Unfound::MissingDigestAndTag => {
                ("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null".to_owned())
            }
            Unfound::InvalidDigest => (
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
                    .to_owned(),
            ),
            Unfound::InvalidTag => (
                "InvalidImageTag",
                "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9-_+.]+'".to_owned(),
            ),
            Unfound::TagDoesNotMatch => {
                ("ImageTagDoesNotMatchDigest", "Requested image tag does not match the image digest".to_owned())
            }
            Unfound::NotFound => ("ImageNotFound", "Requested image not found".to_owned()),
            Unfound::Archived => (
                "ImageInaccessible",
                "Requested image is archived; restore it with UpdateImageStorageClass to pull it".to_owned(),
            ),
            Unfound::Referenced(reason) => ("ImageReferencedByManifestList", reason),
        };
        api::ImageFailure {
            image_id: Some(id),
            failure_code: Some(code.to_owned()),
            failure_reason: Some(reason),
        }
    }
}

/// The refusal of a whole request for one id that has no image.
pub fn not_found(reference: &Reference, repository: &RepositoryName, registry: AccountId) -> EcrError {
    Refusal::ImageNotFound { reference: reference.clone(), repository: repository.clone(), registry }.into()
}

/// An id as AWS shows it.
pub fn shown(digest: Digest, tag: Option<&Tag>) -> api::ImageIdentifier {
    api::ImageIdentifier { image_digest: Some(digest.to_string()), image_tag: tag.map(Tag::to_string) }
}
