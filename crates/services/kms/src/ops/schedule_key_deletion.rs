//! ScheduleKeyDeletion: a key goes when its waiting period ends.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::loops::KEY_DELETION;
use crate::tables::{DELETIONS, KEYS, State, due_key};
use crate::{Kms, answer};

/// AWS's waiting period, where none is asked for.
const DEFAULT_DAYS: u32 = 30;

/// Schedules a key for deletion.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ScheduleKeyDeletionRequest,
) -> Result<api::ScheduleKeyDeletionResponse, Failure> {
    let window_days = input.pending_window_in_days.and_then(|days| u32::try_from(days).ok());
    let window_days = window_days.unwrap_or(DEFAULT_DAYS);
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:ScheduleKeyDeletion", &input.key_id).await?;
    let wish = Wish::to("kms:ScheduleKeyDeletion")
        .key("kms:ScheduleKeyDeletionPendingWindowInDays", [window_days.to_string()]);
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    if !(7..=30).contains(&window_days) {
        return Err(KmsError::Validation(format!(
            "PendingWindowInDays must be between 7 and 30, and {window_days} was given."
        ))
        .into());
    }
    answer::stays(&key)?;
    let at = cx.now + answer::days(window_days);
    key.state = State::PendingDeletion { due: at };
    let due = key.due(at);
    tx.put(&DELETIONS, &due_key(&due), &due);
    tx.put(&KEYS, &key.row_key(), &key);
    tx.wake(KEY_DELETION);
    tx.commit(&permit).await?;
    Ok(api::ScheduleKeyDeletionResponse {
        key_id: answer::arn(&key),
        deletion_date: Some(at),
        key_state: Some(answer::state(key.state).into()),
        pending_window_in_days: i32::try_from(window_days).ok(),
    })
}
