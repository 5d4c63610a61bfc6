//! DeleteLifecyclePolicy: keeps all images of a repository from now on.

use gantry_api_ecr as api;
use gantry_service::Cx;
use gantry_store::key;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::LIFECYCLES;

pub async fn delete_lifecycle_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeleteLifecyclePolicyRequest,
) -> Result<api::DeleteLifecyclePolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:DeleteLifecyclePolicy").await?;
    let row = key!(repository.id);
    let Some(policy) = tx.get(&LIFECYCLES, &row).await? else {
        return Err(EcrError::LifecyclePolicyNotFound { repository: name, registry });
    };
    tx.delete(&LIFECYCLES, &row);
    tx.commit(&permit).await?;
    Ok(api::DeleteLifecyclePolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        lifecycle_policy_text: Some(policy.text),
        last_evaluated_at: policy.evaluated_at,
    })
}
