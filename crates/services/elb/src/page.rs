//! Pages of listings.

use gantry_base::PageToken;
use gantry_service::Cx;

use crate::error::ElbError;

/// The most that one page holds.
const LARGEST: usize = 400;

/// Cuts a page out of rows that are all at hand and in order; `id` is unique and names the row in the marker.
pub fn cut<R>(
    cx: &Cx,
    operation: &str,
    marker: Option<&str>,
    size: Option<i32>,
    rows: Vec<R>,
    id: impl Fn(&R) -> String,
) -> Result<(Vec<R>, Option<String>), ElbError> {
    let scope = format!("{operation}/{}/{}", cx.account, cx.region);
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGEST).clamp(1, LARGEST);
    let start = match marker.filter(|marker| !marker.is_empty()) {
        None => 0,
        Some(marker) => {
            let bad = || ElbError::validation("The specified marker is not valid");
            let after = PageToken::decode(&scope, marker).map_err(|_| bad())?;
            // What was deleted between two pages can't be found again; its listing begins anew.
            rows.iter().position(|row| id(row) == after).ok_or_else(bad)? + 1
        }
    };
    let more = rows.len() > start + size;
    let page: Vec<R> = rows.into_iter().skip(start).take(size).collect();
    let next = page.last().filter(|_| more).map(|row| PageToken::encode(&scope, &id(row)));
    Ok((page, next))
}
