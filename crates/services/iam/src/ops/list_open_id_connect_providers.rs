//! `ListOpenIDConnectProviders`: the account's providers.

use gantry_api_iam::{
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry,
};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};

use crate::iam::Iam;
use crate::tables::oidc_provider::PROVIDERS;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    _: ListOpenIDConnectProvidersRequest,
) -> Result<ListOpenIDConnectProvidersResponse, Failure> {
    cx.authorize(Permission::of("iam:ListOpenIDConnectProviders"))?;
    let rows = iam.db.begin().peek_scan(&PROVIDERS, &key!(cx.account), Scan::all()).await?;
    let entry = |provider: crate::tables::oidc_provider::OidcProvider| OpenIDConnectProviderListEntry {
        arn: Some(provider.arn.in_partition(cx.partition()).to_string()),
    };
    let list = rows.into_iter().map(|(_, provider)| entry(provider)).collect();
    Ok(ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(list) })
}
