//! `ListSAMLProviders`: the account's SAML providers. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListSAMLProvidersRequest, ListSAMLProvidersResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::iam::Iam;

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    _: ListSAMLProvidersRequest,
) -> Result<ListSAMLProvidersResponse, Failure> {
    cx.authorize(Permission::of("iam:ListSAMLProviders"))?;
    Ok(ListSAMLProvidersResponse { saml_provider_list: Some(Vec::new()) })
}
