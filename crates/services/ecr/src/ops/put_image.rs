//! PutImage: stores a manifest whose layers have been uploaded, and tags it.

use bytes::Bytes;
use gantry_api_ecr as api;
use gantry_ecr_core::{Digest, Refusal, Tag};
use gantry_service::Cx;

use super::{image_id, parameter};
use crate::Ecr;
use crate::error::EcrError;
use crate::images::put::{Again, NewImage};

pub async fn put_image(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutImageRequest,
) -> Result<api::PutImageResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let tag: Option<Tag> = match &input.image_tag {
        Some(tag) => Some(tag.parse().map_err(|error: gantry_ecr_core::reference::BadTag| {
            EcrError::InvalidParameter { parameter: "imageTag", rule: error.to_string() }
        })?),
        None => None,
    };
    let digest: Option<Digest> = match &input.image_digest {
        Some(digest) => Some(digest.parse().map_err(|error| EcrError::from(Refusal::DigestInvalid(error)))?),
        None => None,
    };
    let new = NewImage {
        registry,
        repository: &name,
        tag: tag.as_ref(),
        digest,
        media_type: input.image_manifest_media_type.as_deref(),
        body: Bytes::from(input.image_manifest.clone()),
        again: Again::Refused,
    };
    let stored = ecr.put(cx, new).await?;
    Ok(api::PutImageResponse {
        image: Some(api::Image {
            registry_id: Some(registry.to_string()),
            repository_name: Some(name.to_string()),
            image_id: Some(image_id::shown(stored.digest, tag.as_ref())),
            image_manifest: Some(input.image_manifest),
            image_manifest_media_type: Some(stored.manifest.media_type.to_string()),
        }),
    })
}
