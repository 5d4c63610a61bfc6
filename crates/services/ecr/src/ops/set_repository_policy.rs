//! SetRepositoryPolicy: says who may do what with a repository, beside what their own policies say.

use gantry_api_ecr as api;
use gantry_base::Arn;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_iam_core::{Kind, Policy};
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure, Permission};

use super::parameter;
use crate::Ecr;
use crate::access::{Allowed, allowed, repository_arn};
use crate::error::EcrError;
use crate::tables::{REPOSITORIES, Repository, repository_key};

const ACTION: &str = "ecr:SetRepositoryPolicy";

pub async fn set_repository_policy(
    ecr: &Ecr,
    cx: &Cx,
    input: api::SetRepositoryPolicyRequest,
) -> Result<api::SetRepositoryPolicyResponse, EcrError> {
    let registry = parameter::registry(cx, input.registry_id.as_deref())?;
    let name = parameter::name(&input.repository_name)?;
    let mut tx = ecr.db.begin();
    let Allowed { permit, repository, .. } = allowed(cx, &mut tx, registry, &name, ACTION).await?;
    let policy = Policy::parse(Kind::Resource, &input.policy_text).map_err(refused)?;
    if policy.has_resources() {
        return Err(refused("it has Resource, and hangs on the one that it is about"));
    }
    if !input.force.unwrap_or(false) {
        keeps_the_caller(cx, &repository_arn(cx, registry, name.as_str()), &policy)?;
    }
    let row = repository_key(registry, &cx.region, name.as_str());
    let policy_ids = ids_of(cx, &policy, |_| EcrError::InvalidParameter {
        parameter: "PolicyText",
        rule: "Principal not found".to_owned(),
    })
    .await?;
    let policy_text = accounts_by_root(&input.policy_text, cx.partition());
    let repository = Repository { policy: Some(policy_text.clone()), policy_ids, ..repository };
    tx.put(&REPOSITORIES, &row, &repository);
    tx.commit(&permit).await?;
    Ok(api::SetRepositoryPolicyResponse {
        registry_id: Some(registry.to_string()),
        repository_name: Some(name.to_string()),
        policy_text: Some(policy_text),
    })
}

/// ECR does not say what is wrong with a policy; the log does.
fn refused(why: impl std::fmt::Display) -> EcrError {
    tracing::debug!(%why, "a repository policy was refused");
    EcrError::InvalidParameter {
        parameter: "PolicyText",
        rule: "Invalid repository policy provided".to_owned(),
    }
}

/// Who sets a policy under which they could not set another one has to say that they mean it.
fn keeps_the_caller(cx: &Cx, arn: &Arn, policy: &Policy) -> Result<(), EcrError> {
    match cx.authorize(Permission::on(ACTION, arn).resource_policy(Some(policy))) {
        Ok(_) => Ok(()),
        Err(Failure::Denied(_)) => Err(EcrError::InvalidParameter {
            parameter: "PolicyText",
            rule:
                "The policy would prevent you from setting another policy in the future; use force to set it"
                    .to_owned(),
        }),
        Err(other) => Err(other.into()),
    }
}
