//! `DeleteAccountPasswordPolicy`: the account asks nothing of passwords any more.

use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::tables::password_policy::PASSWORD_POLICIES;

pub(crate) async fn run(iam: Iam, cx: Cx, _: Unit) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("iam:DeleteAccountPasswordPolicy"))?;
    let mut tx = iam.db.begin();
    if tx.get(&PASSWORD_POLICIES, &key!(cx.account)).await?.is_none() {
        return Err(no_such_entity("The account policy with name PasswordPolicy cannot be found."));
    }
    tx.delete(&PASSWORD_POLICIES, &key!(cx.account));
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
