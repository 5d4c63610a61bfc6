//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "sts";
    AssumeRole(shapes::AssumeRoleRequest) -> shapes::AssumeRoleResponse;
    AssumeRoleWithWebIdentity(shapes::AssumeRoleWithWebIdentityRequest) -> shapes::AssumeRoleWithWebIdentityResponse;
    DecodeAuthorizationMessage(shapes::DecodeAuthorizationMessageRequest) -> shapes::DecodeAuthorizationMessageResponse;
    GetAccessKeyInfo(shapes::GetAccessKeyInfoRequest) -> shapes::GetAccessKeyInfoResponse;
    GetCallerIdentity(shapes::GetCallerIdentityRequest) -> shapes::GetCallerIdentityResponse;
    GetFederationToken(shapes::GetFederationTokenRequest) -> shapes::GetFederationTokenResponse;
    GetSessionToken(shapes::GetSessionTokenRequest) -> shapes::GetSessionTokenResponse;
}
