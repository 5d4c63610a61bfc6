//! Pages of listings: a limit, a marker, and whether there is more.

use gantry_base::PageToken;

use crate::error::KmsError;

/// Where a page begins and how long it is.
pub struct Page {
    scope: String,
    /// The last one of the page before.
    pub after: Option<String>,
    pub size: usize,
}

impl Page {
    /// Reads a request's limit and marker. `scope` is the listing with all that narrows it.
    pub fn read(
        scope: String,
        limit: Option<i32>,
        marker: Option<String>,
        default: usize,
        most: usize,
    ) -> Result<Page, KmsError> {
        let after = marker.map(|marker| PageToken::decode(&scope, &marker)).transpose();
        let after = after.map_err(|_| KmsError::InvalidMarker)?;
        let size = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default).clamp(1, most);
        Ok(Page { scope, after, size })
    }

    /// Cuts sorted rows to the page: the rows, and the marker of the next page where there is one.
    pub fn cut<T>(&self, mut rows: Vec<T>, name: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        if let Some(after) = &self.after {
            rows.retain(|row| name(row) > after.as_str());
        }
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        let next = rows.last().filter(|_| more).map(|last| PageToken::encode(&self.scope, name(last)));
        (rows, next)
    }
}
