//! PutFileSystemPolicy: says who may mount a file system, and whether to write.

use gantry_api_efs as api;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_iam_core::{Kind, Policy};
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure, Permission};

use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Sets the policy. Unless told otherwise it must leave its caller the right to change it.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::PutFileSystemPolicyRequest,
) -> Result<api::FileSystemPolicyDescription, Failure> {
    const ACTION: &str = "elasticfilesystem:PutFileSystemPolicy";
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission(ACTION))?;

    let arn = named.arn.clone();
    let mut file_system = named.there()?;
    let policy = Policy::parse(Kind::Resource, &input.policy)
        .map_err(|error| EfsError::InvalidPolicy(format!("Policy is invalid: {error}")))?;
    let locked_out = cx.authorize(Permission::on(ACTION, &arn).resource_policy(Some(&policy))).is_err();
    if locked_out && input.bypass_policy_lockout_safety_check != Some(true) {
        let message = "The policy would keep its caller from putting another one.";
        return Err(EfsError::InvalidPolicy(message.to_owned()).into());
    }
    file_system.policy_ids = ids_of(&cx, &policy, |arn| {
        EfsError::InvalidPolicy(format!("Policy is invalid: it names {arn}, who is not there"))
    })
    .await?;
    let policy = accounts_by_root(&input.policy, cx.partition());
    file_system.policy = Some(policy.clone());
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(api::FileSystemPolicyDescription { file_system_id: Some(file_system.id), policy: Some(policy) })
}
