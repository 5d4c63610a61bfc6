//! `DeleteOpenIDConnectProvider`: it vouches for nobody any more.

use gantry_api_iam::DeleteOpenIDConnectProviderRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::providers::permitted_provider;
use crate::tables::oidc_provider::{OidcProvider, PROVIDERS};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DeleteOpenIDConnectProviderRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteOpenIDConnectProvider", &input.open_id_connect_provider_arn);
    let (provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    tx.delete(&PROVIDERS, &OidcProvider::key(cx.account, &provider.url));
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
