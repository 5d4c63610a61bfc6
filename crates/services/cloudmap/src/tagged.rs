//! Tags between AWS's shapes and ours.

use gantry_api_servicediscovery as api;
use gantry_base::Tags;

use crate::error::CloudMapError;

/// Checks the tags of a request.
pub fn parse(given: Vec<api::Tag>) -> Result<Tags, CloudMapError> {
    Ok(Tags::parse(given.into_iter().map(|tag| (tag.key, tag.value)))?)
}

/// Tags as AWS shows them.
pub fn answer(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(key, value)| api::Tag { key: key.to_owned(), value: value.to_owned() }).collect()
}

/// Pairs for condition keys.
pub fn pairs(given: Option<&[api::Tag]>) -> impl Iterator<Item = (&str, &str)> {
    given.unwrap_or_default().iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}
