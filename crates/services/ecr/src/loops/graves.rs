//! Of a deleted repository nothing remains.

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Record, Scan, StoreError, Table, Tx, key};

use super::{GRAVES as NAME, PAGE};
use crate::Ecr;
use crate::tables::{
    CHILD_USES, COMPARED, COPIED, COPIES, GRAVES, IMAGES, LAYER_USES, LAYERS, LIFECYCLES, LINKS, Link,
    PREVIEWS, REFERRERS, RepositoryId, TAGS, UPLOADS, link_key,
};

/// Clears away what deleted repositories held.
pub struct Graves(pub Ecr);

#[async_trait]
impl Loop for Graves {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.0.db.begin();
        let graves = tx.peek_scan(&GRAVES, &key!(), Scan::first(1)).await?;
        let Some((grave, _)) = graves.into_iter().next() else { return Ok(Next::Wait) };
        let repository = RepositoryId::new(grave.parts().pop().unwrap_or_default());
        if clear(&mut tx, &repository).await? == 0 {
            tx.delete(&GRAVES, &grave);
        }
        tx.commit(by).await?;
        Ok(Next::Again)
    }
}

/// Deletes some of what is left; how much.
async fn clear(tx: &mut Tx, repository: &RepositoryId) -> Result<usize, StoreError> {
    tx.delete(&LIFECYCLES, &key!(repository));
    tx.delete(&PREVIEWS, &key!(repository));
    let layers = tx.peek_scan(&LAYERS, &key!(repository), Scan::first(PAGE)).await?;
    let mut cleared = layers.len();
    for (row, _) in layers {
        if let Some(digest) = row.parts().pop().and_then(|digest| digest.parse().ok()) {
            tx.delete(&LINKS, &link_key(digest, repository, Link::Layer));
        }
        tx.delete(&LAYERS, &row);
    }
    let images = tx.peek_scan(&IMAGES, &key!(repository), Scan::first(PAGE)).await?;
    cleared += images.len();
    for (row, image) in images {
        tx.delete(&LINKS, &link_key(image.digest, repository, Link::Image));
        tx.delete(&IMAGES, &row);
    }
    cleared += clear_table(tx, &TAGS, repository).await?;
    cleared += clear_table(tx, &COMPARED, repository).await?;
    cleared += clear_table(tx, &COPIES, repository).await?;
    cleared += clear_table(tx, &COPIED, repository).await?;
    cleared += clear_table(tx, &LAYER_USES, repository).await?;
    cleared += clear_table(tx, &CHILD_USES, repository).await?;
    cleared += clear_table(tx, &REFERRERS, repository).await?;
    cleared += clear_table(tx, &UPLOADS, repository).await?;
    Ok(cleared)
}

async fn clear_table<V: Record>(
    tx: &mut Tx,
    table: &Table<V>,
    repository: &RepositoryId,
) -> Result<usize, StoreError> {
    let rows = tx.peek_scan(table, &key!(repository), Scan::first(PAGE)).await?;
    for (row, _) in &rows {
        tx.delete(table, row);
    }
    Ok(rows.len())
}
