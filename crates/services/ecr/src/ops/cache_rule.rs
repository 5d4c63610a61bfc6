//! Pull through cache rules, as the operations about them read and check them.

use gantry_base::Arn;
use gantry_ecr_core::Prefix;
use gantry_service::{Cx, Permission};
use gantry_store::Tx;

use crate::error::EcrError;
use crate::tables::{CACHE_RULES, CacheRule, cache_rule_key};
use crate::upstream::{BadSecret, login};

/// What ECR assumes roles as.
const PRINCIPAL: &str = "pullthroughcache.ecr.amazonaws.com";

/// A prefix, as it is given.
pub fn prefix(parameter: &'static str, given: &str) -> Result<Prefix, EcrError> {
    given.parse().map_err(|error: gantry_ecr_core::BadPrefix| EcrError::InvalidParameter {
        parameter,
        rule: error.to_string(),
    })
}

/// The rule of a prefix.
pub async fn find(
    tx: &mut Tx,
    cx: &Cx,
    registry: gantry_base::AccountId,
    prefix: &Prefix,
) -> Result<CacheRule, EcrError> {
    let found = tx.get(&CACHE_RULES, &cache_rule_key(registry, &cx.region, prefix)).await?;
    found.ok_or_else(|| EcrError::CacheRuleNotFound { prefix: prefix.clone(), registry })
}

/// Checks that ECR can read a name and a password from the secret.
pub async fn check_credential(cx: &Cx, secret: &str) -> Result<(), EcrError> {
    match login(cx, secret).await {
        Ok(_) => Ok(()),
        Err(BadSecret::NotFound) => Err(EcrError::SecretNotFound),
        Err(BadSecret::Inaccessible) => Err(EcrError::UnableToAccessSecret),
        Err(BadSecret::Unreadable) => Err(EcrError::UnableToDecryptSecret),
    }
}

/// A role, which the caller must be allowed to hand on.
pub fn check_role(cx: &Cx, given: &str) -> Result<(), EcrError> {
    let arn: Arn = given.parse().map_err(|_| EcrError::InvalidParameter {
        parameter: "customRoleArn",
        rule: "must be the ARN of a role".to_owned(),
    })?;
    cx.authorize(Permission::on("iam:PassRole", &arn).key("iam:PassedToService", [PRINCIPAL]))?;
    Ok(())
}
