//! RemoveTags: tags go by their keys; keys that are not there are passed over.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure, Permission};

use super::add_tags::not_an_arn;
use super::tagged::Tagged;
use crate::error::ElbError;
use crate::{Elb, find};

/// Removes tags, from all or none.
pub async fn run(elb: &Elb, cx: Cx, input: api::RemoveTagsInput) -> Result<api::RemoveTagsOutput, Failure> {
    let mut tx = elb.db.begin();
    let mut permit = None;
    let mut found = Vec::new();
    for arn in &input.resource_arns {
        let arn = find::parse(&cx, arn, "load balancer, target group, listener or rule")
            .map_err(|_| not_an_arn(arn))?;
        let resource = Tagged::find(&mut tx, &cx, &arn).await?;
        let has = resource.iter().flat_map(|it| it.tags().iter());
        let permission = Permission::on("elasticloadbalancing:RemoveTags", &arn);
        permit = Some(cx.authorize(permission.resource_tags(has).key("aws:TagKeys", &input.tag_keys))?);
        found.push(resource.ok_or_else(|| Tagged::missing(&arn))?);
    }
    let Some(permit) = permit else {
        return Err(ElbError::validation("A resource ARN must be specified").into());
    };
    for resource in found {
        let left = resource.tags().without(input.tag_keys.iter().map(String::as_str));
        resource.put(&mut tx, left);
    }
    tx.commit(&permit).await?;
    Ok(api::RemoveTagsOutput {})
}
