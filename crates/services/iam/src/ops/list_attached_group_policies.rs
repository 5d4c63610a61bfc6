//! `ListAttachedGroupPolicies`: the managed policies that hang on a group.

use gantry_api_iam::{ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_attached;
use crate::iam::{Iam, Wish, permitted_group};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListAttachedGroupPoliciesRequest,
) -> Result<ListAttachedGroupPoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListAttachedGroupPolicies", &input.group_name);
    let (group, _) = permitted_group(&mut tx, &cx, wish).await?;

    let prefix = input.path_prefix.as_deref();
    let filters = [input.group_name.as_str(), prefix.unwrap_or_default()];
    let listing = "ListAttachedGroupPolicies";
    let wanted = Wanted::new(&cx, listing, &filters, input.marker.as_deref(), input.max_items);
    let page = list_attached(cx.partition(), group.grants, prefix, &wanted)?;
    Ok(ListAttachedGroupPoliciesResponse {
        is_truncated: page.is_truncated(),
        attached_policies: Some(page.items),
        marker: page.marker,
    })
}
