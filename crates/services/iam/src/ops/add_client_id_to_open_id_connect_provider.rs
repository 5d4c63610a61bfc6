//! `AddClientIDToOpenIDConnectProvider`: another audience that tokens may be for. Adding it again changes nothing.

use gantry_api_iam::AddClientIDToOpenIDConnectProviderRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::limit_exceeded;
use crate::iam::{Iam, Wish};
use crate::providers::{CLIENT_IDS, permitted_provider, put_provider};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: AddClientIDToOpenIDConnectProviderRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AddClientIDToOpenIDConnectProvider", &input.open_id_connect_provider_arn);
    let (mut provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    if !provider.client_ids.contains(&input.client_id) {
        if provider.client_ids.len() >= CLIENT_IDS {
            let quota = format!("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS}");
            return Err(limit_exceeded(quota));
        }
        provider.client_ids.push(input.client_id);
    }
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
