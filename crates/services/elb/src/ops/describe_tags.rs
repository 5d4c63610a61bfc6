//! DescribeTags: the tags of up to twenty resources.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::add_tags::not_an_arn;
use super::listing;
use super::tagged::Tagged;
use crate::error::ElbError;
use crate::{Elb, answer, find};

/// AWS's limit of resources in one request.
const MOST: usize = 20;

/// Lists tags. A listener's default rule has none.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeTagsInput,
) -> Result<api::DescribeTagsOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeTags")?;
    if input.resource_arns.len() > MOST {
        let message = format!("Up to '{MOST}' resource ARNs can be specified");
        return Err(ElbError::validation(message).into());
    }
    let mut tx = elb.db.begin();
    let mut described = Vec::new();
    for given in input.resource_arns {
        let arn = find::parse(&cx, &given, "load balancer, target group, listener or rule")
            .map_err(|_| not_an_arn(&given))?;
        let tags = match Tagged::find(&mut tx, &cx, &arn).await? {
            Some(found) => answer::tags(found.tags()),
            None if find::rule(&mut tx, &cx, &arn).await?.is_some() => Vec::new(),
            None => return Err(Tagged::missing(&arn).into()),
        };
        described.push(api::TagDescription { resource_arn: Some(given), tags: Some(tags) });
    }
    Ok(api::DescribeTagsOutput { tag_descriptions: Some(described) })
}
