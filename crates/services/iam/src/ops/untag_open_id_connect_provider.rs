//! `UntagOpenIDConnectProvider`: takes tags off an OIDC provider.

use gantry_api_iam::UntagOpenIDConnectProviderRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::providers::{permitted_provider, put_provider};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UntagOpenIDConnectProviderRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UntagOpenIDConnectProvider", &input.open_id_connect_provider_arn)
        .untagging(&input.tag_keys);
    let (mut provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    provider.tags = provider.tags.without(input.tag_keys.iter().map(String::as_str));
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
