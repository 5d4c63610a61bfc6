//! UpdateKeyDescription: a key is described anew.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::KEYS;
use crate::{Kms, answer};

/// Changes the key.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::UpdateKeyDescriptionRequest,
) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:UpdateKeyDescription", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:UpdateKeyDescription")).await?;
    answer::stays(&key)?;
    key.description = input.description;
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
