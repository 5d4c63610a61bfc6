//! UpdateAlias: a name comes to mean another key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{self, Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::tables::{ALIASES, KEYS, alias_key, row_key};
use crate::{Kms, answer};

/// Points an alias to another key of the same kind.
pub async fn run(kms: &Kms, cx: Cx, input: api::UpdateAliasRequest) -> Result<gantry_wire::Unit, Failure> {
    let name = input.alias_name;
    let arn = cx.arn("kms", &name);
    let permit = access::nowhere(&cx, "kms:UpdateAlias", &arn)?;
    super::check_alias(&name)?;
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:UpdateAlias", &input.target_key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:UpdateAlias")).await?;
    answer::stays(&key)?;
    let at = alias_key(cx.account, &cx.region, &name);
    let alias = tx.get(&ALIASES, &at).await?;
    let mut alias = alias.ok_or_else(|| KmsError::AliasNotFound { arn: arn.to_string() })?;
    if let Some(old) = tx.get(&KEYS, &row_key(cx.account, &cx.region, &alias.target)).await? {
        allow(&mut tx, &cx, &old, Wish::to("kms:UpdateAlias")).await?;
        if old.usage() != key.usage() {
            return Err(KmsError::Validation(format!(
                "{name} is of a key for {}, and the other is for {}: an alias keeps its usage.",
                old.usage().as_str(),
                key.usage().as_str()
            ))
            .into());
        }
    }
    alias.target = key.id;
    alias.updated_at = cx.now;
    tx.put(&ALIASES, &at, &alias);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
