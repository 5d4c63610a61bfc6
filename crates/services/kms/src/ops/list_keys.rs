//! ListKeys: the account's keys in the region.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::error::KmsError;
use crate::page::Page;
use crate::tables::{KEYS, KeyRow, keys_key, row_key};
use crate::{Kms, access, answer};

/// Lists keys by id.
pub async fn run(kms: &Kms, cx: Cx, input: api::ListKeysRequest) -> Result<api::ListKeysResponse, Failure> {
    access::without_key(&cx, "kms:ListKeys")?;
    if input.resource_owners.iter().flatten().any(|owner| owner != "SELF") {
        return Err(KmsError::Unsupported("Keys of other accounts are not listed by Gantry.".into()).into());
    }
    let scope = format!("ListKeys/{}/{}", cx.account, cx.region);
    let page = Page::read(scope, input.limit, input.marker, 100, 1000)?;
    let after = page.after.as_deref().map(|id| row_key(cx.account, &cx.region, id));
    let scan = Scan::first(page.size + 1).after(after);
    let rows = kms.db.begin().peek_scan(&KEYS, &keys_key(cx.account, &cx.region), scan).await?;
    let (rows, next_marker) = page.cut(rows, |(_, key)| &key.id);
    let entry = |key: KeyRow| api::KeyListEntry { key_arn: answer::arn(&key), key_id: Some(key.id) };
    Ok(api::ListKeysResponse {
        keys: Some(rows.into_iter().map(|(_, key)| entry(key)).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
