//! EnableKeyRotation: a key gets new material each period, and keeps the old.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::loops::KEY_ROTATION;
use crate::tables::{KEYS, ROTATIONS, Rotation, due_key};
use crate::{Kms, answer};

/// AWS's period, where none is asked for.
const DEFAULT_DAYS: u32 = 365;

/// Has a key rotate by itself.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::EnableKeyRotationRequest,
) -> Result<gantry_wire::Unit, Failure> {
    let period_days = input.rotation_period_in_days.and_then(|days| u32::try_from(days).ok());
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:EnableKeyRotation", &input.key_id).await?;
    let wish = Wish::to("kms:EnableKeyRotation")
        .key("kms:RotationPeriodInDays", period_days.map(|days| days.to_string()));
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    super::can_rotate(&key)?;
    answer::usable(&key)?;
    let asked = period_days;
    let period_days =
        period_days.or(key.rotation.map(|rotation| rotation.period_days)).unwrap_or(DEFAULT_DAYS);
    if !(90..=2560).contains(&period_days) {
        return Err(KmsError::Validation(format!(
            "RotationPeriodInDays must be between 90 and 2560, and {period_days} was given."
        ))
        .into());
    }
    // What rotates already goes on as it did, unless another period is asked for.
    let unchanged =
        key.rotation.is_some_and(|rotation| asked.is_none() || asked == Some(rotation.period_days));
    if !unchanged {
        super::forget_rotation(&mut tx, &key);
        let next_at = cx.now + answer::days(period_days);
        key.rotation = Some(Rotation { period_days, next_at });
        let due = key.due(next_at);
        tx.put(&ROTATIONS, &due_key(&due), &due);
        tx.put(&KEYS, &key.row_key(), &key);
        tx.wake(KEY_ROTATION);
        tx.commit(&permit).await?;
    }
    Ok(gantry_wire::Unit)
}
