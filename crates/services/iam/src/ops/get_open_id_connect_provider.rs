//! `GetOpenIDConnectProvider`: one provider.

use gantry_api_iam::{GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::providers::permitted_provider;
use crate::shape;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetOpenIDConnectProviderRequest,
) -> Result<GetOpenIDConnectProviderResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetOpenIDConnectProvider", &input.open_id_connect_provider_arn);
    let (provider, _) = permitted_provider(&mut tx, &cx, wish).await?;
    Ok(GetOpenIDConnectProviderResponse {
        url: Some(provider.url),
        client_id_list: Some(provider.client_ids),
        thumbprint_list: Some(provider.thumbprints),
        create_date: Some(provider.created),
        tags: Some(shape::tag_list(&provider.tags)),
    })
}
