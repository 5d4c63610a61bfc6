//! A layer that no image of its repository needs can't be read there for long.

use async_trait::async_trait;
use gantry_ecr_core::Digest;
use gantry_ecr_core::retention::{Verdict, verdict};
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, StoreError, key};

use super::{PAGE, Walk, unless_conflict};
use crate::Ecr;
use crate::tables::{LAYER_USES, LAYERS, LINKS, Layer, Link, RepositoryId, in_repository, link_key};

/// Takes layers that no image needs out of their repositories.
pub struct Unused {
    ecr: Ecr,
    walk: Walk<Key>,
}

impl Unused {
    /// The loop.
    pub fn new(ecr: Ecr) -> Self {
        Unused { ecr, walk: Walk::default() }
    }

    async fn settle(&self, by: &Pass, repository: &RepositoryId, digest: Digest) -> Result<(), StoreError> {
        let mut tx = self.ecr.db.begin();
        let row = in_repository(repository, digest);
        // Both are guarded: an image that comes to need the layer, and a client that is told it is there.
        let Some(layer) = tx.get(&LAYERS, &row).await? else { return Ok(()) };
        let uses = tx.scan(&LAYER_USES, &key!(repository, digest), Scan::first(1)).await?;
        match verdict(!uses.is_empty(), layer.unused_since, by.now(), self.ecr.config.keep_unused) {
            Verdict::Keep => return Ok(()),
            Verdict::Note => tx.put(&LAYERS, &row, &Layer { unused_since: Some(by.now()), ..layer }),
            Verdict::Strike => tx.put(&LAYERS, &row, &Layer { unused_since: None, ..layer }),
            Verdict::Remove => {
                tx.delete(&LAYERS, &row);
                tx.delete(&LINKS, &link_key(digest, repository, Link::Layer));
            }
        }
        unless_conflict(tx.commit(by).await)?;
        Ok(())
    }
}

#[async_trait]
impl Loop for Unused {
    fn name(&self) -> &'static str {
        "ecr.unused"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        if let Some(rest) = self.walk.resting(by.now()) {
            return Ok(Next::After(rest));
        }
        let scan = Scan::first(PAGE).after(self.walk.place());
        let rows = self.ecr.db.begin().scan(&LAYERS, &key!(), scan).await?;
        for (row, _) in &rows {
            if let Some((repository, digest)) = read(row) {
                self.settle(by, &repository, digest).await?;
            }
        }
        let more = rows.len() == PAGE;
        let last = rows.into_iter().last().map(|(row, _)| row);
        Ok(self.walk.went_to(last.filter(|_| more), by.now()))
    }
}

fn read(row: &Key) -> Option<(RepositoryId, Digest)> {
    let mut parts = row.parts().into_iter();
    Some((RepositoryId::new(parts.next()?), parts.next()?.parse().ok()?))
}
