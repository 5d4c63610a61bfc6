//! `ListInstanceProfileTags`: the tags of an instance profile.

use gantry_api_iam::{ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::page::Wanted;
use crate::profiles::permitted_profile;
use crate::shape::tag_list;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListInstanceProfileTagsRequest,
) -> Result<ListInstanceProfileTagsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListInstanceProfileTags", &input.instance_profile_name);
    let (profile, _) = permitted_profile(&mut tx, &cx, wish).await?;
    let filters = [input.instance_profile_name.as_str()];
    let wanted =
        Wanted::new(&cx, "ListInstanceProfileTags", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(tag_list(&profile.tags), |tag| &tag.key)?;
    Ok(ListInstanceProfileTagsResponse {
        is_truncated: page.is_truncated(),
        tags: page.items,
        marker: page.marker,
    })
}
