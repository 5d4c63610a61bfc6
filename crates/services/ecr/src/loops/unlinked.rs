//! Content that no repository needs is not kept for long.

use async_trait::async_trait;
use gantry_ecr_core::retention::{Verdict, verdict};
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, key};

use super::{PAGE, Walk, unless_conflict};
use crate::Ecr;
use crate::tables::{BLOBS, Blob, LINKS};

/// Removes content that no repository needs.
pub struct Unlinked {
    ecr: Ecr,
    walk: Walk<Key>,
}

impl Unlinked {
    /// The loop.
    pub fn new(ecr: Ecr) -> Self {
        Unlinked { ecr, walk: Walk::default() }
    }

    async fn settle(&self, by: &Pass, row: &Key) -> Result<(), PassError> {
        let mut tx = self.ecr.db.begin();
        // Both are guarded: a push that finds the content kept, and one that comes to need it.
        let Some(blob) = tx.get(&BLOBS, row).await? else { return Ok(()) };
        let links = tx.scan(&LINKS, row, Scan::first(1)).await?;
        let verdict = verdict(!links.is_empty(), blob.unlinked_since, by.now(), self.ecr.config.keep_unused);
        match verdict {
            Verdict::Keep => return Ok(()),
            Verdict::Note => tx.put(&BLOBS, row, &Blob { unlinked_since: Some(by.now()), ..blob.clone() }),
            Verdict::Strike => tx.put(&BLOBS, row, &Blob { unlinked_since: None, ..blob.clone() }),
            Verdict::Remove => tx.delete(&BLOBS, row),
        }
        let committed = unless_conflict(tx.commit(by).await)?;
        if committed && verdict == Verdict::Remove {
            // No other content ever lies there, and nobody finds it any more.
            self.ecr.blobs.remove(&blob.location).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Loop for Unlinked {
    fn name(&self) -> &'static str {
        "ecr.unlinked"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        if let Some(rest) = self.walk.resting(by.now()) {
            return Ok(Next::After(rest));
        }
        let scan = Scan::first(PAGE).after(self.walk.place());
        let rows = self.ecr.db.begin().scan(&BLOBS, &key!(), scan).await?;
        for (row, _) in &rows {
            self.settle(by, row).await?;
        }
        let more = rows.len() == PAGE;
        let last = rows.into_iter().last().map(|(row, _)| row);
        Ok(self.walk.went_to(last.filter(|_| more), by.now()))
    }
}
