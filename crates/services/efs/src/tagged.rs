//! Tags between AWS's shapes and ours.

use gantry_api_efs as api;
use gantry_base::{Tags, tags::TagError};

use crate::error::EfsError;

/// Checks the tags of a request.
pub fn parse(given: Vec<api::Tag>) -> Result<Tags, EfsError> {
    Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value))).map_err(refused)
}

/// The tags of a resource with more laid over them.
pub fn merge(tags: &Tags, more: Vec<api::Tag>) -> Result<Tags, EfsError> {
    tags.with(parse(more)?).map_err(refused)
}

fn refused(error: TagError) -> EfsError {
    EfsError::bad(error.to_string())
}

/// Tags as AWS shows them.
pub fn answer(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(key, value)| api::Tag { key: key.to_owned(), value: value.to_owned() }).collect()
}

/// Pairs for condition keys.
pub fn pairs(given: &[api::Tag]) -> impl Iterator<Item = (&str, &str)> {
    given.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}
