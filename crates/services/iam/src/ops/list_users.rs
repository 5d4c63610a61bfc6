//! `ListUsers`: the account's users, under a path where one is given.

use gantry_api_iam::{self as api, ListUsersRequest, ListUsersResponse};
use gantry_base::Partition;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::iam::{Iam, arn};
use crate::page::Wanted;
use crate::shape;
use crate::tables::user::{USERS, User};

pub(crate) async fn run(iam: Iam, cx: Cx, input: ListUsersRequest) -> Result<ListUsersResponse, Failure> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    cx.authorize(Permission::on("iam:ListUsers", &arn(&cx, format_args!("user{prefix}"))))?;
    let wanted = Wanted::new(&cx, "ListUsers", &[prefix], input.marker.as_deref(), input.max_items);
    let pick = |user: User| user.path.starts_with(prefix).then(|| listed(cx.partition(), user));
    let page = wanted.of_table(&mut iam.db.begin(), &USERS, &key!(cx.account), pick).await?;
    Ok(ListUsersResponse { is_truncated: page.is_truncated(), users: page.items, marker: page.marker })
}

/// Listings show neither tags nor the boundary, as in AWS.
fn listed(partition: Partition, user: User) -> api::User {
    api::User { tags: None, permissions_boundary: None, ..shape::user(partition, user) }
}
