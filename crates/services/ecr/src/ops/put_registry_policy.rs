//! PutRegistryPolicy: says what other accounts may do in the registry as a whole, such as make repositories.

use gantry_api_ecr as api;
use gantry_iam_core::{Kind, Policy};
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{REGISTRY_POLICIES, RegistryPolicy, repositories_of};

pub async fn put_registry_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutRegistryPolicyRequest,
) -> Result<api::PutRegistryPolicyResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:PutRegistryPolicy"))?;
    let refused = |rule: &str| EcrError::InvalidParameter { parameter: "PolicyText", rule: rule.to_owned() };
    let policy = Policy::parse(Kind::Resource, &input.policy_text).map_err(|error| {
        tracing::debug!(%error, "a registry policy was refused");
        refused("Invalid registry policy provided")
    })?;
    let ids = ids_of(cx, &policy, |_| refused("Principal not found")).await?;
    let mut tx = ecr.db.begin();
    let policy = RegistryPolicy { text: input.policy_text.clone(), ids };
    tx.put(&REGISTRY_POLICIES, &repositories_of(cx.account, &cx.region), &policy);
    tx.commit(&permit).await?;
    Ok(api::PutRegistryPolicyResponse {
        registry_id: Some(cx.account.to_string()),
        policy_text: Some(input.policy_text),
    })
}
