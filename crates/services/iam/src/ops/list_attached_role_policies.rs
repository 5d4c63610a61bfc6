//! `ListAttachedRolePolicies`: the managed policies that hang on a role.

use gantry_api_iam::{ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_attached;
use crate::iam::{Iam, Wish, permitted_role};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListAttachedRolePolicies", &input.role_name);
    let (role, _) = permitted_role(&mut tx, &cx, wish).await?;

    let prefix = input.path_prefix.as_deref();
    let filters = [input.role_name.as_str(), prefix.unwrap_or_default()];
    let listing = "ListAttachedRolePolicies";
    let wanted = Wanted::new(&cx, listing, &filters, input.marker.as_deref(), input.max_items);
    let page = list_attached(cx.partition(), role.grants, prefix, &wanted)?;
    Ok(ListAttachedRolePoliciesResponse {
        is_truncated: page.is_truncated(),
        attached_policies: Some(page.items),
        marker: page.marker,
    })
}
