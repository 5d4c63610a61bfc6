//! Keys that rotate by themselves have a material that is no older than their period.

use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};

use super::BATCH;
use crate::Kms;
use crate::answer::days;
use crate::cipher;
use crate::tables::{KEYS, ROTATIONS, Rotation, RotationKind, State, due_key, row_key};

/// The name of the loop and of its wake.
pub(crate) const KEY_ROTATION: &str = "key_rotation";

/// A key that can't rotate now, being disabled, is looked at again after this while.
const LATER_DAYS: u32 = 1;

/// Rotates keys that are due.
pub struct KeyRotation(Kms);

impl KeyRotation {
    /// The loop over this store.
    pub fn new(kms: Kms) -> Self {
        KeyRotation(kms)
    }
}

#[async_trait]
impl Loop for KeyRotation {
    fn name(&self) -> &'static str {
        KEY_ROTATION
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.0.db.begin();
        let rows = tx.peek_scan(&ROTATIONS, &key!(), Scan::first(BATCH)).await?;
        let due = rows.iter().take_while(|(_, due)| due.at <= by.now()).count();
        for (at, row) in &rows[..due] {
            tx.delete(&ROTATIONS, at);
            let row_key = row_key(row.account, &row.region, &row.id);
            let Some(mut key) = tx.get(&KEYS, &row_key).await? else { continue };
            // Only the key knows when it is due; a row that it does not know of is an old one.
            let Some(rotation) = key.rotation.filter(|rotation| rotation.next_at == row.at) else { continue };
            let next_at = match key.state {
                State::Enabled => by.now() + days(rotation.period_days),
                State::Disabled | State::PendingImport | State::PendingDeletion { .. } => {
                    by.now() + days(LATER_DAYS)
                }
            };
            if key.state == State::Enabled {
                cipher::add_material(&self.0, &mut tx, &mut key, Some((RotationKind::Automatic, by.now())));
            }
            key.rotation = Some(Rotation { next_at, ..rotation });
            let next = key.due(next_at);
            tx.put(&ROTATIONS, &due_key(&next), &next);
            tx.put(&KEYS, &row_key, &key);
        }
        tx.commit(by).await?;
        Ok(match rows.get(due) {
            Some((_, row)) => Next::After(row.at.since(by.now()).min(Duration::from_secs(3600))),
            None if due == BATCH => Next::Again,
            None => Next::Wait,
        })
    }
}
