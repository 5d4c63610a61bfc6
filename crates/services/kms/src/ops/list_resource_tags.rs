//! ListResourceTags: a key's tags.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::Kms;
use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::page::Page;

/// Lists tags by key.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListResourceTagsRequest,
) -> Result<api::ListResourceTagsResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:ListResourceTags", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:ListResourceTags")).await?;
    let page = Page::read(format!("ListResourceTags/{}", key.arn()), input.limit, input.marker, 50, 50)?;
    let rows: Vec<(&str, &str)> = key.tags.iter().collect();
    let (rows, next_marker) = page.cut(rows, |(name, _)| name);
    let tag = |(name, value): (&str, &str)| api::Tag { tag_key: name.into(), tag_value: value.into() };
    Ok(api::ListResourceTagsResponse {
        tags: Some(rows.into_iter().map(tag).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
