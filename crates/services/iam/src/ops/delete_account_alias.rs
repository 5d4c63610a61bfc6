//! `DeleteAccountAlias`: the account has its number alone.

use gantry_api_iam::DeleteAccountAliasRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::tables::account::{ACCOUNTS, ALIASES};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteAccountAliasRequest) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("iam:DeleteAccountAlias"))?;
    let mut tx = iam.db.begin();
    let alias = input.account_alias;
    let row = tx.get(&ACCOUNTS, &key!(cx.account)).await?;
    let Some(mut row) = row.filter(|row| row.alias.as_ref() == Some(&alias)) else {
        return Err(no_such_entity(format!("The account alias {alias} does not exist.")));
    };
    row.alias = None;
    tx.delete(&ALIASES, &key!(alias));
    tx.put(&ACCOUNTS, &key!(cx.account), &row);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
