//! `ListGroupPolicies`: the names of a group's inline policies.

use gantry_api_iam::{ListGroupPoliciesRequest, ListGroupPoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_inline;
use crate::iam::{Iam, Wish, permitted_group};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListGroupPoliciesRequest,
) -> Result<ListGroupPoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListGroupPolicies", &input.group_name);
    let (group, _) = permitted_group(&mut tx, &cx, wish).await?;

    let filters = [input.group_name.as_str()];
    let wanted = Wanted::new(&cx, "ListGroupPolicies", &filters, input.marker.as_deref(), input.max_items);
    let page = list_inline(group.grants, &wanted)?;
    Ok(ListGroupPoliciesResponse {
        is_truncated: page.is_truncated(),
        policy_names: page.items,
        marker: page.marker,
    })
}
