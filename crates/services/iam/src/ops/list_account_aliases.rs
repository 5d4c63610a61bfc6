//! `ListAccountAliases`: the account's alias, of which there is at most one.

use gantry_api_iam::{ListAccountAliasesRequest, ListAccountAliasesResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::iam::Iam;
use crate::tables::account::ACCOUNTS;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    _: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse, Failure> {
    cx.authorize(Permission::of("iam:ListAccountAliases"))?;
    let row = iam.db.begin().get(&ACCOUNTS, &key!(cx.account)).await?;
    let account_aliases = row.and_then(|row| row.alias).into_iter().collect();
    Ok(ListAccountAliasesResponse { account_aliases, is_truncated: Some(false), marker: None })
}
