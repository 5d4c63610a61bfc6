//! `ListRoleTags`: the tags of a role.

use gantry_api_iam::{ListRoleTagsRequest, ListRoleTagsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_role};
use crate::page::Wanted;
use crate::shape::tag_list;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListRoleTags", &input.role_name);
    let (role, _) = permitted_role(&mut tx, &cx, wish).await?;
    let filters = [input.role_name.as_str()];
    let wanted = Wanted::new(&cx, "ListRoleTags", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(tag_list(&role.tags), |tag| &tag.key)?;
    Ok(ListRoleTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}
