//! No imported material is kept past the time until which it is valid.

use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Scan, key};

use super::BATCH;
use crate::cipher;
use crate::tables::{EXPIRIES, KEYS, row_key};

/// The name of the loop and of its wake.
pub(crate) const KEY_EXPIRY: &str = "key_expiry";

/// Takes imported materials away that have expired.
pub struct KeyExpiry {
    db: Db,
}

impl KeyExpiry {
    /// The loop over this store.
    pub fn new(db: Db) -> Self {
        KeyExpiry { db }
    }
}

#[async_trait]
impl Loop for KeyExpiry {
    fn name(&self) -> &'static str {
        KEY_EXPIRY
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.db.begin();
        // Rows sort by the time that they fall due.
        let rows = tx.peek_scan(&EXPIRIES, &key!(), Scan::first(BATCH)).await?;
        let due = rows.iter().take_while(|(_, due)| due.at <= by.now()).count();
        for (at, row) in &rows[..due] {
            tx.delete(&EXPIRIES, at);
            let found = tx.get(&KEYS, &row_key(row.account, &row.region, &row.id)).await?;
            // One that was imported anew meanwhile has another time.
            if let Some(mut key) =
                found.filter(|key| key.valid_to.is_some_and(|valid_to| valid_to <= by.now()))
            {
                cipher::drop_imported(&mut tx, &mut key);
                tx.put(&KEYS, &key.row_key(), &key);
            }
        }
        tx.commit(by).await?;
        Ok(match rows.get(due) {
            Some((_, row)) => Next::After(row.at.since(by.now()).min(Duration::from_secs(3600))),
            None if due == BATCH => Next::Again,
            None => Next::Wait,
        })
    }
}
