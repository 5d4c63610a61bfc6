//! No secret is kept past its recovery window.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Key, Scan, key};

use crate::secretsmanager::table::{DELETIONS, Deletion, SECRETS, Secret, VALUES};

/// The name of the loop and of its wake.
pub(crate) const SECRET_DELETION: &str = "secret_deletion";

/// How many secrets one pass deletes.
const BATCH: usize = 20;

/// Deletes secrets whose recovery window has ended.
pub struct SecretDeletion {
    db: Db,
}

impl SecretDeletion {
    /// The loop over this store.
    pub fn new(db: Db) -> Self {
        SecretDeletion { db }
    }
}

#[async_trait]
impl Loop for SecretDeletion {
    fn name(&self) -> &'static str {
        SECRET_DELETION
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.db.begin();
        // Rows sort by the time that they fall due.
        let rows = tx.peek_scan(&DELETIONS, &key!(), Scan::first(BATCH)).await?;
        let plan = plan(&rows, by.now());
        for (key, deletion) in &rows[..plan.due] {
            let secret_key = Key::from_text(deletion.secret.clone());
            tx.delete(&DELETIONS, key);
            // A secret that was restored or deleted and made anew meanwhile is not the one that was meant.
            let secret: Option<Secret> = tx.get(&SECRETS, &secret_key).await?;
            let Some(secret) = secret.filter(|secret| secret.is_due(deletion, by.now())) else { continue };
            tx.delete(&SECRETS, &secret_key);
            for version in secret.versions.keys() {
                tx.delete(&VALUES, &secret_key.clone().with(version));
            }
        }
        tx.commit(by).await?;
        Ok(plan.next)
    }
}

struct Plan {
    /// So many rows from the first on are due.
    due: usize,
    next: Next,
}

fn plan(rows: &[(Key, Deletion)], now: Timestamp) -> Plan {
    let due = rows.iter().take_while(|(_, deletion)| deletion.due <= now).count();
    let next = match rows.get(due) {
        Some((_, deletion)) => Next::After(deletion.due.since(now).min(Duration::from_secs(3600))),
        None if due == BATCH => Next::Again,
        None => Next::Wait,
    };
    Plan { due, next }
}
