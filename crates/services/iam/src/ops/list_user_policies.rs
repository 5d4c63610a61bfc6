//! `ListUserPolicies`: the names of a user's inline policies.

use gantry_api_iam::{ListUserPoliciesRequest, ListUserPoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_inline;
use crate::iam::{Iam, Wish, permitted_user};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListUserPoliciesRequest,
) -> Result<ListUserPoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListUserPolicies", &input.user_name);
    let (user, _) = permitted_user(&mut tx, &cx, wish).await?;

    let filters = [input.user_name.as_str()];
    let wanted = Wanted::new(&cx, "ListUserPolicies", &filters, input.marker.as_deref(), input.max_items);
    let page = list_inline(user.grants, &wanted)?;
    Ok(ListUserPoliciesResponse {
        is_truncated: page.is_truncated(),
        policy_names: page.items,
        marker: page.marker,
    })
}
