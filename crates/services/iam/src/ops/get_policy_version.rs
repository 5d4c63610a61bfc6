//! `GetPolicyVersion`: the document of one version of a managed policy.

use gantry_api_iam::{self as api, GetPolicyVersionRequest, GetPolicyVersionResponse};
use gantry_service::{Cx, Failure};

use crate::document::encoded;
use crate::iam::{Iam, Wish};
use crate::policy::{
    AWS_CREATED, Found, find_version, no_such_version, permitted_version, version_id, version_shape,
};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetPolicyVersion", &input.policy_arn);
    let version = match permitted_version(&mut tx, &cx, wish, &input.version_id).await?.0 {
        Found::Customer(policy) => {
            version_shape(find_version(&policy, &input.policy_arn, &input.version_id)?, &policy, true)
        }
        Found::Aws(policy) if input.version_id == version_id(1) => api::PolicyVersion {
            document: Some(encoded(policy.document)),
            version_id: Some(input.version_id),
            is_default_version: Some(true),
            create_date: Some(AWS_CREATED),
        },
        Found::Aws(_) => return Err(no_such_version(&input.policy_arn, &input.version_id)),
    };
    Ok(GetPolicyVersionResponse { policy_version: Some(version) })
}
