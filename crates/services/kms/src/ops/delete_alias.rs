//! DeleteAlias: a name goes, its key stays.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::Kms;
use crate::access::{self, Wish, allow};
use crate::error::KmsError;
use crate::tables::{ALIASES, KEYS, alias_key, row_key};

/// Deletes an alias.
pub async fn run(kms: &Kms, cx: Cx, input: api::DeleteAliasRequest) -> Result<gantry_wire::Unit, Failure> {
    let name = input.alias_name;
    let arn = cx.arn("kms", &name);
    let permit = access::nowhere(&cx, "kms:DeleteAlias", &arn)?;
    super::check_alias(&name)?;
    let mut tx = kms.db.begin();
    let at = alias_key(cx.account, &cx.region, &name);
    let alias = tx.get(&ALIASES, &at).await?;
    let alias = alias.ok_or_else(|| KmsError::AliasNotFound { arn: arn.to_string() })?;
    if let Some(key) = tx.get(&KEYS, &row_key(cx.account, &cx.region, &alias.target)).await? {
        allow(&mut tx, &cx, &key, Wish::to("kms:DeleteAlias")).await?;
    }
    tx.delete(&ALIASES, &at);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
