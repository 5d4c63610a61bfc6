//! The contract about passwords: what `docker login` is given, and whom it stands for.

use gantry_base::{AccountId, Region, Timestamp};

/// Whom a password was given to.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// The access key with which it was asked for.
    pub access_key_id: String,
    /// What goes with a session's key.
    pub session_token: Option<String>,
    /// The account it was asked for in.
    pub account: AccountId,
    /// The region it was asked for in.
    pub region: Region,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holder").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Why a password stands for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// It was never given.
    #[error("Your Authorization Token is invalid.")]
    Invalid,
    /// It was given too long ago.
    #[error("Your authorization token has expired. Reauthenticate and try again.")]
    Expired,
}

/// Reads the passwords that the service gave.
pub trait Passwords: Send + Sync + 'static {
    /// Whom the password was given to.
    fn holder(&self, password: &str, now: Timestamp) -> Result<Holder, BadPassword>;
}
