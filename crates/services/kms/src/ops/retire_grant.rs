//! RetireGrant: who a grant names for it ends it.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::token;
use crate::access::{Wish, allow, allow_retiring};
use crate::error::KmsError;
use crate::key_id::find_by_id;
use crate::tables::{GRANTS, grant_key};
use crate::{Kms, answer};

/// Ends a grant, named by its token or by key and id.
pub async fn run(kms: &Kms, cx: Cx, input: api::RetireGrantRequest) -> Result<gantry_wire::Unit, Failure> {
    let (key_id, grant_id) = match (input.grant_token, input.key_id, input.grant_id) {
        (Some(token), None, None) => token::read(kms, &token)?,
        (None, Some(key_id), Some(grant_id)) => (key_id, grant_id),
        _ => {
            return Err(KmsError::Validation(
                "Give either a grant token, or a key's ARN and a grant's id.".into(),
            )
            .into());
        }
    };
    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:RetireGrant", &key_id).await?;
    let Some(grant) = tx.get(&GRANTS, &grant_key(&key.row_key(), &grant_id)).await? else {
        allow(&mut tx, &cx, &key, Wish::to("kms:RetireGrant")).await?;
        return Err(KmsError::GrantNotFound { id: grant_id }.into());
    };
    let permit = allow_retiring(&cx, &key, &grant)?;
    answer::stays(&key)?;
    answer::dry_run(input.dry_run)?;
    super::forget_grant(&mut tx, &key, &grant);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
