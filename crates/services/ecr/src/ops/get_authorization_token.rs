//! GetAuthorizationToken: what `docker login` needs, good for twelve hours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

pub async fn get_authorization_token(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetAuthorizationTokenRequest,
) -> Result<api::GetAuthorizationTokenResponse, EcrError> {
    cx.authorize(Permission::of("ecr:GetAuthorizationToken"))?;
    let Some(key) = &cx.key else {
        return Err(EcrError::InvalidParameter {
            parameter: "Authorization",
            rule: "the request must be signed with an access key, which the token will stand for".to_owned(),
        });
    };
    let registries = match input.registry_ids {
        None => vec![cx.account],
        Some(ids) => ids.iter().map(|id| parameter::registry(cx, Some(id))).collect::<Result<_, _>>()?,
    };
    let mut authorization_data = Vec::with_capacity(registries.len());
    for registry in registries {
        let (password, expires_at) = ecr.password(cx, key)?;
        authorization_data.push(api::AuthorizationData {
            authorization_token: Some(BASE64.encode(format!("AWS:{password}"))),
            expires_at: Some(expires_at),
            proxy_endpoint: Some(ecr.config.registry_url(registry, &cx.region)),
        });
    }
    Ok(api::GetAuthorizationTokenResponse { authorization_data: Some(authorization_data) })
}
