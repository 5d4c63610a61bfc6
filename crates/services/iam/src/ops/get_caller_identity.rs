//! STS `GetCallerIdentity`: who the keys belong to. It needs no permission, and none can be taken away.

use gantry_api_sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use gantry_service::{Cx, Failure};

pub(crate) async fn run(cx: Cx, _: GetCallerIdentityRequest) -> Result<GetCallerIdentityResponse, Failure> {
    let principal = &cx.caller.principal;
    Ok(GetCallerIdentityResponse {
        user_id: Some(principal.user_id()),
        account: Some(principal.account().unwrap_or(cx.account).to_string()),
        arn: Some(principal.arn()),
    })
}
