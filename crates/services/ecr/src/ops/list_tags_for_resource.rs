//! ListTagsForResource: a repository's tags.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

pub async fn list_tags_for_resource(
    ecr: &Ecr,
    cx: &Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, EcrError> {
    let (registry, name) = parameter::repository_of_arn(cx, &input.resource_arn)?;
    let repository = ecr.may(cx, registry, &name, "ecr:ListTagsForResource").await?.repository;
    let tags = repository.tags.iter();
    let tags = tags.map(|(key, value)| api::Tag { key: key.to_owned(), value: value.to_owned() });
    Ok(api::ListTagsForResourceResponse { tags: Some(tags.collect()) })
}
