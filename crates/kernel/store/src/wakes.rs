//! Wakes: a commit says that there is something to look at, never what.

use bytes::Bytes;
use futures::{FutureExt, StreamExt};

use crate::error::StoreError;
use crate::kv::{Range, Watch};
use crate::tx::Db;

/// The store's key of a wake.
pub(crate) fn wake_key(name: &str) -> Bytes {
    Bytes::from([b"w/", name.as_bytes()].concat())
}

impl Db {
    /// The wakes of that name.
    pub fn wakes(&self, name: &str) -> Wakes {
        Wakes { db: self.clone(), key: wake_key(name), watch: None }
    }
}

/// Waits for wakes of one name.
///
/// The first wait ends at once, as whoever starts has not seen what came before. After that a wait ends when
/// a transaction with the wake has committed since the wait before ended; any number of them count as one.
pub struct Wakes {
    db: Db,
    key: Bytes,
    watch: Option<Watch>,
}

impl Wakes {
    /// Waits for a wake. After an error the next call starts anew, and ends at once. Dropping the future
    /// loses nothing.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        let Some(watch) = &mut self.watch else {
            let kv = self.db.kv();
            let now = kv.revision().await?;
            self.watch = Some(kv.watch(Range::key(self.key.clone()), now).await?);
            return Ok(());
        };
        let mut woken = watch.next().await;
        while let Some(Ok(_)) = woken {
            match watch.next().now_or_never() {
                Some(next) => woken = next,
                None => return Ok(()),
            }
        }
        self.watch = None;
        match woken {
            // What was missed may have been a wake.
            Some(Err(StoreError::Compacted { .. })) => Ok(()),
            Some(Err(error)) => Err(error),
            _ => Err(StoreError::Closed),
        }
    }
}
