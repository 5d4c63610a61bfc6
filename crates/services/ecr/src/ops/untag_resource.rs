//! UntagResource: takes tags off a repository.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed_with};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

pub async fn untag_resource(
    ecr: &Ecr,
    cx: &Cx,
    input: api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, EcrError> {
    let (registry, name) = parameter::repository_of_arn(cx, &input.resource_arn)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed_with(cx, &mut tx, registry, &name, "ecr:UntagResource", |p| {
            p.key("aws:TagKeys", &input.tag_keys)
        })
        .await?;

    let tags = repository.tags.without(input.tag_keys.iter().map(String::as_str));
    tx.put(
        &REPOSITORIES,
        &repository_key(registry, &cx.region, name.as_str()),
        &Repository { tags, ..repository },
    );
    tx.commit(&permit).await?;
    Ok(api::UntagResourceResponse::default())
}
