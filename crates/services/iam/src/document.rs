//! Policy documents on their way in and out.

use gantry_base::Arn;
use gantry_iam_core::{Kind, Policy};
use gantry_service::Failure;
use gantry_store::Tx;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{limit_exceeded, malformed_policy};
use crate::tables::grants::counted_size;
use crate::tables::role::Role;
use crate::tables::user::User;

/// The most characters of a trust policy.
const TRUST_SIZE: usize = 2048;

/// IAM sends documents percent-encoded, as RFC 3986 has it.
pub(crate) fn encoded(document: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(document, RESERVED).to_string()
}

/// Reads a document that someone wants to keep.
pub(crate) fn read(kind: Kind, document: &str) -> Result<Policy, Failure> {
    Policy::parse(kind, document).map_err(|error| malformed_policy(error.to_string()))
}

/// Checks a trust policy: its grammar, its size, and that the users and roles that it names are there.
pub(crate) async fn check_trust(tx: &mut Tx, document: &str) -> Result<(), Failure> {
    let policy = read(Kind::Trust, document)?;
    if counted_size(document) > TRUST_SIZE {
        return Err(limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}")));
    }
    for name in policy.named_principals() {
        if !exists(tx, name).await? {
            return Err(malformed_policy(format!("Invalid principal in policy: \"AWS\":\"{name}\"")));
        }
    }
    Ok(())
}

/// Whether the user, role or session of that ARN can be.
async fn exists(tx: &mut Tx, arn: &str) -> Result<bool, Failure> {
    let Ok(arn) = arn.parse::<Arn>() else { return Ok(false) };
    let Ok(account) = arn.account().parse() else { return Ok(false) };
    let (of, rest) = arn.resource_type_and_name();
    let name = rest.rsplit('/').next().unwrap_or_default();
    Ok(match (arn.service(), of) {
        ("iam", "user") => User::find(tx, account, name).await?.is_some_and(|user| user.arn == arn),
        ("iam", "role") => Role::find(tx, account, name).await?.is_some_and(|role| role.arn == arn),
        ("sts", "assumed-role") => {
            let role = rest.split('/').next().unwrap_or_default();
            Role::find(tx, account, role).await?.is_some()
        }
        _ => false,
    })
}
