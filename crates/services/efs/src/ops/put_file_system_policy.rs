//! PutFileSystemPolicy: says who may mount a file system, and whether to write.

use gantry_api_efs as api;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_iam_core::{Kind, Policy};
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure, Permission};
use serde_json::Value;

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
    if let Some(other) = resources(&input.policy).into_iter().find(|one| one.as_str() != arn.as_str()) {
        let message =
            format!("Policy contains an invalid resource: {other}. Must be the filesystem's ARN: {arn}");
        return Err(EfsError::InvalidPolicy(message).into());
    }
    let locked_out = cx.authorize(Permission::on(ACTION, &arn).resource_policy(Some(&policy))).is_err();
    if locked_out && input.bypass_policy_lockout_safety_check != Some(true) {
        let message = "This policy would prevent future FileSystemPolicy updates";
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

/// The file systems that a policy's statements name by their ARNs; patterns are none.
fn resources(policy: &str) -> Vec<String> {
    let list = |value: &Value| match value {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = list(&document["Statement"]);
    let named = statements.iter().flat_map(|statement| list(&statement["Resource"]));
    let texts = named.filter_map(|resource| resource.as_str().map(str::to_owned));
    texts.filter(|text| text.contains(":file-system/") && !text.contains(['*', '?', '$'])).collect()
}
