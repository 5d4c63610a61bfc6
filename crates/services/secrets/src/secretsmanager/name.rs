//! How a secret is named: by name, by ARN, or by ARN without the six characters at its end.

use gantry_base::{AccountId, Arn};
use gantry_iam_core::{Kind, Policy};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::table::{SECRETS, Secret, secret_key};

/// The characters of the random end of an ARN.
pub const SUFFIX_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// How many of them there are.
pub const SUFFIX_LENGTH: usize = 6;

/// Whether a name has only characters that names have.
pub fn is_valid(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 512
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/_+=.@!".contains(&byte))
}

/// The ARN of a secret: the name with six random characters behind it.
pub fn arn(cx: &Cx, name: &str, suffix: &str) -> Arn {
    cx.arn("secretsmanager", format_args!("secret:{name}-{suffix}"))
}

/// What a request's `SecretId` turned out to be.
pub struct Found {
    /// The ARN to ask permission for; for a secret that is not there as much of it as was given.
    pub arn: Arn,
    pub secret: Option<Secret>,
    /// The secret's own policy.
    pub policy: Option<Policy>,
}

/// Finds the secret that `id` names: by name in the caller's account, by ARN in any; always in the region.
pub async fn find(tx: &mut Tx, cx: &Cx, id: &str) -> Result<Found, Failure> {
    let given: Option<Arn> = if id.starts_with("arn:") { id.parse().ok() } else { None };
    let Some(given) = given else {
        let secret = tx.get(&SECRETS, &secret_key(cx.account, &cx.region, id)).await?;
        let arn = cx.arn("secretsmanager", format_args!("secret:{id}"));
        return found(arn, secret);
    };
    let here = given.service() == "secretsmanager"
        && given.region() == cx.region.as_str()
        && given.partition() == cx.partition().as_str();
    let account: Option<AccountId> = given.account().parse().ok();
    let name = given.resource().strip_prefix("secret:").filter(|_| here);
    let (Some(name), Some(account)) = (name, account) else {
        return Ok(Found { arn: given, secret: None, policy: None });
    };
    if let Some(bare) = without_suffix(name) {
        let secret: Option<Secret> = tx.get(&SECRETS, &secret_key(account, &cx.region, bare)).await?;
        if let Some(secret) = secret.filter(|secret| secret.arn == given.as_str()) {
            return found(given, Some(secret));
        }
    }
    let secret = tx.get(&SECRETS, &secret_key(account, &cx.region, name)).await?;
    found(given, secret)
}

fn found(asked: Arn, secret: Option<Secret>) -> Result<Found, Failure> {
    let stored: Option<Arn> = secret.as_ref().and_then(|secret| secret.arn.parse().ok());
    let policy = match &secret {
        Some(Secret { policy: Some(text), policy_ids, .. }) => {
            Some(Policy::parse(Kind::Resource, text).map_err(Failure::internal)?.meaning(policy_ids))
        }
        _ => None,
    };
    Ok(Found { arn: stored.unwrap_or(asked), secret, policy })
}

fn without_suffix(name: &str) -> Option<&str> {
    let (bare, suffix) = name.rsplit_once('-')?;
    let fits = suffix.len() == SUFFIX_LENGTH && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(bare)
}
