//! RevokeGrant: who made a grant takes it back.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_by_id;
use crate::tables::{GRANTS, grant_key};
use crate::{Kms, answer};

/// Ends a grant.
pub async fn run(kms: &Kms, cx: Cx, input: api::RevokeGrantRequest) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:RevokeGrant", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:RevokeGrant")).await?;
    answer::stays(&key)?;
    let grant = tx.get(&GRANTS, &grant_key(&key.row_key(), &input.grant_id)).await?;
    let grant = grant.ok_or(KmsError::GrantNotFound { id: input.grant_id })?;
    answer::dry_run(input.dry_run)?;
    super::forget_grant(&mut tx, &key, &grant);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
