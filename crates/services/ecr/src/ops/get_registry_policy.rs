//! GetRegistryPolicy: the registry's policy, as it was set.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{REGISTRY_POLICIES, repositories_of};

pub async fn get_registry_policy(
    ecr: &Ecr,
    cx: &Cx,
    _input: api::GetRegistryPolicyRequest,
) -> Result<api::GetRegistryPolicyResponse, EcrError> {
    cx.authorize(Permission::of("ecr:GetRegistryPolicy"))?;
    let row = repositories_of(cx.account, &cx.region);
    let Some(policy) = ecr.db.begin().get(&REGISTRY_POLICIES, &row).await? else {
        return Err(EcrError::RegistryPolicyNotFound { registry: cx.account });
    };
    Ok(api::GetRegistryPolicyResponse {
        registry_id: Some(cx.account.to_string()),
        policy_text: Some(policy.text),
    })
}
