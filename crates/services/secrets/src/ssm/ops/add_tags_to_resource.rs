//! AddTagsToResource: a parameter gets tags.

use gantry_api_ssm as api;
use gantry_base::Tags;
use gantry_base::tags::TagError;
use gantry_service::{Cx, Failure};

use super::{check_resource_type, not_a_resource, on_parameter, tagged};
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::name;
use crate::ssm::table::PARAMETERS;

/// Changes the tags.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::AddTagsToResourceRequest,
) -> Result<api::AddTagsToResourceResult, Failure> {
    let mut tx = secrets.db.begin();
    let found = tagged(&mut tx, &cx, "ssm:AddTagsToResource", &input.resource_id).await;
    let (key, mut parameter) = found.map_err(|failure| not_a_resource(failure, &input.resource_id))?;
    let pairs: Vec<_> = input.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    let arn = name::arn(&cx, &parameter.name);
    let permission = on_parameter("ssm:AddTagsToResource", &arn, Some(&parameter)).request_tags(pairs);
    let permit = cx.authorize(permission)?;
    check_resource_type(&input.resource_type)?;
    let tags = Tags::parse(input.tags.into_iter().map(|tag| (tag.key, tag.value)));
    let tags = tags.and_then(|tags| parameter.tags.with(tags));
    parameter.tags = tags.map_err(|error| match error {
        TagError::TooMany { .. } => ParameterError::TooManyTags,
        other => ParameterError::Validation(other.to_string()),
    })?;
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::AddTagsToResourceResult {})
}
