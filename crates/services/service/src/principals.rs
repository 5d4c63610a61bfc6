//! Whom a resource policy means: users and roles are named by ARN, and meant by their unique ids.

use std::collections::BTreeMap;

use gantry_iam_core::Policy;
use gantry_iam_core::policy::spelling;

use crate::cx::Cx;
use crate::failure::Failure;
use crate::handlers::Within;

/// Finds the unique ids of users and roles by their ARNs. IAM serves it.
#[derive(Debug)]
pub struct FindPrincipals;

impl Within for FindPrincipals {
    const NAME: &'static str = "FindPrincipals";
    /// ARNs as a policy has them.
    type Input = Vec<String>;
    type Output = PrincipalsFound;
}

/// Who was found, and who was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrincipalsFound {
    /// The ids by ARN; for a role's session that of its role. Federated users have none.
    pub ids: BTreeMap<String, String>,
    /// The first ARN that names nobody.
    pub unknown: Option<String>,
}

/// The unique ids of the users and roles that a policy names, by their ARNs as the policy has them. Kept beside the policy
/// and given to [`Policy::meaning`], they keep a user or role that is made later under an old name from being meant. A
/// policy that names somebody who is not there is refused, as on AWS; `refusal` says so of the ARN in the service's words.
pub async fn ids_of<E: Into<Failure>>(
    cx: &Cx,
    policy: &Policy,
    refusal: impl FnOnce(String) -> E,
) -> Result<BTreeMap<String, String>, Failure> {
    let arns: Vec<String> = policy.named_principals().map(str::to_owned).collect();
    if arns.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = cx.siblings.call_within::<FindPrincipals>(cx, arns).await?;
    match found.unknown {
        Some(arn) => Err(refusal(arn).into()),
        None => Ok(found.ids),
    }
}

/// A kept policy as it is shown: a user or role that is gone since, or was made anew, is shown by the id that was meant.
pub async fn shown(cx: &Cx, text: &str, ids: &BTreeMap<String, String>) -> Result<String, Failure> {
    if ids.is_empty() {
        return Ok(text.to_owned());
    }
    let found = cx.siblings.call_within::<FindPrincipals>(cx, ids.keys().cloned().collect()).await?;
    Ok(by_lost_ids(text, ids, &found.ids))
}

/// The text with the kept ids in place of the ARNs that have another one now, or none.
pub fn by_lost_ids(text: &str, kept: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> String {
    spelling::renamed(text, |arn| kept.get(arn).filter(|id| now.get(arn) != Some(id)).cloned())
}
