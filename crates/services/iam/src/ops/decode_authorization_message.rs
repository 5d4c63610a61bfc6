//! STS `DecodeAuthorizationMessage`: why a request was denied, for those who may know.

use gantry_api_sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::ApiError;

use crate::iam::Iam;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DecodeAuthorizationMessageRequest,
) -> Result<DecodeAuthorizationMessageResponse, Failure> {
    cx.authorize(Permission::of("sts:DecodeAuthorizationMessage"))?;
    let decoded = iam.decode_denial(&input.encoded_message);
    let decoded = decoded.ok_or_else(|| {
        let message = "Invalid Authorization Message";
        ApiError::new("InvalidAuthorizationMessageException", message).with_status(400)
    })?;
    Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(decoded) })
}
