//! `UpdateAccountPasswordPolicy`: what the account asks of passwords. What the request leaves out has its default
//! again.

use gantry_api_iam::UpdateAccountPasswordPolicyRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::Unit;

use crate::iam::Iam;
use crate::tables::password_policy::{PASSWORD_POLICIES, PasswordPolicy};

/// The shortest password unless asked otherwise.
const USUAL_LENGTH: i32 = 6;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: UpdateAccountPasswordPolicyRequest,
) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("iam:UpdateAccountPasswordPolicy"))?;
    let policy = PasswordPolicy {
        minimum_length: input.minimum_password_length.unwrap_or(USUAL_LENGTH),
        symbols: input.require_symbols.unwrap_or(false),
        numbers: input.require_numbers.unwrap_or(false),
        uppercase: input.require_uppercase_characters.unwrap_or(false),
        lowercase: input.require_lowercase_characters.unwrap_or(false),
        users_may_change: input.allow_users_to_change_password.unwrap_or(false),
        max_age_days: input.max_password_age,
        reuse_prevention: input.password_reuse_prevention,
        hard_expiry: input.hard_expiry,
    };
    let mut tx = iam.db.begin();
    tx.put(&PASSWORD_POLICIES, &key!(cx.account), &policy);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
