//! `CreateOpenIDConnectProvider`: someone else who may vouch for users.

use gantry_api_iam::{CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};

use crate::error::{already_exists, limit_exceeded, validation};
use crate::iam::{Iam, arn, kept, may_tag, moment};
use crate::providers::{CLIENT_IDS, check_thumbprints, put_provider};
use crate::shape;
use crate::tables::oidc_provider::{OidcProvider, PROVIDERS};

/// The most providers of an account.
const PROVIDERS_PER_ACCOUNT: usize = 100;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreateOpenIDConnectProviderRequest,
) -> Result<CreateOpenIDConnectProviderResponse, Failure> {
    let url = read_url(&iam, &input.url)?;
    let tags = shape::read_tags(input.tags)?;
    let named = arn(&cx, format_args!("oidc-provider/{url}"));
    let permission = Permission::on("iam:CreateOpenIDConnectProvider", &named).request_tags(tags.iter());
    let permit = cx.authorize(permission)?;
    may_tag(&cx, "iam:TagOpenIDConnectProvider", &named, &tags)?;

    let client_ids = input.client_id_list.unwrap_or_default();
    if client_ids.len() > CLIENT_IDS {
        let quota = format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}");
        return Err(limit_exceeded(quota));
    }
    let thumbprints = input.thumbprint_list.unwrap_or_default();
    check_thumbprints(&thumbprints)?;
    let mut tx = iam.db.begin();
    if tx.get(&PROVIDERS, &OidcProvider::key(cx.account, &url)).await?.is_some() {
        return Err(already_exists(format!("Provider with url {} already exists.", input.url)));
    }
    let providers = tx.peek_scan(&PROVIDERS, &key!(cx.account), Scan::first(PROVIDERS_PER_ACCOUNT)).await?;
    if providers.len() >= PROVIDERS_PER_ACCOUNT {
        let quota =
            format!("Cannot exceed quota for OpenIdConnectProvidersPerAccount: {PROVIDERS_PER_ACCOUNT}");
        return Err(limit_exceeded(quota));
    }
    let provider =
        OidcProvider { arn: kept(&named), url, client_ids, thumbprints, tags, created: moment(cx.now) };
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(named.to_string()),
        tags: shape::tags(&provider.tags),
    })
}

/// `https://host/path`, or `http` where that is allowed, without its scheme and last slash.
fn read_url(iam: &Iam, url: &str) -> Result<String, Failure> {
    let invalid = || validation("Invalid Open ID Connect Provider URL");
    let (_, rest) = url.split_once("://").filter(|_| iam.issuers.takes(url)).ok_or_else(invalid)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let host = rest.split('/').next().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%:@".contains(&byte);
    if host.is_empty() || !rest.bytes().all(fits) {
        return Err(invalid());
    }
    Ok(rest.to_owned())
}
