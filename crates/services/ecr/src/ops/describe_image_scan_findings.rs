//! DescribeImageScanFindings: what the scan of an image found, if one was asked for.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::image_id::{self, ImageId, not_found};
use super::{parameter, scan};
use crate::Ecr;
use crate::error::EcrError;
use crate::images::find;

pub async fn describe_image_scan_findings(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DescribeImageScanFindingsRequest,
) -> Result<api::DescribeImageScanFindingsResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:DescribeImageScanFindings").await?.repository;
    let id = ImageId::required(&input.image_id)?;
    let found = find::image(&mut ecr.db.begin(), &repository, &id.reference).await?;
    let found = found.filter(|image| id.must_be.is_none_or(|digest| digest == image.digest));
    let image = found.ok_or_else(|| not_found(&id.reference, &name, registry))?;
    let Some(status) = scan::shown(&image) else {
        return Err(EcrError::ScanNotFound { reference: id.reference, repository: name, registry });
    };
    Ok(api::DescribeImageScanFindingsResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_id: Some(image_id::shown(image.digest, id.reference.tag())),
        image_scan_status: Some(status),
        image_scan_findings: None,
        next_token: None,
    })
}
