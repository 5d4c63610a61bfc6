//! `GetPolicyVersion`: the document of one version of a managed policy.

use gantry_api_iam::{self as api, GetPolicyVersionRequest, GetPolicyVersionResponse};
use gantry_service::{Cx, Failure};

use crate::document::encoded;
use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::policy::{AWS_CREATED, Found, permitted_policy, version_id};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, Failure> {
    let mut tx = iam.db.begin();
    let (found, _) = permitted_policy(&mut tx, &cx, "iam:GetPolicyVersion", &input.policy_arn).await?;
    let wanted = |number: u32| version_id(number) == input.version_id;
    let version = match &found {
        Found::Customer(policy) => {
            policy.versions.iter().find(|version| wanted(version.number)).map(|version| {
                (version.document.as_str(), version.number == policy.default_version, version.created)
            })
        }
        Found::Aws(policy) => wanted(1).then_some((policy.document, true, AWS_CREATED)),
    };
    let (document, is_default, created) = version.ok_or_else(|| {
        let (arn, version) = (&input.policy_arn, &input.version_id);
        no_such_entity(format!("Policy {arn} version {version} does not exist or is not attachable."))
    })?;
    let policy_version = api::PolicyVersion {
        document: Some(encoded(document)),
        version_id: Some(input.version_id.clone()),
        is_default_version: Some(is_default),
        create_date: Some(created),
    };
    Ok(GetPolicyVersionResponse { policy_version: Some(policy_version) })
}
