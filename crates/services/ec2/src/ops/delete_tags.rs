//! DeleteTags: resources lose tags.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::tagging;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;

/// Takes the tags that are named from all resources that are named; one with a value only where it has that value.
/// Without tags, all go that are the user's own.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteTagsRequest) -> Result<Unit, Failure> {
    let wanted = input.tags.unwrap_or_default();
    let resources = input.resources.unwrap_or_default();
    let mut site = Site::open(ec2, &cx).await?;
    if resources.is_empty() {
        return Err(Ec2Error::MissingParameter("resourceIdSet").into());
    }
    let keys: Vec<&str> = wanted.iter().filter_map(|tag| tag.key.as_deref()).collect();
    let mut permit = None;
    let mut found = Vec::new();
    for id in &resources {
        let there = tagging::read(&mut site, id).await?;
        let tag_keys = keys.clone();
        permit = Some(tagging::allow(&cx, "ec2:DeleteTags", id, there.as_ref(), |permission| {
            permission.key("aws:TagKeys", tag_keys.clone())
        })?);
        found.push((id, there));
    }
    for (id, there) in found {
        let there = there.ok_or_else(|| tagging::missing(id))?;
        let tags = without(&there, &wanted);
        tagging::write(&mut site, id, tags).await?;
    }
    end_dry_run(input.dry_run)?;
    if let Some(permit) = permit {
        site.commit(&permit).await?;
    }
    Ok(Unit)
}

fn without(tags: &Tags, wanted: &[api::Tag]) -> Tags {
    if wanted.is_empty() {
        return tags.without(tags.iter().map(|(key, _)| key).filter(|key| !key.starts_with("aws:")));
    }
    let fits = |tag: &&api::Tag| {
        let there = tag.key.as_deref().and_then(|key| tags.get(key));
        tag.value.as_deref().is_none_or(|value| there == Some(value))
    };
    tags.without(wanted.iter().filter(fits).filter_map(|tag| tag.key.as_deref()))
}
