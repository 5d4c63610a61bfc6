//! TagResource: hangs tags on a repository.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed_with};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

pub async fn tag_resource(
    ecr: &Ecr,
    cx: &Cx,
    input: api::TagResourceRequest,
) -> Result<api::TagResourceResponse, EcrError> {
    let (registry, name) = parameter::repository_of_arn(cx, &input.resource_arn)?;
    let more = parameter::tags(input.tags)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed_with(cx, &mut tx, registry, &name, "ecr:TagResource", |p| p.request_tags(more.iter()))
            .await?;

    let tags = repository.tags.with(more)?;
    tx.put(
        &REPOSITORIES,
        &repository_key(registry, &cx.region, name.as_str()),
        &Repository { tags, ..repository },
    );
    tx.commit(&permit).await?;
    Ok(api::TagResourceResponse::default())
}
