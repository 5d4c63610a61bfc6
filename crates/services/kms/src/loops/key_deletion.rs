//! No key is kept past the end of its waiting period.

use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Scan, Tx, key};

use super::BATCH;
use crate::tables::{
    ALIASES, DELETIONS, GRANTEES, GRANTS, KEYS, KeyRow, MATERIALS, State, aliases_key, grantee_key,
    grants_key, row_key,
};

/// The name of the loop and of its wake.
pub(crate) const KEY_DELETION: &str = "key_deletion";

/// Deletes keys whose waiting period has ended, with their aliases and grants.
pub struct KeyDeletion {
    db: Db,
}

impl KeyDeletion {
    /// The loop over this store.
    pub fn new(db: Db) -> Self {
        KeyDeletion { db }
    }
}

#[async_trait]
impl Loop for KeyDeletion {
    fn name(&self) -> &'static str {
        KEY_DELETION
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.db.begin();
        // Rows sort by the time that they fall due.
        let rows = tx.peek_scan(&DELETIONS, &key!(), Scan::first(BATCH)).await?;
        let due = rows.iter().take_while(|(_, due)| due.at <= by.now()).count();
        for (at, row) in &rows[..due] {
            tx.delete(&DELETIONS, at);
            let key = tx.get(&KEYS, &row_key(row.account, &row.region, &row.id)).await?;
            // A key that was taken back meanwhile stays, also if it is scheduled anew.
            let meant = |key: &KeyRow| matches!(key.state, State::PendingDeletion { due } if due <= by.now());
            if let Some(key) = key.filter(meant) {
                delete(&mut tx, &key).await?;
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

async fn delete(tx: &mut Tx, key: &KeyRow) -> Result<(), PassError> {
    let row = key.row_key();
    for (material, _) in tx.scan(&MATERIALS, &row, Scan::all()).await? {
        tx.delete(&MATERIALS, &material);
    }
    for (at, grant) in tx.scan(&GRANTS, &grants_key(&row), Scan::all()).await? {
        tx.delete(&GRANTS, &at);
        tx.delete(&GRANTEES, &grantee_key(&row, &grant.grantee).with(&grant.id));
    }
    for (at, alias) in tx.scan(&ALIASES, &aliases_key(key.account, &key.region), Scan::all()).await? {
        if alias.target == key.id {
            tx.delete(&ALIASES, &at);
        }
    }
    crate::cipher::forget_expiry(tx, key);
    tx.delete(&KEYS, &row);
    Ok(())
}
