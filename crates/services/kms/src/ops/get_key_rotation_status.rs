//! GetKeyRotationStatus: whether and when a key rotates.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::Kms;
use crate::access::{Wish, allow};
use crate::key_id::find_by_id;

/// Tells how a key rotates: keys that cannot are told as keys that do not.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GetKeyRotationStatusRequest,
) -> Result<api::GetKeyRotationStatusResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:GetKeyRotationStatus", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:GetKeyRotationStatus")).await?;
    Ok(api::GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(key.rotation.is_some()),
        key_id: Some(key.id),
        rotation_period_in_days: key.rotation.and_then(|rotation| i32::try_from(rotation.period_days).ok()),
        next_rotation_date: key.rotation.map(|rotation| rotation.next_at),
        // A rotation on demand is done when it is asked for, and never under way.
        on_demand_rotation_start_date: None,
    })
}
