//! `ListPolicies`: the account's managed policies and AWS's.

use gantry_api_iam::{self as api, ListPoliciesRequest, ListPoliciesResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use crate::iam::Iam;
use crate::managed;
use crate::page::Wanted;
use crate::policy::{aws_shape, customer_shape};
use crate::tables::policy::POLICIES;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, Failure> {
    cx.authorize(Permission::of("iam:ListPolicies"))?;
    let scope = input.scope.as_deref().unwrap_or("All");
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let only_attached = input.only_attached.unwrap_or(false);
    let usage = input.policy_usage_filter.as_deref().unwrap_or_default();

    let mut tx = iam.db.begin();
    let mut list = all(&mut tx, &cx, scope).await?;
    list.retain(|policy| {
        let attached = policy.attachment_count.unwrap_or(0) > 0;
        let bounding = policy.permissions_boundary_usage_count.unwrap_or(0) > 0;
        let used = match usage {
            "PermissionsPolicy" => attached,
            "PermissionsBoundary" => bounding,
            _ => attached || bounding || !only_attached,
        };
        used && policy.path.as_deref().is_some_and(|path| path.starts_with(prefix))
    });
    let only = only_attached.to_string();
    let filters = [scope, prefix, &only, usage];
    let wanted = Wanted::new(&cx, "ListPolicies", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(list, |policy| policy.arn.as_deref().unwrap_or_default())?;
    Ok(ListPoliciesResponse {
        is_truncated: page.is_truncated(),
        policies: Some(page.items),
        marker: page.marker,
    })
}

/// All policies of the scope in the order of their ARNs. Listings show neither tags nor descriptions.
async fn all(tx: &mut Tx, cx: &Cx, scope: &str) -> Result<Vec<api::Policy>, Failure> {
    let mut list = Vec::new();
    if scope != "AWS" {
        for (_, row) in tx.peek_scan(&POLICIES, &key!(cx.account), Scan::all()).await? {
            list.push(customer_shape(tx, cx, row).await?);
        }
    }
    if scope != "Local" {
        for policy in managed::all() {
            list.push(aws_shape(tx, cx, policy).await?);
        }
    }
    for policy in &mut list {
        (policy.tags, policy.description) = (None, None);
    }
    list.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(list)
}
