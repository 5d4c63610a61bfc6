//! Passwords of the registry: sealed under the master key, so that nobody but Gantry can make or read one,
//! and nothing about them need be remembered.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_base::{AccountId, Region, Timestamp};
use gantry_ecr_core::{BadPassword, Holder, Passwords};
use gantry_service::{AccessKey, Cx};
use serde::{Deserialize, Serialize};

use crate::Ecr;
use crate::error::EcrError;

/// How long a password is good; AWS's twelve hours.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// What passwords are sealed for.
const CONTEXT: &str = "ecr/password";
/// The longest password that is read, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

#[derive(Serialize, Deserialize)]
struct Sealed {
    key: String,
    session: Option<String>,
    account: AccountId,
    region: Region,
    expires_at: Timestamp,
}

impl Ecr {
    /// A password for whoever holds the key, and until when it is good.
    pub fn password(&self, cx: &Cx, key: &AccessKey) -> Result<(String, Timestamp), EcrError> {
        let expires_at = cx.now + LIFETIME;
        let sealed = Sealed {
            key: key.id.clone(),
            session: key.session_token.clone(),
            account: cx.account,
            region: cx.region.clone(),
            expires_at,
        };
        let plain = serde_json::to_vec(&sealed).map_err(EcrError::internal)?;
        Ok((BASE64.encode(self.sealer.seal(&plain, CONTEXT)), expires_at))
    }
}

impl Passwords for Ecr {
    fn holder(&self, password: &str, now: Timestamp) -> Result<Holder, BadPassword> {
        if password.len() > MAX_LENGTH {
            return Err(BadPassword::Invalid);
        }
        let sealed = BASE64.decode(password).map_err(|_| BadPassword::Invalid)?;
        let plain = self.sealer.open(&sealed, CONTEXT).map_err(|_| BadPassword::Invalid)?;
        let opened: Sealed = serde_json::from_slice(&plain).map_err(|_| BadPassword::Invalid)?;
        if opened.expires_at <= now {
            return Err(BadPassword::Expired);
        }
        Ok(Holder {
            access_key_id: opened.key,
            session_token: opened.session,
            account: opened.account,
            region: opened.region,
            expires_at: opened.expires_at,
        })
    }
}
