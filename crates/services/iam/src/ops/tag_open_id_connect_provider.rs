//! `TagOpenIDConnectProvider`: hangs tags on an OIDC provider, in place of those with the same keys.

use gantry_api_iam::TagOpenIDConnectProviderRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::providers::{permitted_provider, put_provider};
use crate::shape::with_tags;

pub(crate) async fn run(iam: Iam, cx: Cx, input: TagOpenIDConnectProviderRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish =
        Wish::new("iam:TagOpenIDConnectProvider", &input.open_id_connect_provider_arn).tagging(&input.tags);
    let (mut provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    provider.tags = with_tags(&provider.tags, input.tags)?;
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
