//! DisableKeyRotation: a key keeps its material.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::KEYS;
use crate::{Kms, answer};

/// Ends rotation.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::DisableKeyRotationRequest,
) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:DisableKeyRotation", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:DisableKeyRotation")).await?;
    answer::usable(&key)?;
    super::can_rotate(&key)?;
    super::forget_rotation(&mut tx, &key);
    key.rotation = None;
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
