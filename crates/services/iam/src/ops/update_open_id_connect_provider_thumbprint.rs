//! `UpdateOpenIDConnectProviderThumbprint`: other certificates.

use gantry_api_iam::UpdateOpenIDConnectProviderThumbprintRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::providers::{check_thumbprints, permitted_provider, put_provider};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateOpenIDConnectProviderThumbprint", &input.open_id_connect_provider_arn);
    let (mut provider, permit) = permitted_provider(&mut tx, &cx, wish).await?;
    check_thumbprints(&input.thumbprint_list)?;
    provider.thumbprints = input.thumbprint_list;
    put_provider(&mut tx, cx.account, &provider);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
