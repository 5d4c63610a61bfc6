//! `ListAttachedUserPolicies`: the managed policies that hang on a user.

use gantry_api_iam::{ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse};
use gantry_service::{Cx, Failure};

use crate::grants::list_attached;
use crate::iam::{Iam, Wish, permitted_user};
use crate::page::Wanted;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListAttachedUserPoliciesRequest,
) -> Result<ListAttachedUserPoliciesResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListAttachedUserPolicies", &input.user_name);
    let (user, _) = permitted_user(&mut tx, &cx, wish).await?;

    let prefix = input.path_prefix.as_deref();
    let filters = [input.user_name.as_str(), prefix.unwrap_or_default()];
    let listing = "ListAttachedUserPolicies";
    let wanted = Wanted::new(&cx, listing, &filters, input.marker.as_deref(), input.max_items);
    let page = list_attached(cx.partition(), user.grants, prefix, &wanted)?;
    Ok(ListAttachedUserPoliciesResponse {
        is_truncated: page.is_truncated(),
        attached_policies: Some(page.items),
        marker: page.marker,
    })
}
