//! STS `GetSessionToken`: temporary keys for the user or root that calls. It needs no permission.

use gantry_api_sts::{GetSessionTokenRequest, GetSessionTokenResponse};
use gantry_service::{Cx, Failure};

use super::assume_role::credentials;
use crate::iam::Iam;
use crate::session::{Session, Whose};
use crate::temporary::{lasting_holder, lifetime, refuse_mfa};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, Failure> {
    let holder = lasting_holder(&cx, "GetSessionToken")?;
    refuse_mfa(input.serial_number.is_some() || input.token_code.is_some())?;
    let lifetime = lifetime(&holder, input.duration_seconds);
    let session = Session::of(cx.account, Whose::Own { holder }, cx.now, lifetime);
    let keys = session.keys(&iam)?;
    Ok(GetSessionTokenResponse {
        credentials: Some(credentials(keys, &session)),
        ..GetSessionTokenResponse::default()
    })
}
