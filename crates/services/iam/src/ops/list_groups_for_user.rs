//! `ListGroupsForUser`: the groups that a user is in.

use gantry_api_iam::{ListGroupsForUserRequest, ListGroupsForUserResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_user};
use crate::page::Wanted;
use crate::shape;
use crate::tables::group::{GROUPS, Group};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListGroupsForUser", &input.user_name);
    let (user, _) = permitted_user(&mut tx, &cx, wish).await?;

    let filters = [input.user_name.as_str()];
    let wanted = Wanted::new(&cx, "ListGroupsForUser", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(user.groups, String::as_str)?;
    let keys: Vec<_> = page.items.iter().map(|name| Group::key(cx.account, name)).collect();
    let groups = tx.peek_many(&GROUPS, &keys).await?.into_iter().flatten();
    Ok(ListGroupsForUserResponse {
        groups: groups.map(|group| shape::group(cx.partition(), group)).collect(),
        is_truncated: Some(page.marker.is_some()),
        marker: page.marker,
    })
}
