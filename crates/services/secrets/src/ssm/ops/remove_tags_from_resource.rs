//! RemoveTagsFromResource: a parameter loses tags.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{check_resource_type, not_a_resource, on_parameter, tagged};
use crate::Secrets;
use crate::ssm::name;
use crate::ssm::table::PARAMETERS;

/// Changes the tags.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::RemoveTagsFromResourceRequest,
) -> Result<api::RemoveTagsFromResourceResult, Failure> {
    let mut tx = secrets.db.begin();
    let found = tagged(&mut tx, &cx, "ssm:RemoveTagsFromResource", &input.resource_id).await;
    let (key, mut parameter) = found.map_err(|failure| not_a_resource(failure, &input.resource_id))?;
    let arn = name::arn(&cx, &parameter.name);
    let permission = on_parameter("ssm:RemoveTagsFromResource", &arn, Some(&parameter))
        .key("aws:TagKeys", &input.tag_keys);
    let permit = cx.authorize(permission)?;
    check_resource_type(&input.resource_type)?;
    parameter.tags = parameter.tags.without(input.tag_keys.iter().map(String::as_str));
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::RemoveTagsFromResourceResult {})
}
