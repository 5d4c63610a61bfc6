//! Managed policies, whether the customer's or AWS's.

use gantry_api_iam as api;
use gantry_base::{AccountId, Partition, Timestamp};
use gantry_service::{Cx, Failure, Permit};
use gantry_store::{StoreError, Tx};

use crate::document::encoded;
use crate::error::{access_denied, no_such_entity};
use crate::grants::parse_arn;
use crate::iam::Wish;
use crate::managed::{self, AwsPolicy};
use crate::shape;
use crate::tables::attachment::{Use, count};
use crate::tables::policy::{ManagedPolicy, POLICIES, Version};

/// When AWS's policies came to be, as far as Gantry tells: all at the same moment.
pub(crate) const AWS_CREATED: Timestamp = Timestamp::from_secs(1_704_067_200);

/// A managed policy that is there.
pub(crate) enum Found {
    Customer(Box<ManagedPolicy>),
    Aws(&'static AwsPolicy),
}

/// The policy of that ARN, and the proof that the caller may do the action with it.
pub(crate) async fn permitted_policy(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(Found, Permit), Failure> {
    let policy_arn = wish.name;
    let (found, permit) = looked_up(tx, cx, wish).await?;
    let found = found.ok_or_else(|| no_such_entity(format!("Policy {policy_arn} was not found.")))?;
    Ok((found, permit))
}

/// The policy of that ARN, of whose version of that id the caller asks.
pub(crate) async fn permitted_version(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
    id: &str,
) -> Result<(Found, Permit), Failure> {
    let policy_arn = wish.name;
    let (found, permit) = looked_up(tx, cx, wish).await?;
    Ok((found.ok_or_else(|| no_such_version(policy_arn, id))?, permit))
}

/// The policy of that ARN, if it is there, and the proof that the caller may do the action with it.
pub(crate) async fn looked_up(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(Option<Found>, Permit), Failure> {
    let policy_arn = wish.name;
    let arn = parse_arn(policy_arn)?;
    let mut permission = wish.on(&arn);
    let found = match managed::find(policy_arn) {
        Some(policy) => Some(Found::Aws(policy)),
        None if arn.account() != cx.account.as_str() => None,
        None => ManagedPolicy::find(tx, &arn).await?.map(|policy| Found::Customer(Box::new(policy))),
    };
    if let Some(Found::Customer(policy)) = &found {
        permission = permission.resource_tags(policy.tags.iter());
    }
    let permit = cx.authorize(permission)?;
    Ok((found, permit))
}

/// The account's own policy of that ARN, to be changed; AWS's are AWS's.
pub(crate) async fn permitted_customer_policy(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(ManagedPolicy, Permit), Failure> {
    let policy_arn = wish.name;
    let (found, permit) = permitted_policy(tx, cx, wish).await?;
    Ok((customers(found, policy_arn)?, permit))
}

/// The policy, unless it is one of AWS's.
pub(crate) fn customers(found: Found, policy_arn: &str) -> Result<ManagedPolicy, Failure> {
    match found {
        Found::Customer(policy) => Ok(*policy),
        Found::Aws(_) => {
            Err(access_denied(format!("Policy {policy_arn} belongs to AWS and cannot be changed.")))
        }
    }
}

/// Writes a policy back.
pub(crate) fn put_policy(tx: &mut Tx, account: AccountId, policy: &ManagedPolicy) {
    tx.put(&POLICIES, &ManagedPolicy::key(account, &policy.name), policy);
}

/// A customer's policy, with how often it is used.
pub(crate) async fn customer_shape(
    tx: &mut Tx,
    cx: &Cx,
    row: ManagedPolicy,
) -> Result<api::Policy, StoreError> {
    let arn = row.arn.in_partition(cx.partition()).to_string();
    let attached = count(tx, cx.account, row.arn.as_str(), Use::Permissions).await?;
    let bounding = count(tx, cx.account, row.arn.as_str(), Use::Boundary).await?;
    Ok(api::Policy {
        policy_name: Some(row.name),
        policy_id: Some(row.id),
        arn: Some(arn),
        path: Some(row.path),
        default_version_id: Some(version_id(row.default_version)),
        attachment_count: i32::try_from(attached).ok(),
        permissions_boundary_usage_count: i32::try_from(bounding).ok(),
        is_attachable: Some(true),
        description: row.description,
        create_date: Some(row.created),
        update_date: Some(row.updated),
        tags: shape::tags(&row.tags),
    })
}

/// One of AWS's policies, with how often the account uses it.
pub(crate) async fn aws_shape(tx: &mut Tx, cx: &Cx, policy: &AwsPolicy) -> Result<api::Policy, StoreError> {
    let arn = policy.arn(cx.partition());
    let kept = policy.arn(Partition::Aws);
    let attached = count(tx, cx.account, &kept, Use::Permissions).await?;
    let bounding = count(tx, cx.account, &kept, Use::Boundary).await?;
    Ok(api::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id()),
        arn: Some(arn),
        path: Some(policy.path.to_owned()),
        default_version_id: Some(version_id(1)),
        attachment_count: i32::try_from(attached).ok(),
        permissions_boundary_usage_count: i32::try_from(bounding).ok(),
        is_attachable: Some(true),
        description: Some(policy.description.to_owned()),
        create_date: Some(AWS_CREATED),
        update_date: Some(AWS_CREATED),
        tags: None,
    })
}

/// `v1`
pub(crate) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// A version as listings and `GetPolicyVersion` show it.
pub(crate) fn version_shape(
    version: &Version,
    policy: &ManagedPolicy,
    with_document: bool,
) -> api::PolicyVersion {
    api::PolicyVersion {
        document: with_document.then(|| encoded(&version.document)),
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created),
    }
}

/// The version of that id.
pub(crate) fn find_version<'a>(
    policy: &'a ManagedPolicy,
    policy_arn: &str,
    id: &str,
) -> Result<&'a Version, Failure> {
    let found = policy.versions.iter().find(|version| version_id(version.number) == id);
    found.ok_or_else(|| no_such_version(policy_arn, id))
}

/// There is no such version.
pub(crate) fn no_such_version(policy_arn: &str, id: &str) -> Failure {
    no_such_entity(format!("Policy {policy_arn} version {id} does not exist or is not attachable."))
}
