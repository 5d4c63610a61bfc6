//! RotateKeyOnDemand: new material now.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::tables::{KEYS, Material, RotationKind};
use crate::{Kms, answer, cipher};

/// AWS's limit of rotations on demand over a key's life.
const MOST: usize = 25;

/// Rotates a key.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::RotateKeyOnDemandRequest,
) -> Result<api::RotateKeyOnDemandResponse, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:RotateKeyOnDemand", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:RotateKeyOnDemand")).await?;
    super::can_rotate(&key)?;
    answer::usable(&key)?;
    let on_demand = |material: &&Material| matches!(material.rotated, Some((RotationKind::OnDemand, _)));
    if key.materials.iter().filter(on_demand).count() >= MOST {
        return Err(KmsError::LimitExceeded(format!("A key can be rotated on demand {MOST} times.")).into());
    }
    cipher::add_material(kms, &mut tx, &mut key, Some((RotationKind::OnDemand, cx.now)));
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(api::RotateKeyOnDemandResponse { key_id: Some(key.id) })
}
