//! `ListPolicyTags`: the tags of a managed policy.

use gantry_api_iam::{ListPolicyTagsRequest, ListPolicyTagsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::page::Wanted;
use crate::policy::{Found, permitted_policy};
use crate::shape::tag_list;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListPolicyTags", &input.policy_arn);
    let tags = match permitted_policy(&mut tx, &cx, wish).await?.0 {
        Found::Customer(policy) => tag_list(&policy.tags),
        Found::Aws(_) => Vec::new(),
    };
    let filters = [input.policy_arn.as_str()];
    let wanted = Wanted::new(&cx, "ListPolicyTags", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(tags, |tag| &tag.key)?;
    Ok(ListPolicyTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}
