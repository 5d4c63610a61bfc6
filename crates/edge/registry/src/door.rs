//! Who comes: from a password to a caller.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{AccountId, Region, Timestamp};
use gantry_ecr_core::{BadPassword, Holder};
use gantry_iam_core::Caller;
use gantry_service::AccessKey;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::Parts;
use crate::answer::{Code, Fault};
use crate::place::Place;

/// Why an access key stands for nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such key, or it is inactive.
    Invalid,
    /// The session has ended.
    Expired,
    /// It can't be said now; the text is for the log.
    Broken(String),
}

/// Knows who holds an access key. The identity service is behind it. The password was sealed by Gantry for
/// whoever had signed with the key, so no secret is asked for again.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// Who holds the key now, with the policies that apply now.
    async fn caller(&self, key: &AccessKey, now: Timestamp) -> Result<Arc<Caller>, Unknown>;
}

/// Somebody who has been let in.
pub struct Guest {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// The key behind the password.
    pub key: Option<Arc<AccessKey>>,
    /// The account the password was given in.
    pub account: AccountId,
    /// The region the password was given in.
    pub region: Region,
}

/// Lets in whoever comes with a password that Gantry gave; in development anybody.
pub async fn enter(
    parts: &Parts,
    headers: &HeaderMap,
    place: Option<&Place>,
    host: &str,
    now: Timestamp,
) -> Result<Guest, Fault> {
    let unasked = || Fault::unauthorized(host, "Not Authorized");
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let held = match given.and_then(password) {
        Some(password) => parts.passwords.holder(&password, now),
        None => Err(BadPassword::Invalid),
    };
    let holder = match (held, parts.development) {
        (Ok(holder), _) => holder,
        (Err(_), Some(account)) => return Ok(anybody(parts, place, account)),
        (Err(BadPassword::Expired), None) => {
            return Err(Fault::new(Code::Denied, BadPassword::Expired.to_string()));
        }
        (Err(BadPassword::Invalid), None) => return Err(unasked()),
    };
    let Holder { access_key_id, session_token, account, region, .. } = holder;
    let key = AccessKey { id: access_key_id, session_token };
    match (parts.credentials.caller(&key, now).await, parts.development) {
        (Ok(caller), _) => Ok(Guest { caller, key: Some(Arc::new(key)), account, region }),
        (Err(Unknown::Broken(why)), _) => Err(Fault::internal(why)),
        (Err(_), Some(_)) => {
            let caller = Arc::new(Caller::root(account));
            Ok(Guest { caller, key: Some(Arc::new(key)), account, region })
        }
        (Err(Unknown::Expired), None) => Err(Fault::new(Code::Denied, BadPassword::Expired.to_string())),
        (Err(Unknown::Invalid), None) => Err(unasked()),
    }
}

/// In development: the root of the account whose registry it is.
fn anybody(parts: &Parts, place: Option<&Place>, default: AccountId) -> Guest {
    let account = place.map_or(default, |place| place.account);
    let region = place.map_or_else(|| parts.region.clone(), |place| place.region.clone());
    Guest { caller: Arc::new(Caller::root(account)), key: None, account, region }
}

/// The password of Basic authentication. Whatever the user's name is, the password says who it is.
fn password(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.to_owned())
}
