//! `ListRolePolicies`: the names of a role's inline policies.

use gantry_api_iam::{ListRolePoliciesRequest, ListRolePoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_inline;
use crate::iam::{Iam, Wish, permitted_role};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListRolePolicies", &input.role_name);
    let (role, _) = permitted_role(&mut tx, &cx, wish).await?;

    let filters = [input.role_name.as_str()];
    let wanted = Wanted::new(&cx, "ListRolePolicies", &filters, input.marker.as_deref(), input.max_items);
    let page = list_inline(role.grants, &wanted)?;
    Ok(ListRolePoliciesResponse {
        is_truncated: page.is_truncated(),
        policy_names: page.items,
        marker: page.marker,
    })
}
