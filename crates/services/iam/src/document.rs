//! Policy documents on their way in and out.

use std::collections::BTreeMap;

use gantry_base::Arn;
use gantry_iam_core::services::is_service_principal;
use gantry_iam_core::{Kind, Policy};
use gantry_service::Failure;
use gantry_service::principals::{PrincipalsFound, by_lost_ids};
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

/// Checks a trust policy: its grammar, its size, and that the users and roles that it names are there. Returns
/// their ids by ARN.
pub(crate) async fn check_trust(tx: &mut Tx, document: &str) -> Result<BTreeMap<String, String>, Failure> {
    let policy = read(Kind::Trust, document)?;
    if counted_size(document) > TRUST_SIZE {
        return Err(limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}")));
    }
    if let Some(unknown) = policy.named_services().find(|name| !is_service_principal(name)) {
        return Err(malformed_policy(format!("Invalid principal in policy: \"SERVICE\":\"{unknown}\"")));
    }
    let found = find_principals(tx, policy.named_principals()).await?;
    if let Some(name) = found.unknown {
        return Err(malformed_policy(format!("Invalid principal in policy: \"AWS\":\"{name}\"")));
    }
    Ok(found.ids)
}

/// Finds the users and roles of these ARNs.
pub(crate) async fn find_principals<'a>(
    tx: &mut Tx,
    arns: impl Iterator<Item = &'a str>,
) -> Result<PrincipalsFound, Failure> {
    let mut found = PrincipalsFound::default();
    for arn in arns {
        match id_of(tx, arn).await? {
            Named::Id(id) => {
                found.ids.insert(arn.to_owned(), id);
            }
            Named::WithoutId => {}
            Named::Nobody => found.unknown = found.unknown.or_else(|| Some(arn.to_owned())),
        }
    }
    Ok(found)
}

/// Whom an ARN names.
enum Named {
    /// A user or role, or a session of one, of that id.
    Id(String),
    /// Whoever gets a federated user's name from GetFederationToken.
    WithoutId,
    Nobody,
}

async fn id_of(tx: &mut Tx, arn: &str) -> Result<Named, Failure> {
    let Ok(arn) = arn.parse::<Arn>() else { return Ok(Named::Nobody) };
    let Ok(account) = arn.account().parse() else { return Ok(Named::Nobody) };
    let (of, rest) = arn.resource_type_and_name();
    let name = rest.rsplit('/').next().unwrap_or_default();
    let id = match (arn.service(), of) {
        ("iam", "user") => User::find(tx, account, name)
            .await?
            .filter(|user| user.arn.same_resource(&arn))
            .map(|user| user.id),
        ("iam", "role") => Role::find(tx, account, name)
            .await?
            .filter(|role| role.arn.same_resource(&arn))
            .map(|role| role.id),
        ("sts", "assumed-role") => {
            let role = rest.split('/').next().unwrap_or_default();
            Role::find(tx, account, role).await?.map(|role| role.id)
        }
        ("sts", "federated-user") => return Ok(Named::WithoutId),
        _ => None,
    };
    Ok(id.map_or(Named::Nobody, Named::Id))
}

/// The role's trust policy as it is shown: who is gone is named by the id that was meant.
pub(crate) async fn shown_trust(tx: &mut Tx, role: &Role) -> Result<String, Failure> {
    let now = find_principals(tx, role.trusted_ids.keys().map(String::as_str)).await?;
    Ok(by_lost_ids(&role.trust, &role.trusted_ids, &now.ids))
}

/// The role's trust policy, ready to be evaluated.
pub(crate) fn trust_policy(role: &Role) -> Result<Policy, Failure> {
    let policy = Policy::parse(Kind::Trust, &role.trust)
        .map_err(|error| Failure::internal(format_args!("the trust policy of {}: {error}", role.arn)))?;
    Ok(policy.meaning(&role.trusted_ids))
}
