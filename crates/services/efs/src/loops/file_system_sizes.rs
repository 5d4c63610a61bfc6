//! What is said of a file system's size was measured not long ago.

use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};

use crate::Efs;
use crate::tables::{FILE_SYSTEMS, FileSystem, Measured};

/// How long a measurement is good for. AWS measures about every hour.
const INTERVAL: Duration = Duration::from_secs(60);

/// Measures file systems.
pub struct FileSystemSizes(pub Efs);

#[async_trait]
impl Loop for FileSystemSizes {
    fn name(&self) -> &'static str {
        "file_system_sizes"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let rows = self.0.db.begin().peek_scan(&FILE_SYSTEMS, &key!(), Scan::all()).await?;
        for (key, file_system) in rows {
            let folders = self.0.folders.clone();
            let id = file_system.id.clone();
            let bytes = match tokio::task::spawn_blocking(move || folders.measure(&id)).await? {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::warn!(file_system = file_system.id, %error, "a file system can't be measured");
                    continue;
                }
            };
            let mut tx = self.0.db.begin();
            // Deleted meanwhile, or nothing new: a size that has not changed needs no write.
            let Some(row) = tx.get(&FILE_SYSTEMS, &key).await? else { continue };
            if row.size.is_none_or(|size| size.bytes != bytes) {
                let size = Some(Measured { bytes, at: by.now() });
                tx.put(&FILE_SYSTEMS, &key, &FileSystem { size, ..row });
                tx.commit(by).await?;
            }
        }
        Ok(Next::After(INTERVAL))
    }
}
