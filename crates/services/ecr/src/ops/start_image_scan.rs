//! StartImageScan: asks for a scan of an image; once a day for each.

use std::time::Duration;

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::image_id::{self, ImageId, not_found};
use super::{parameter, scan};
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::images::find;
use crate::tables::{IMAGES, Image, in_repository};

/// How often an image may be scanned.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn start_image_scan(
    ecr: &Ecr,
    cx: &Cx,
    input: api::StartImageScanRequest,
) -> Result<api::StartImageScanResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:StartImageScan").await?;
    let id = ImageId::required(&input.image_id)?;
    let found = find::image(&mut tx, &repository, &id.reference).await?;
    let found = found.filter(|image| id.must_be.is_none_or(|digest| digest == image.digest));
    let image = found.ok_or_else(|| not_found(&id.reference, &name, registry))?;
    if image.archived {
        return Err(EcrError::ImageArchived { digest: image.digest, repository: name, registry });
    }
    if image.scan_asked_at.is_some_and(|at| cx.now.since(at) < EVERY) {
        return Err(EcrError::LimitExceeded(
            "The scan quota per image has been exceeded. Wait and try again.".to_owned(),
        ));
    }
    let image = Image { scan_asked_at: Some(cx.now), ..image };
    tx.put(&IMAGES, &in_repository(&repository.id, image.digest), &image);
    tx.commit(&permit).await?;
    Ok(api::StartImageScanResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(image.digest, id.reference.tag())),
        image_scan_status: scan::shown(&image),
    })
}
