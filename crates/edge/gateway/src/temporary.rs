//! What temporary keys are not for, whatever policies say.
//!
//! Keys of GetSessionToken without a second factor, which Gantry has none of, and those of GetFederationToken
//! reach neither IAM nor most of STS
//! ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html)).

use gantry_iam_core::{Caller, Principal};
use gantry_wire::ApiError;
use gantry_wire::route::{AuthFailure, Speak};

/// Why an operation is none for this caller's keys.
pub fn refusal(caller: &Caller, service: &str, operation: &str, speak: &Speak) -> Option<ApiError> {
    let guest = matches!(caller.principal, Principal::FederatedUser { .. });
    let own = matches!(caller.principal, Principal::User { .. } | Principal::Root { .. });
    // Only what was opened as a session has such a moment.
    let session = caller.keys.get("aws:TokenIssueTime").is_some();
    if !session || !(own || guest) {
        return None;
    }
    match (service, operation) {
        ("iam", _) => {
            let message = "The security token included in the request is invalid";
            Some(speak.auth_error(AuthFailure::UnknownKey, message))
        }
        ("sts", "GetCallerIdentity") => None,
        ("sts", "AssumeRole") if own => None,
        ("sts", _) => {
            let message = format!("Cannot call {operation} with session credentials");
            Some(speak.auth_error(AuthFailure::Denied, message))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use gantry_base::{AccountId, Partition};
    use gantry_wire::model::Protocol;

    use super::*;

    #[test]
    fn sessions_of_users_and_guests_reach_neither_iam_nor_most_of_sts() {
        let account = AccountId::DEFAULT;
        let lasting = Caller::root(account);
        let mut own = lasting.clone();
        own.keys.set("aws:TokenIssueTime", "2026-01-01T00:00:00Z");
        let mut guest = own.clone();
        guest.principal =
            Principal::FederatedUser { account, partition: Partition::Aws, name: "bob".to_owned() };
        let speak = Speak::new(Protocol::Query, None);
        let code = |caller: &Caller, service: &str, operation: &str| {
            refusal(caller, service, operation, &speak).map(|error| error.code.into_owned())
        };
        for caller in [&own, &guest] {
            assert_eq!(code(caller, "iam", "ListUsers").as_deref(), Some("InvalidClientTokenId"));
            assert_eq!(code(caller, "sts", "GetSessionToken").as_deref(), Some("AccessDenied"));
            assert_eq!(code(caller, "sts", "GetCallerIdentity"), None);
            assert_eq!(code(caller, "ecs", "RunTask"), None);
            assert_eq!(code(&lasting, "iam", "ListUsers"), None);
        }
        assert_eq!(code(&own, "sts", "AssumeRole"), None);
        assert_eq!(code(&guest, "sts", "AssumeRole").as_deref(), Some("AccessDenied"));
    }
}
