//! `RemoveClientIDFromOpenIDConnectProvider`: tokens for that audience are taken no more.

use gantry_api_iam::RemoveClientIDFromOpenIDConnectProviderRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::providers::{permitted_provider, put_provider};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:RemoveClientIDFromOpenIDConnectProvider", &input.open_id_connect_provider_arn);
    let (mut provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    provider.client_ids.retain(|known| *known != input.client_id);
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
