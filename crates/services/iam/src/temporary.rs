//! Temporary keys for users and roots themselves.

use std::time::Duration;

use gantry_service::{Cx, Failure, Principal};
use gantry_wire::ApiError;

use crate::error::access_denied;
use crate::tables::access_key::Holder;

/// How long such keys last unless asked otherwise.
const USUAL_SECS: i32 = 12 * 3600;
/// The longest for a user, and for a root.
const LONGEST_SECS: i32 = 36 * 3600;
const LONGEST_ROOT_SECS: i32 = 3600;

/// Who calls with keys that last; nobody else may ask for temporary ones.
pub(crate) fn lasting_holder(cx: &Cx, operation: &str) -> Result<Holder, Failure> {
    let temporary = cx.key.as_ref().is_some_and(|key| key.session_token.is_some())
        || cx.caller.keys.get("aws:TokenIssueTime").is_some();
    match &cx.caller.principal {
        Principal::Root { .. } if !temporary => Ok(Holder::Root),
        Principal::User { name, id, .. } if !temporary => {
            Ok(Holder::User { name: name.clone(), id: id.clone() })
        }
        _ => Err(access_denied(format!("Cannot call {operation} with session credentials"))),
    }
}

/// How long the keys last. A root's last an hour at most.
pub(crate) fn lifetime(holder: &Holder, asked: Option<i32>) -> Duration {
    let longest = if *holder == Holder::Root { LONGEST_ROOT_SECS } else { LONGEST_SECS };
    let secs = asked.unwrap_or(USUAL_SECS).clamp(900, longest);
    Duration::from_secs(u64::from(secs.unsigned_abs()))
}

/// Gantry has no second factors.
pub(crate) fn refuse_mfa(given: bool) -> Result<(), Failure> {
    if given {
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        return Err(ApiError::new("AccessDenied", message).with_status(403).into());
    }
    Ok(())
}
