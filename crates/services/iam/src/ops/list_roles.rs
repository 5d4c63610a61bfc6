//! `ListRoles`: the account's roles, under a path where one is given.

use gantry_api_iam::{self as api, ListRolesRequest, ListRolesResponse};
use gantry_base::Partition;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::document::shown_trust;
use crate::iam::{Iam, arn};
use crate::page::Wanted;
use crate::shape;
use crate::tables::role::{ROLES, Role};

pub(crate) async fn run(iam: Iam, cx: Cx, input: ListRolesRequest) -> Result<ListRolesResponse, Failure> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    cx.authorize(Permission::on("iam:ListRoles", &arn(&cx, format_args!("role{prefix}"))))?;
    let wanted = Wanted::new(&cx, "ListRoles", &[prefix], input.marker.as_deref(), input.max_items);
    let mut tx = iam.db.begin();
    let pick = |role: Role| role.path.starts_with(prefix).then_some(role);
    let page = wanted.of_table(&mut tx, &ROLES, &key!(cx.account), pick).await?;
    let is_truncated = page.is_truncated();
    let mut roles = Vec::with_capacity(page.items.len());
    for mut role in page.items {
        role.trust = shown_trust(&mut tx, &role).await?;
        roles.push(listed(cx.partition(), role));
    }
    Ok(ListRolesResponse { is_truncated, roles, marker: page.marker })
}

/// Listings show neither tags nor the boundary, as in AWS.
fn listed(partition: Partition, role: Role) -> api::Role {
    api::Role { tags: None, permissions_boundary: None, ..shape::role(partition, role) }
}
