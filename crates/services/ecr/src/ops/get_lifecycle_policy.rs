//! GetLifecyclePolicy: a repository's lifecycle policy, as it was put.

use gantry_api_ecr as api;
use gantry_service::Cx;
use gantry_store::key;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::LIFECYCLES;

pub async fn get_lifecycle_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetLifecyclePolicyRequest,
) -> Result<api::GetLifecyclePolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:GetLifecyclePolicy").await?.repository;
    let Some(policy) = ecr.db.begin().get(&LIFECYCLES, &key!(repository.id)).await? else {
        return Err(EcrError::LifecyclePolicyNotFound { repository: name, registry });
    };
    Ok(api::GetLifecyclePolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        lifecycle_policy_text: Some(policy.text),
        last_evaluated_at: policy.evaluated_at,
    })
}
