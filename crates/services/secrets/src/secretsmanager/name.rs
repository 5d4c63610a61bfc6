//! How a secret is named: by name, by ARN, or by ARN without the six characters at its end.

use gantry_base::Arn;
use gantry_service::Cx;
use gantry_store::{StoreError, Tx};

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
}

/// Finds the secret that `id` names in the caller's account and region.
pub async fn find(tx: &mut Tx, cx: &Cx, id: &str) -> Result<Found, StoreError> {
    let given: Option<Arn> = if id.starts_with("arn:") { id.parse().ok() } else { None };
    let Some(given) = given else {
        let secret = tx.get(&SECRETS, &secret_key(cx.account, &cx.region, id)).await?;
        return Ok(found(cx, id, secret));
    };
    let here = given.service() == "secretsmanager"
        && given.region() == cx.region.as_str()
        && given.account() == cx.account.as_str();
    let Some(name) = given.resource().strip_prefix("secret:").filter(|_| here) else {
        return Ok(Found { arn: given, secret: None });
    };
    if let Some(bare) = without_suffix(name) {
        let secret: Option<Secret> = tx.get(&SECRETS, &secret_key(cx.account, &cx.region, bare)).await?;
        if let Some(secret) = secret.filter(|secret| secret.arn == given.as_str()) {
            return Ok(Found { arn: given, secret: Some(secret) });
        }
    }
    let secret = tx.get(&SECRETS, &secret_key(cx.account, &cx.region, name)).await?;
    Ok(found(cx, name, secret))
}

fn found(cx: &Cx, name: &str, secret: Option<Secret>) -> Found {
    let stored: Option<Arn> = secret.as_ref().and_then(|secret| secret.arn.parse().ok());
    Found { arn: stored.unwrap_or_else(|| cx.arn("secretsmanager", format_args!("secret:{name}"))), secret }
}

fn without_suffix(name: &str) -> Option<&str> {
    let (bare, suffix) = name.rsplit_once('-')?;
    let fits = suffix.len() == SUFFIX_LENGTH && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(bare)
}
