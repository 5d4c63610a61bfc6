//! DeleteRegistryPolicy: takes the registry's policy away.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{REGISTRY_POLICIES, repositories_of};

pub async fn delete_registry_policy(
    ecr: &Ecr,
    cx: &Cx,
    _input: api::DeleteRegistryPolicyRequest,
) -> Result<api::DeleteRegistryPolicyResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:DeleteRegistryPolicy"))?;
    let row = repositories_of(cx.account, &cx.region);
    let mut tx = ecr.db.begin();
    let Some(policy) = tx.get(&REGISTRY_POLICIES, &row).await? else {
        return Err(EcrError::RegistryPolicyNotFound { registry: cx.account });
    };
    tx.delete(&REGISTRY_POLICIES, &row);
    tx.commit(&permit).await?;
    Ok(api::DeleteRegistryPolicyResponse {
        registry_id: Some(cx.account.to_string()),
        policy_text: Some(policy.text),
    })
}
