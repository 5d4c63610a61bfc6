//! Key policies: the one that a key has when none is given, those of managed keys, and what grants add.

use gantry_base::{AccountId, Partition, Region};
use gantry_iam_core::{Kind, Policy};
use gantry_service::Failure;
use serde_json::{Value, json};

use crate::error::KmsError;
use crate::tables::{KeyRow, Manager};

/// AWS's limit of a key policy.
const MAX_BYTES: usize = 32 * 1024;

/// The policy that lets the account's own policies decide, which a key has unless it is given another.
pub fn default(account: AccountId, partition: Partition) -> String {
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    pretty(&policy)
}

/// The policy of a managed key: whoever may use the service may use the key through it, and only through it.
fn managed(service: &str, account: AccountId, region: &Region) -> String {
    let partition = region.partition();
    let conditions = json!({
        "StringEquals": {
            "kms:ViaService": via_service(service, region),
            "kms:CallerAccount": account.as_str(),
        },
    });
    let policy = json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}-1"),
        "Statement": [
            {
                "Sid": format!("Allow access through {service} for all principals in the account that are authorized to use it"),
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": conditions,
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    });
    pretty(&policy)
}

/// The value of `kms:ViaService`: `secretsmanager.us-east-1.amazonaws.com`.
pub fn via_service(service: &str, region: &Region) -> String {
    format!("{service}.{region}.{}", region.partition().domain())
}

fn pretty(policy: &Value) -> String {
    serde_json::to_string_pretty(policy).expect("a policy is JSON")
}

/// The text of a key's policy.
pub fn text(key: &KeyRow) -> String {
    match (&key.manager, &key.policy) {
        (Manager::Service(service), _) => managed(service, key.account, &key.region),
        (Manager::Customer, Some(policy)) => policy.clone(),
        (Manager::Customer, None) => default(key.account, key.region.partition()),
    }
}

/// Reads a policy that somebody gives a key.
pub fn parse(text: &str) -> Result<Policy, KmsError> {
    if text.len() > MAX_BYTES {
        return Err(KmsError::LimitExceeded(format!(
            "A key policy has at most {MAX_BYTES} bytes, and this one has {}.",
            text.len()
        )));
    }
    let policy =
        Policy::parse(Kind::Resource, text).map_err(|error| KmsError::MalformedPolicy(error.to_string()))?;
    Ok(policy.deciding())
}

/// A policy names a user or role that is not there.
pub fn names_nobody() -> KmsError {
    KmsError::MalformedPolicy("Policy contains a statement with one or more invalid principals.".to_owned())
}

/// What decides about a key: its policy, and the statements that grants come to.
pub fn with_grants(key: &KeyRow, grants: Vec<Value>) -> Result<Policy, Failure> {
    let text = text(key);
    let broken = |error: &dyn std::fmt::Display| {
        Failure::internal(format_args!("the policy of {} can't be read: {error}", key.arn()))
    };
    if grants.is_empty() {
        return parse(&text).map(|policy| policy.meaning(&key.policy_ids)).map_err(|error| broken(&error));
    }
    let mut policy: Value = serde_json::from_str(&text).map_err(|error| broken(&error))?;
    let statements = match policy.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    policy["Statement"] = statements.into_iter().chain(grants).collect();
    let policy = Policy::parse(Kind::Resource, &policy.to_string()).map_err(|error| broken(&error))?;
    Ok(policy.meaning(&key.policy_ids).deciding())
}
