//! ListTagsForResource: a parameter's tags.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{check_resource_type, existing, not_a_resource};
use crate::Secrets;

/// Lists tags by key.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResult, Failure> {
    let mut tx = secrets.db.begin();
    let found = existing(&mut tx, &cx, "ssm:ListTagsForResource", &input.resource_id).await;
    let (_, parameter, _) = found.map_err(|failure| not_a_resource(failure, &input.resource_id))?;
    check_resource_type(&input.resource_type)?;
    let tag = |(key, value): (&str, &str)| api::Tag { key: key.into(), value: value.into() };
    Ok(api::ListTagsForResourceResult { tag_list: Some(parameter.tags.iter().map(tag).collect()) })
}
