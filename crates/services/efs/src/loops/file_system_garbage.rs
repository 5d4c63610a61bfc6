//! Nothing is left of file systems that were deleted.

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};

use crate::Efs;
use crate::tables::GARBAGE;

/// The name of the loop and of its wake.
pub(crate) const FILE_SYSTEM_GARBAGE: &str = "file_system_garbage";

/// Removes the directories of deleted file systems.
pub struct FileSystemGarbage(pub Efs);

#[async_trait]
impl Loop for FileSystemGarbage {
    fn name(&self) -> &'static str {
        FILE_SYSTEM_GARBAGE
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.0.db.begin();
        let Some((key, garbage)) = tx.peek_scan(&GARBAGE, &key!(), Scan::first(1)).await?.pop() else {
            return Ok(Next::Wait);
        };
        let folders = self.0.folders.clone();
        let id = garbage.file_system_id;
        tokio::task::spawn_blocking(move || folders.remove(&id)).await??;
        tx.delete(&GARBAGE, &key);
        tx.commit(by).await?;
        Ok(Next::Again)
    }
}
