//! `GetAccountPasswordPolicy`: what the account asks of passwords, if it has said.

use gantry_api_iam::{self as api, GetAccountPasswordPolicyResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::tables::password_policy::PASSWORD_POLICIES;

pub(crate) async fn run(iam: Iam, cx: Cx, _: Unit) -> Result<GetAccountPasswordPolicyResponse, Failure> {
    cx.authorize(Permission::of("iam:GetAccountPasswordPolicy"))?;
    let row = iam.db.begin().get(&PASSWORD_POLICIES, &key!(cx.account)).await?;
    let missing = || format!("The Password Policy with domain name {} cannot be found.", cx.account);
    let row = row.ok_or_else(|| no_such_entity(missing()))?;
    let password_policy = api::PasswordPolicy {
        minimum_password_length: Some(row.minimum_length),
        require_symbols: Some(row.symbols),
        require_numbers: Some(row.numbers),
        require_uppercase_characters: Some(row.uppercase),
        require_lowercase_characters: Some(row.lowercase),
        allow_users_to_change_password: Some(row.users_may_change),
        expire_passwords: Some(row.max_age_days.is_some_and(|days| days > 0)),
        max_password_age: row.max_age_days,
        password_reuse_prevention: row.reuse_prevention,
        hard_expiry: row.hard_expiry,
    };
    Ok(GetAccountPasswordPolicyResponse { password_policy })
}
