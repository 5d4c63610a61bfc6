//! AddTags: load balancers, target groups, listeners and rules get tags; a key that is there gets its new value.

use gantry_api_elbv2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};

use super::tagged::Tagged;
use crate::error::ElbError;
use crate::{Elb, find, given};

/// Adds tags, to all or none.
pub async fn run(elb: &Elb, cx: Cx, input: api::AddTagsInput) -> Result<api::AddTagsOutput, Failure> {
    let pairs = given::pairs(Some(input.tags));
    let mut tx = elb.db.begin();
    let mut permit = None;
    let mut found = Vec::new();
    for arn in &input.resource_arns {
        let arn = find::parse(&cx, arn, "load balancer, target group, listener or rule")
            .map_err(|_| not_an_arn(arn))?;
        let resource = Tagged::find(&mut tx, &cx, &arn).await?;
        let has = resource.iter().flat_map(|it| it.tags().iter());
        let gives = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let permission = Permission::on("elasticloadbalancing:AddTags", &arn);
        permit = Some(cx.authorize(permission.resource_tags(has).request_tags(gives))?);
        found.push(resource.ok_or_else(|| Tagged::missing(&arn))?);
    }
    let Some(permit) = permit else {
        return Err(ElbError::validation("A resource ARN must be specified").into());
    };
    let tags: Tags = given::tags(pairs)?;
    for resource in found {
        let all = resource.tags().with(tags.clone()).map_err(ElbError::from)?;
        resource.put(&mut tx, all);
    }
    tx.commit(&permit).await?;
    Ok(api::AddTagsOutput {})
}

/// AWS's refusal of what is no ARN.
pub(super) fn not_an_arn(given: &str) -> ElbError {
    ElbError::validation(format!("'{given}' is not a valid load balancer ARN"))
}
