//! `CreateAccountAlias`: a name for the account, in place of the one that it has.

use gantry_api_iam::CreateAccountAliasRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;
use gantry_wire::Unit;

use crate::error::already_exists;
use crate::iam::Iam;
use crate::tables::account::{ACCOUNTS, ALIASES, Account};

pub(crate) async fn run(iam: Iam, cx: Cx, input: CreateAccountAliasRequest) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("iam:CreateAccountAlias"))?;
    let mut tx = iam.db.begin();
    let alias = input.account_alias;
    if tx.get(&ALIASES, &key!(alias)).await?.is_some_and(|account| account != cx.account) {
        return Err(already_exists(format!("The account alias {alias} already exists.")));
    }
    let row = tx.get(&ACCOUNTS, &key!(cx.account)).await?;
    let mut row = row.unwrap_or_else(|| Account { created: cx.now, ..Account::default() });
    if let Some(old) = row.alias.replace(alias.clone()) {
        tx.delete(&ALIASES, &key!(old));
    }
    tx.put(&ALIASES, &key!(alias), &cx.account);
    tx.put(&ACCOUNTS, &key!(cx.account), &row);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
