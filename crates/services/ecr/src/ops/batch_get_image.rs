//! BatchGetImage: manifests by digest or tag.

use gantry_api_ecr as api;
use gantry_ecr_core::{Manifest, Refusal, RepositoryName, Want};
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
    ecr.may(cx, registry, &name, "ecr:BatchGetImage").await?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for id in input.image_ids {
        match get(ecr, cx, registry, &name, &id).await? {
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
) -> Result<Result<api::Image, Unfound>, EcrError> {
    let id = match ImageId::parse(id) {
        Ok(id) => id,
        Err(unfound) => return Ok(Err(unfound)),
    };
    let manifest = match ecr.manifest_of(cx, registry, name, &id.reference, Want::Content).await {
        Err(EcrError::Refused(Refusal::ImageNotFound { .. })) => return Ok(Err(Unfound::NotFound)),
        found => found?,
    };
    if id.must_be.is_some_and(|digest| digest != manifest.digest) {
        return Ok(Err(Unfound::TagDoesNotMatch));
    }
    let body = String::from_utf8(manifest.body.into());
    Ok(Ok(api::Image {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(manifest.digest, id.reference.tag())),
        image_manifest: Some(body.map_err(EcrError::internal)?),
        image_manifest_media_type: Some(manifest.media_type.to_string()),
    }))
}
