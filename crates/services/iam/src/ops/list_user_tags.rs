//! `ListUserTags`: the tags of a user.

use gantry_api_iam::{ListUserTagsRequest, ListUserTagsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_user};
use crate::page::Wanted;
use crate::shape::tag_list;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListUserTagsRequest,
) -> Result<ListUserTagsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListUserTags", &input.user_name);
    let (user, _) = permitted_user(&mut tx, &cx, wish).await?;
    let filters = [input.user_name.as_str()];
    let wanted = Wanted::new(&cx, "ListUserTags", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(tag_list(&user.tags), |tag| &tag.key)?;
    Ok(ListUserTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}
