//! What queries have found, page by page: `l/q/QUERY/PAGE`, each zstd of what it was given.

use gantry_base::Authority;
use gantry_store::{Op, Order, Range, StoreError};

use super::Chunks;

const LEVEL: i32 = 3;

/// The most that a page may be once it is opened; more is taken for damage.
const MAX_RAW: usize = 8 * 1024 * 1024;

fn key(query: &str, page: u32) -> bytes::Bytes {
    format!("l/q/{query}/{page:08x}").into()
}

impl Chunks {
    /// Keeps the pages of a query's results. Returns how many there are.
    pub async fn keep_results(
        &self,
        by: &dyn Authority,
        query: &str,
        pages: &[Vec<u8>],
    ) -> Result<u32, StoreError> {
        let mut count = 0;
        for page in pages {
            let value = zstd::bulk::compress(page, LEVEL).map_err(|error| broken(error.to_string()))?;
            let put = Op::Put { key: key(query, count), value: value.into(), lease: None };
            self.kv.txn(Vec::new(), vec![put]).await?;
            count += 1;
        }
        tracing::debug!(query, pages = count, by = by.describe(), "results of a query kept");
        Ok(count)
    }

    /// A page of a query's results; none where it is not there any more.
    pub async fn results(&self, query: &str, page: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(found) = self.kv.get(key(query, page)).await? else { return Ok(None) };
        let page =
            zstd::bulk::decompress(&found.value, MAX_RAW).map_err(|error| broken(error.to_string()))?;
        Ok(Some(page))
    }

    /// Takes away the results of a query.
    pub async fn drop_results(&self, by: &dyn Authority, query: &str) -> Result<(), StoreError> {
        loop {
            let found = self.kv.range(Range::prefix(format!("l/q/{query}/")), 500, Order::Ascending).await?;
            let deletes: Vec<_> = found.kvs.into_iter().map(|kv| Op::Delete { key: kv.key }).collect();
            if !deletes.is_empty() {
                self.kv.txn(Vec::new(), deletes).await?;
            }
            if !found.more {
                tracing::debug!(query, by = by.describe(), "results of a query dropped");
                return Ok(());
            }
        }
    }
}

fn broken(reason: String) -> StoreError {
    StoreError::Codec { what: "a page of a query's results".into(), reason }
}
