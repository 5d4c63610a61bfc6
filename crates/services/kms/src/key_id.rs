//! How a request names a key: by id, ARN, alias or the alias's ARN. See
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>.

use gantry_base::{AccountId, Arn};
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::error::KmsError;
use crate::managed;
use crate::tables::{ALIASES, KEYS, KeyRow, alias_key, row_key};
use crate::{Kms, access};

/// A key as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub account: AccountId,
    pub what: What,
}

/// The two kinds of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Key(String),
    /// With `alias/` before it.
    Alias(String),
}

impl Named {
    /// Reads a name. What is elsewhere than in the request's region can't be reached.
    pub fn parse(cx: &Cx, given: &str) -> Result<Named, KmsError> {
        let (account, resource) = match given.strip_prefix("arn:") {
            None => (cx.account, given.to_owned()),
            Some(_) => {
                let invalid = || KmsError::InvalidArn { given: given.to_owned() };
                let arn: Arn = given.parse().map_err(|_| invalid())?;
                if arn.service() != "kms" || arn.partition() != cx.partition().as_str() {
                    return Err(invalid());
                }
                if arn.region() != cx.region.as_str() {
                    return Err(KmsError::ElsewhereArn { region: arn.region().to_owned() });
                }
                let account = arn.account().parse().map_err(|_| invalid())?;
                match arn.resource().strip_prefix("key/") {
                    Some(id) => (account, id.to_owned()),
                    None if arn.resource().starts_with("alias/") => (account, arn.resource().to_owned()),
                    None => return Err(invalid()),
                }
            }
        };
        let what = if resource.starts_with("alias/") { What::Alias(resource) } else { What::Key(resource) };
        Ok(Named { account, what })
    }

    /// The ARN that the name stands for.
    pub fn arn(&self, cx: &Cx) -> Arn {
        match &self.what {
            What::Key(id) => Arn::regional("kms", &cx.region, self.account, format_args!("key/{id}")),
            What::Alias(name) => Arn::regional("kms", &cx.region, self.account, name),
        }
    }

    fn not_found(&self, cx: &Cx) -> KmsError {
        let arn = self.arn(cx).to_string();
        match &self.what {
            What::Key(id) if !looks_like_an_id(id) => KmsError::InvalidKeyId { given: id.clone() },
            What::Key(_) => KmsError::NotFound { kind: "Key", arn },
            What::Alias(_) => KmsError::AliasNotFound { arn },
        }
    }
}

fn looks_like_an_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The key that a request means.
pub struct Found {
    pub key: KeyRow,
    /// The alias that it was named by.
    pub alias: Option<String>,
    /// Made in this very transaction, which must be committed.
    pub fresh: bool,
}

/// Whether a name of an AWS managed key that is not there yet brings it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Managed {
    MakeAtFirstUse,
    MustBeThere,
}

/// Finds a key; who may not do `action` to what is not there is denied instead of being told so.
pub async fn find(
    kms: &Kms,
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    given: &str,
    managed: Managed,
) -> Result<Found, Failure> {
    let named = Named::parse(cx, given)?;
    let (id, alias) = match &named.what {
        What::Key(id) => (Some(id.clone()), None),
        What::Alias(name) => {
            let alias = tx.get(&ALIASES, &alias_key(named.account, &cx.region, name)).await?;
            (alias.map(|alias| alias.target), Some(name.clone()))
        }
    };
    if let Some(id) = id
        && let Some(key) = tx.get(&KEYS, &row_key(named.account, &cx.region, &id)).await?
    {
        return Ok(Found { key, alias, fresh: false });
    }
    if managed == Managed::MakeAtFirstUse
        && named.account == cx.account
        && let Some(service) = alias.as_deref().and_then(managed::service_of)
    {
        let key = managed::make(kms, tx, cx, service);
        return Ok(Found { key, alias, fresh: true });
    }
    access::nowhere(cx, action, &named.arn(cx))?;
    Err(named.not_found(cx).into())
}

/// Finds a key that must be named by id or ARN, as everything that changes keys demands.
pub async fn find_by_id(
    kms: &Kms,
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    given: &str,
) -> Result<KeyRow, Failure> {
    if let What::Alias(_) = Named::parse(cx, given)?.what {
        return Err(match given.starts_with("arn:") {
            true => KmsError::InvalidArn { given: given.to_owned() },
            false => KmsError::InvalidKeyId { given: given.to_owned() },
        }
        .into());
    }
    Ok(find(kms, tx, cx, action, given, Managed::MustBeThere).await?.key)
}

/// Finds a key of the caller's own account; other accounts' keys can be used, not changed.
pub async fn find_own(
    kms: &Kms,
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    given: &str,
) -> Result<KeyRow, Failure> {
    let named = Named::parse(cx, given)?;
    if named.account != cx.account {
        access::nowhere(cx, action, &named.arn(cx))?;
        return Err(KmsError::NotFound { kind: "Key", arn: named.arn(cx).to_string() }.into());
    }
    find_by_id(kms, tx, cx, action, given).await
}
