//! DeleteRepositoryPolicy: takes a repository's policy away.

use gantry_api_ecr as api;
use gantry_service::Cx;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

pub async fn delete_repository_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeleteRepositoryPolicyRequest,
) -> Result<api::DeleteRepositoryPolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, mut repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:DeleteRepositoryPolicy").await?;
    let Some(policy) = repository.policy.take() else {
        return Err(EcrError::RepositoryPolicyNotFound { repository: name, registry });
    };
    tx.put(&REPOSITORIES, &repository_key(registry, &cx.region, name.as_str()), &Repository { ..repository });
    tx.commit(&permit).await?;
    Ok(api::DeleteRepositoryPolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        policy_text: Some(policy),
    })
}
