//! `ListOpenIDConnectProviderTags`: the tags of an OIDC provider.

use gantry_api_iam::{ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::page::Wanted;
use crate::providers::permitted_provider;
use crate::shape::tag_list;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListOpenIDConnectProviderTagsRequest,
) -> Result<ListOpenIDConnectProviderTagsResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListOpenIDConnectProviderTags", &input.open_id_connect_provider_arn);
    let (provider, _) = permitted_provider(&mut tx, &cx, wish).await?;
    let filters = [input.open_id_connect_provider_arn.as_str()];
    let wanted =
        Wanted::new(&cx, "ListOpenIDConnectProviderTags", &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(tag_list(&provider.tags), |tag| &tag.key)?;
    Ok(ListOpenIDConnectProviderTagsResponse {
        is_truncated: page.is_truncated(),
        tags: page.items,
        marker: page.marker,
    })
}
