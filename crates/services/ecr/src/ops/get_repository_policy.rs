//! GetRepositoryPolicy: a repository's policy, as it is kept.

use gantry_api_ecr as api;
use gantry_service::Cx;
use gantry_service::principals::shown;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;

pub async fn get_repository_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::GetRepositoryPolicyRequest,
) -> Result<api::GetRepositoryPolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let repository = ecr.may(cx, registry, &name, "ecr:GetRepositoryPolicy").await?.repository;
    let Some(policy) = &repository.policy else {
        return Err(EcrError::RepositoryPolicyNotFound { repository: name, registry });
    };
    Ok(api::GetRepositoryPolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        policy_text: Some(shown(cx, policy, &repository.policy_ids).await?),
    })
}
