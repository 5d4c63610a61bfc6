//! PutImageScanningConfiguration: notes whether images are to be scanned when they are pushed.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

pub async fn put_image_scanning_configuration(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutImageScanningConfigurationRequest,
) -> Result<api::PutImageScanningConfigurationResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:PutImageScanningConfiguration").await?;
    let scan_on_push = input.image_scanning_configuration.scan_on_push.unwrap_or(false);
    let row = repository_key(registry, &cx.region, name.as_str());
    tx.put(&REPOSITORIES, &row, &Repository { scan_on_push, ..repository });
    tx.commit(&permit).await?;
    let configuration = api::ImageScanningConfiguration { scan_on_push: Some(scan_on_push) };
    Ok(api::PutImageScanningConfigurationResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_scanning_configuration: Some(configuration),
    })
}
