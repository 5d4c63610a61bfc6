//! Reads at one revision.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use gantry_etcd_api as api;

use super::{Refusal, Shared, lease_id, number, revision};
use crate::error::StoreError;
use crate::kv::{KeyValue, Order, Page, Range, Revision, Snapshot, successor};

/// The store at one revision.
pub(super) struct At {
    shared: Arc<Shared>,
    revision: Revision,
}

/// How many keys are asked for at once.
const KEYS: usize = 500;
/// How many rows are asked for at once.
const ROWS: usize = 1000;

impl At {
    /// As it is now: all that was acknowledged anywhere is in it.
    pub(super) async fn now(shared: Arc<Shared>) -> Result<At, StoreError> {
        let request =
            api::RangeRequest { key: shared.data(b""), limit: 1, keys_only: true, ..Default::default() };
        let answer = shared.cluster.range(request).await?;
        let revision = revision(answer.header.unwrap_or_default().revision);
        Ok(At { shared, revision })
    }

    fn key_value(&self, kv: api::KeyValue) -> KeyValue {
        key_value(&self.shared, kv)
    }
}

pub(super) fn key_value(shared: &Shared, kv: api::KeyValue) -> KeyValue {
    KeyValue {
        key: shared.bare(&kv.key),
        value: kv.value,
        create_revision: revision(kv.create_revision),
        mod_revision: revision(kv.mod_revision),
        lease: lease_id(kv.lease),
    }
}

#[async_trait]
impl Snapshot for At {
    fn revision(&self) -> Revision {
        self.revision
    }

    async fn get_many(&self, keys: &[Bytes]) -> Result<Vec<Option<KeyValue>>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(KEYS) {
            let get = |key: &Bytes| {
                let range = api::RangeRequest {
                    key: self.shared.data(key),
                    revision: number(self.revision),
                    ..Default::default()
                };
                api::RequestOp { request: Some(api::request_op::Request::RequestRange(range)) }
            };
            let request = api::TxnRequest { success: some.iter().map(get).collect(), ..Default::default() };
            let answer = self.shared.cluster.txn(request).await?;
            if answer.responses.len() != some.len() {
                return Err(StoreError::Engine("etcd answered other than it was asked".into()));
            }
            for response in answer.responses {
                let kv = match response.response {
                    Some(api::response_op::Response::ResponseRange(range)) => range.kvs.into_iter().next(),
                    _ => None,
                };
                found.push(kv.map(|kv| self.key_value(kv)));
            }
        }
        Ok(found)
    }

    async fn range(&self, range: &Range, limit: usize, order: Order) -> Result<Page, StoreError> {
        let mut page = Page { kvs: Vec::new(), revision: self.revision, more: false };
        let mut rest = range.clone();
        while !rest.is_empty() {
            let left = limit - page.kvs.len();
            let request = api::RangeRequest {
                key: self.shared.data(&rest.start),
                range_end: self.shared.data(&rest.end),
                // One is asked for where none is wanted: only whether there are any.
                limit: number(left.clamp(1, ROWS) as u64),
                revision: number(self.revision),
                sort_order: match order {
                    Order::Ascending => api::range_request::SortOrder::Ascend.into(),
                    Order::Descending => api::range_request::SortOrder::Descend.into(),
                },
                sort_target: api::range_request::SortTarget::Key.into(),
                keys_only: left == 0,
                ..Default::default()
            };
            let answer = self.shared.cluster.range(request).await.map_err(|refusal| match refusal {
                // A member that has not come so far is no news to the caller.
                Refusal::Future => Refusal::NotNow("a member is behind".into()),
                other => other,
            })?;
            if left == 0 {
                page.more = !answer.kvs.is_empty();
                break;
            }
            page.kvs.extend(answer.kvs.into_iter().map(|kv| self.key_value(kv)));
            page.more = answer.more;
            let Some(last) = page.kvs.last().filter(|_| answer.more && page.kvs.len() < limit) else { break };
            match order {
                Order::Ascending => rest.start = successor(&last.key),
                Order::Descending => rest.end = last.key.clone(),
            }
        }
        Ok(page)
    }
}
