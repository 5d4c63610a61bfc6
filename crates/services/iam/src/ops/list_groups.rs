//! `ListGroups`: the account's groups, under a path where one is given.

use gantry_api_iam::{ListGroupsRequest, ListGroupsResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::iam::{Iam, arn};
use crate::page::Wanted;
use crate::shape;
use crate::tables::group::{GROUPS, Group};

pub(crate) async fn run(iam: Iam, cx: Cx, input: ListGroupsRequest) -> Result<ListGroupsResponse, Failure> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    cx.authorize(Permission::on("iam:ListGroups", &arn(&cx, format_args!("group{prefix}"))))?;
    let wanted = Wanted::new(&cx, "ListGroups", &[prefix], input.marker.as_deref(), input.max_items);
    let partition = cx.partition();
    let pick = |group: Group| group.path.starts_with(prefix).then(|| shape::group(partition, group));
    let page = wanted.of_table(&mut iam.db.begin(), &GROUPS, &key!(cx.account), pick).await?;
    Ok(ListGroupsResponse { is_truncated: page.is_truncated(), groups: page.items, marker: page.marker })
}
