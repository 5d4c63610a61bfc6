//! BatchGetImage: manifests by digest or tag, in a form that the caller takes.

use bytes::Bytes;
use gantry_api_ecr as api;
use gantry_ecr_core::translation::translate;
use gantry_ecr_core::{Manifest, ManifestType, Refusal, RepositoryName, Want};
use gantry_service::Cx;

use super::image_id::{self, ImageId, Unfound};
use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

/// The most bytes of manifests in one answer: four of the largest.
const MAX_BYTES: usize = 4 * Manifest::MAX_BYTES;

pub async fn batch_get_image(
    ecr: &Ecr,
    cx: &Cx,
    input: api::BatchGetImageRequest,
) -> Result<api::BatchGetImageResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    // An image of another registry may be what makes the repository.
    for id in input.image_ids.iter().filter_map(|id| ImageId::parse(id).ok()) {
        ecr.pull_through(cx, registry, &name, &id.reference).await?;
    }
    ecr.may(cx, registry, &name, "ecr:BatchGetImage").await?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    let accepted = input.accepted_media_types.as_deref();
    for id in input.image_ids {
        match get(ecr, cx, registry, &name, &id, accepted).await? {
            Ok(image) => {
                bytes += image.image_manifest.as_ref().map_or(0, String::len);
                if bytes > MAX_BYTES {
                    return Err(EcrError::LimitExceeded(format!(
                        "The manifests of the images have more than {MAX_BYTES} bytes together; ask for fewer images"
                    )));
                }
                images.push(image);
            }
            Err(unfound) => failures.push(unfound.failure(id)),
        }
    }
    Ok(api::BatchGetImageResponse { images: Some(images), failures: Some(failures) })
}

async fn get(
    ecr: &Ecr,
    cx: &Cx,
    registry: gantry_base::AccountId,
    name: &RepositoryName,
    id: &api::ImageIdentifier,
    accepted: Option<&[String]>,
) -> Result<Result<api::Image, Unfound>, EcrError> {
    let id = match ImageId::parse(id) {
        Ok(id) => id,
        Err(unfound) => return Ok(Err(unfound)),
    };
    let manifest = match ecr.manifest_of(cx, registry, name, &id.reference, Want::Content).await {
        Err(EcrError::Refused(Refusal::ImageNotFound { .. })) => return Ok(Err(Unfound::NotFound)),
        Err(EcrError::Refused(Refusal::ImageArchived { .. })) => return Ok(Err(Unfound::Archived)),
        found => found?,
    };
    if id.must_be.is_some_and(|digest| digest != manifest.digest) {
        return Ok(Err(Unfound::TagDoesNotMatch));
    }
    let Some((media_type, body)) = understood(manifest.media_type, manifest.body, accepted, &id) else {
        return Ok(Err(Unfound::NotFound));
    };
    let body = String::from_utf8(body.into());
    Ok(Ok(api::Image {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(manifest.digest, id.reference.tag())),
        image_manifest: Some(body.map_err(EcrError::internal)?),
        image_manifest_media_type: Some(media_type.to_string()),
    }))
}

/// The manifest in a form that the caller takes: the one that is kept, or for an image that is named by its tag
/// the first other one that there is.
fn understood(
    kept: ManifestType,
    body: Bytes,
    accepted: Option<&[String]>,
    id: &ImageId,
) -> Option<(ManifestType, Bytes)> {
    let accepted = accepted.unwrap_or_default();
    if accepted.is_empty() || accepted.iter().any(|media_type| media_type == kept.as_str()) {
        return Some((kept, body));
    }
    id.reference.tag()?;
    let others = accepted.iter().filter_map(|media_type| media_type.parse().ok());
    let mut translated = others.filter_map(|other| Some((other, translate(&body, kept, other)?.into())));
    translated.next()
}
