//! `GetGroup`: a group with its members.

use gantry_api_iam::{self as api, GetGroupRequest, GetGroupResponse};
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::iam::{Iam, Wish, permitted_group};
use crate::page::Wanted;
use crate::shape;
use crate::tables::group::{MEMBERS, members_key};
use crate::tables::user::{USERS, User};

pub(crate) async fn run(iam: Iam, cx: Cx, input: GetGroupRequest) -> Result<GetGroupResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetGroup", &input.group_name);
    let (group, _) = permitted_group(&mut tx, &cx, wish).await?;

    let filters = [input.group_name.as_str()];
    let wanted = Wanted::new(&cx, "GetGroup", &filters, input.marker.as_deref(), input.max_items);
    let members = tx.peek_scan(&MEMBERS, &members_key(cx.account, &group.name), Scan::all()).await?;
    let mut names: Vec<String> = members.into_iter().map(|(_, name)| name).collect();
    names.sort();
    let page = wanted.of_list(names, String::as_str)?;
    let keys: Vec<_> = page.items.iter().map(|name| User::key(cx.account, name)).collect();
    let users = tx.peek_many(&USERS, &keys).await?.into_iter().flatten();
    let shown =
        |user| api::User { tags: None, permissions_boundary: None, ..shape::user(cx.partition(), user) };
    Ok(GetGroupResponse {
        users: users.map(shown).collect(),
        is_truncated: Some(page.marker.is_some()),
        group: shape::group(cx.partition(), group),
        marker: page.marker,
    })
}
