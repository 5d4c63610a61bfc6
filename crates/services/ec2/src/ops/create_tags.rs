//! CreateTags: resources get tags, or other values for those they have.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::tagging;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::{Ec2, tags};

/// How many resources one request may name.
const MOST: usize = 1000;

/// Tags all resources that are named, or none.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::CreateTagsRequest) -> Result<Unit, Failure> {
    let resources = input.resources.unwrap_or_default();
    let pairs: Vec<(String, String)> = input
        .tags
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    let mut site = Site::open(ec2, &cx).await?;
    if resources.is_empty() {
        return Err(Ec2Error::MissingParameter("resourceIdSet").into());
    }
    if resources.len() > MOST {
        let message = format!("The maximum number of resources for one request is {MOST}.");
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    let mut permit = None;
    let mut found = Vec::new();
    for id in &resources {
        let there = tagging::read(&mut site, id).await?;
        permit = Some(tagging::allow(&cx, "ec2:CreateTags", id, there.as_ref(), |permission| {
            permission.request_tags(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))
        })?);
        found.push((id, there));
    }
    if pairs.is_empty() {
        return Err(Ec2Error::MissingParameter("tagSet").into());
    }
    let more = tags::check(pairs)?;
    for (id, there) in found {
        let there = there.ok_or_else(|| tagging::missing(id))?;
        let tags = there.with(more.clone()).map_err(tags::refused)?;
        tagging::write(&mut site, id, tags).await?;
    }
    end_dry_run(input.dry_run)?;
    if let Some(permit) = permit {
        site.commit(&permit).await?;
    }
    Ok(Unit)
}
