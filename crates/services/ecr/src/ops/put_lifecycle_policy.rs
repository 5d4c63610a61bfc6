//! PutLifecyclePolicy: says which images of a repository are not kept for ever.

use gantry_api_ecr as api;
use gantry_ecr_core::LifecyclePolicy;
use gantry_service::Cx;
use gantry_store::key;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::loops;
use crate::tables::{LIFECYCLES, Lifecycle};

pub async fn put_lifecycle_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutLifecyclePolicyRequest,
) -> Result<api::PutLifecyclePolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:PutLifecyclePolicy").await?;
    LifecyclePolicy::parse(&input.lifecycle_policy_text)?;
    let policy = Lifecycle {
        registry,
        region: cx.region.clone(),
        name: name.clone(),
        text: input.lifecycle_policy_text.clone(),
        evaluated_at: None,
    };
    tx.put(&LIFECYCLES, &key!(repository.id), &policy);
    tx.wake(loops::LIFECYCLE);
    tx.commit(&permit).await?;
    Ok(api::PutLifecyclePolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        lifecycle_policy_text: Some(input.lifecycle_policy_text),
    })
}
