//! `CreatePolicyVersion`: another document for a managed policy, in force if so asked.

use gantry_api_iam::{CreatePolicyVersionRequest, CreatePolicyVersionResponse};
use gantry_service::{Cx, Failure};

use super::create_policy::read_document;
use crate::error::limit_exceeded;
use crate::iam::{Iam, Wish, moment};
use crate::policy::{permitted_customer_policy, put_policy, version_shape};
use crate::tables::policy::Version;

/// The most versions of a policy.
const VERSIONS: usize = 5;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:CreatePolicyVersion", &input.policy_arn);
    let (mut policy, permit) = permitted_customer_policy(&mut tx, &cx, wish).await?;
    read_document(&input.policy_document)?;
    if policy.versions.len() >= VERSIONS {
        return Err(limit_exceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing \
             version.",
        ));
    }
    let number = policy.versions.iter().map(|version| version.number).max().unwrap_or(0);
    // A number is never given twice, also where the version that had it is gone.
    let number = number.max(policy.last_version) + 1;
    let version = Version { number, document: input.policy_document, created: moment(cx.now) };
    policy.last_version = number;
    policy.updated = moment(cx.now);
    if input.set_as_default == Some(true) {
        policy.default_version = number;
    }
    let shown = version_shape(&version, &policy, false);
    policy.versions.push(version);
    put_policy(&mut tx, cx.account, &policy);
    iam.commit(tx, &permit).await?;
    Ok(CreatePolicyVersionResponse { policy_version: Some(shown) })
}
