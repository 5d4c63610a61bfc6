//! Pages of listings.

use gantry_base::PageToken;

use crate::error::CloudMapError;

/// How many things a page has at most, and where the request does not say.
const PAGE: usize = 100;

/// A page of things that are sorted by a name, and the token with which the next one begins.
pub fn page<T>(
    scope: &str,
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    size: Option<i32>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), CloudMapError> {
    let after = token.map(|token| PageToken::decode(scope, token)).transpose();
    let after = after.map_err(|_| CloudMapError::invalid("The next token is not valid."))?;
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE).clamp(1, PAGE);
    let mut page: Vec<T> =
        all.into_iter().filter(|one| after.as_ref().is_none_or(|after| name(one) > after.as_str())).collect();
    let more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| more).map(|last| PageToken::encode(scope, name(last)));
    Ok((page, next))
}
