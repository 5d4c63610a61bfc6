//! Pages of listings.

use gantry_base::PageToken;
use gantry_service::Cx;

use crate::error::Ec2Error;

/// The most that one page holds.
pub const LARGEST: usize = 1000;

/// Where a page begins and how much it holds.
pub struct Page {
    scope: String,
    /// The id of the last row of the page before.
    pub after: Option<String>,
    /// At most so many rows.
    pub size: usize,
}

impl Page {
    /// Reads the paging of a request that may also name rows by id, which excludes paging. `ids` is the name of
    /// that member and whether it was given.
    pub fn parse(
        cx: &Cx,
        operation: &str,
        next_token: Option<&str>,
        max_results: Option<i32>,
        ids: (&str, bool),
    ) -> Result<Page, Ec2Error> {
        if let (name, true, Some(_)) = (ids.0, ids.1, max_results) {
            let message = format!("The parameter {name} cannot be used with the parameter maxResults");
            return Err(Ec2Error::InvalidParameterCombination(message));
        }
        let scope = format!("{operation}/{}/{}", cx.account, cx.region);
        let after = next_token.map(|token| PageToken::decode(&scope, token));
        let after = after.transpose().map_err(|_| Ec2Error::InvalidNextToken)?;
        let size = max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST);
        Ok(Page { scope, after, size: size.clamp(1, LARGEST) })
    }

    /// The token of the page after the one that ends with `last`.
    pub fn next(&self, last: &str) -> String {
        PageToken::encode(&self.scope, last)
    }

    /// Cuts this page out of rows that are all at hand, and says how to go on.
    pub fn cut<R>(&self, mut rows: Vec<R>, id: fn(&R) -> &str) -> (Vec<R>, Option<String>) {
        rows.sort_by(|a, b| id(a).cmp(id(b)));
        if let Some(after) = &self.after {
            rows.retain(|row| id(row) > after.as_str());
        }
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        let next = rows.last().filter(|_| more).map(|row| self.next(id(row)));
        (rows, next)
    }
}
