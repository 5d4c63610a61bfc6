//! Listings in pages: `MaxItems`, `Marker`, `IsTruncated`.

use gantry_base::PageToken;
use gantry_service::{Cx, Failure};
use gantry_store::{Key, Scan, Table, Tx};

use crate::error::validation;

/// How many items a page has unless asked otherwise.
const USUAL: i32 = 100;
/// How many rows are read at once.
const CHUNK: usize = 200;

/// What a client says of the page it wants.
pub(crate) struct Wanted<'a> {
    /// The listing: operation and filters. A marker of another one is refused.
    scope: String,
    marker: Option<&'a str>,
    limit: usize,
}

/// One page.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    /// Where the next one begins; `None` after the last.
    pub marker: Option<String>,
}

impl<T> Page<T> {
    pub fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
}

impl<'a> Wanted<'a> {
    pub fn new(
        cx: &Cx,
        listing: &str,
        filters: &[&str],
        marker: Option<&'a str>,
        max_items: Option<i32>,
    ) -> Wanted<'a> {
        let scope = format!("{listing}/{}/{}", cx.account, filters.join("/"));
        let limit = usize::try_from(max_items.unwrap_or(USUAL)).unwrap_or(1).clamp(1, 1000);
        Wanted { scope, marker, limit }
    }

    fn after(&self) -> Result<Option<String>, Failure> {
        let decode = |marker| {
            PageToken::decode(&self.scope, marker)
                .map_err(|_| validation(format!("Invalid Marker: {marker}")))
        };
        self.marker.map(decode).transpose()
    }

    /// A page of the rows under `prefix`; `pick` turns a row into an item or leaves it out.
    pub async fn of_table<V: gantry_store::Record, T>(
        &self,
        tx: &mut Tx,
        table: &Table<V>,
        prefix: &Key,
        mut pick: impl FnMut(V) -> Option<T>,
    ) -> Result<Page<T>, Failure> {
        let mut after = self.after()?.map(Key::from_text);
        let mut items = Vec::new();
        let mut last = None;
        loop {
            let rows = tx.peek_scan(table, prefix, Scan::first(CHUNK).after(after.take())).await?;
            let full = rows.len() == CHUNK;
            after = rows.last().map(|(key, _)| key.clone());
            for (key, row) in rows {
                let Some(item) = pick(row) else { continue };
                if items.len() == self.limit {
                    let marker = last.map(|last: Key| PageToken::encode(&self.scope, last.as_str()));
                    return Ok(Page { items, marker });
                }
                items.push(item);
                last = Some(key);
            }
            if !full {
                return Ok(Page { items, marker: None });
            }
        }
    }

    /// A page of what is at hand; `name` is what the items are told apart by, and they are in its order.
    pub fn of_list<T>(&self, list: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Page<T>, Failure> {
        let after = self.after()?;
        let behind = |item: &T| after.as_deref().is_none_or(|after| name(item) > after);
        let mut items: Vec<T> = list.into_iter().filter(behind).collect();
        let marker = if items.len() > self.limit {
            items.truncate(self.limit);
            items.last().map(|last| PageToken::encode(&self.scope, name(last)))
        } else {
            None
        };
        Ok(Page { items, marker })
    }
}
