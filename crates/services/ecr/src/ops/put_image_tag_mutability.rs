//! PutImageTagMutability: sets whether a repository's tags may move, and which are excluded from that.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

pub async fn put_image_tag_mutability(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutImageTagMutabilityRequest,
) -> Result<api::PutImageTagMutabilityResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:PutImageTagMutability").await?;
    let mutability = parameter::mutability(
        Some(&input.image_tag_mutability),
        input.image_tag_mutability_exclusion_filters.unwrap_or_default(),
    )?;
    let filters = super::shown_filters(&mutability);
    let row = repository_key(registry, &cx.region, name.as_str());
    tx.put(&REPOSITORIES, &row, &Repository { mutability, ..repository });
    tx.commit(&permit).await?;
    Ok(api::PutImageTagMutabilityResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        image_tag_mutability: Some(input.image_tag_mutability),
        image_tag_mutability_exclusion_filters: filters,
    })
}
