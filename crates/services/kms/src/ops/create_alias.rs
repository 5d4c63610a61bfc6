//! CreateAlias: a name for a key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::access::{self, Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::tables::{ALIASES, Alias, alias_key, aliases_key};
use crate::{Kms, answer};

/// The most aliases of a key.
const ALIASES_PER_KEY: usize = 50;

/// Makes an alias.
pub async fn run(kms: &Kms, cx: Cx, input: api::CreateAliasRequest) -> Result<gantry_wire::Unit, Failure> {
    let name = input.alias_name;
    let arn = cx.arn("kms", &name);
    let permit = access::nowhere(&cx, "kms:CreateAlias", &arn)?;
    super::check_alias(&name)?;
    if input.target_key_id.contains("alias/") {
        return Err(KmsError::Validation("Aliases must refer to keys. Not aliases".to_owned()).into());
    }
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:CreateAlias", &input.target_key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:CreateAlias")).await?;
    answer::stays(&key)?;
    let at = alias_key(cx.account, &cx.region, &name);
    if tx.get(&ALIASES, &at).await?.is_some() {
        return Err(KmsError::AliasExists { arn: arn.to_string() }.into());
    }
    let all = tx.peek_scan(&ALIASES, &aliases_key(cx.account, &cx.region), Scan::all()).await?;
    if all.iter().filter(|(_, alias)| alias.target == key.id).count() >= ALIASES_PER_KEY {
        let limit = format!("A key has at most {ALIASES_PER_KEY} aliases.");
        return Err(KmsError::LimitExceeded(limit).into());
    }
    let alias = Alias { name, target: key.id, created_at: cx.now, updated_at: cx.now };
    tx.put(&ALIASES, &at, &alias);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
