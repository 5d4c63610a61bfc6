//! Operations are forgotten a day after they were asked for.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, key};

use crate::CloudMap;
use crate::tables::{OPERATIONS, OPERATIONS_BY_TIME};

/// How long an operation can be described.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Most operations that are forgotten in one pass.
const BATCH: usize = 1000;
/// How often it is looked for operations that have grown old.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// Forgets old operations.
pub struct OperationGarbage(pub CloudMap);

#[async_trait]
impl Loop for OperationGarbage {
    fn name(&self) -> &'static str {
        "cloudmap.operation_garbage"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.0.db.begin();
        let oldest = tx.peek_scan(&OPERATIONS_BY_TIME, &key!(), Scan::first(BATCH)).await?;
        let full = oldest.len() == BATCH;
        let old: Vec<Key> =
            oldest.into_iter().map(|(key, ())| key).filter(|key| is_old(key, by.now())).collect();
        let all = full && old.len() == BATCH;
        for key in old {
            if let Ok([_, account, region, id]) = <[String; 4]>::try_from(key.parts()) {
                tx.delete(&OPERATIONS, &key!(account, region, id));
            }
            tx.delete(&OPERATIONS_BY_TIME, &key);
        }
        tx.commit(by).await?;
        Ok(if all { Next::Again } else { Next::After(PAUSE) })
    }
}

fn is_old(key: &Key, now: Timestamp) -> bool {
    let at = key.parts().first().and_then(|millis| millis.parse().ok()).map(Timestamp::from_millis);
    at.is_none_or(|at| now.since(at) > KEPT)
}
