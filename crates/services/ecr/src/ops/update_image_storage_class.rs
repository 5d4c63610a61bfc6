//! UpdateImageStorageClass: puts an image into the archive, where it can't be pulled, or takes it out again.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::image_id::{self, ImageId, not_found};
use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::images::{delete, find};
use crate::tables::{IMAGES, Image, in_repository};

pub async fn update_image_storage_class(
    ecr: &Ecr,
    cx: &Cx,
    input: api::UpdateImageStorageClassRequest,
) -> Result<api::UpdateImageStorageClassResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:UpdateImageStorageClass").await?;
    let id = ImageId::required(&input.image_id)?;
    let found = find::image(&mut tx, &repository, &id.reference).await?;
    let found = found.filter(|image| id.must_be.is_none_or(|digest| digest == image.digest));
    let image = found.ok_or_else(|| not_found(&id.reference, &name, registry))?;
    let archive = input.target_storage_class == "ARCHIVE";
    let image = match (archive, image.archived) {
        // A list's images go with the list's pulls.
        (true, false) if !delete::lists_of(&mut tx, &repository, image.digest).await?.is_empty() => {
            return Err(EcrError::StorageClassUpdateNotSupported {
                why: format!("image '{}' is referenced by a manifest list", image.digest),
            });
        }
        (true, false) => Image { archived: true, archived_at: Some(cx.now), ..image },
        (false, true) => Image { archived: false, activated_at: Some(cx.now), ..image },
        (true, true) | (false, false) => {
            return Err(EcrError::StorageClassUpdateNotSupported {
                why: format!(
                    "image '{}' is in storage class {} already",
                    image.digest, input.target_storage_class
                ),
            });
        }
    };
    tx.put(&IMAGES, &in_repository(&repository.id, image.digest), &image);
    tx.commit(&permit).await?;
    Ok(api::UpdateImageStorageClassResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(image.digest, id.reference.tag())),
        image_status: Some(image.status().to_owned()),
    })
}
