//! StartLifecyclePolicyPreview: tries a lifecycle policy out, the repository's own or another, without effect.

use gantry_api_ecr as api;
use gantry_ecr_core::LifecyclePolicy;
use gantry_service::Cx;
use gantry_store::key;

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::error::EcrError;
use crate::tables::{LIFECYCLES, PREVIEWS, Preview};

pub async fn start_lifecycle_policy_preview(
    ecr: &Ecr,
    cx: &Cx,
    input: api::StartLifecyclePolicyPreviewRequest,
) -> Result<api::StartLifecyclePolicyPreviewResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } =
        allowed(cx, &mut tx, registry, &name, "ecr:StartLifecyclePolicyPreview").await?;
    let row = key!(repository.id);
    let text = match input.lifecycle_policy_text {
        Some(text) => text,
        None => match tx.get(&LIFECYCLES, &row).await? {
            Some(policy) => policy.text,
            None => return Err(EcrError::LifecyclePolicyNotFound { repository: name, registry }),
        },
    };
    LifecyclePolicy::parse(&text)?;
    tx.put(&PREVIEWS, &row, &Preview { text: text.clone() });
    tx.commit(&permit).await?;
    Ok(api::StartLifecyclePolicyPreviewResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        lifecycle_policy_text: Some(text),
        status: Some("IN_PROGRESS".to_owned()),
    })
}
