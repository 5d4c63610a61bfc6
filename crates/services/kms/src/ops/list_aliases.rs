//! ListAliases: the account's aliases in the region, or those of one key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::key_id::find_own;
use crate::page::Page;
use crate::tables::{ALIASES, Alias, aliases_key};
use crate::{Kms, access};

/// Lists aliases by name.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListAliasesRequest,
) -> Result<api::ListAliasesResponse, Failure> {
    access::without_key(&cx, "kms:ListAliases")?;
    let mut tx = kms.db.begin();
    let target = match &input.key_id {
        None => None,
        Some(given) => Some(find_own(kms, &mut tx, &cx, "kms:ListAliases", given).await?.id),
    };
    let scope = format!("ListAliases/{}/{}/{target:?}", cx.account, cx.region);
    let page = Page::read(scope, input.limit, input.marker, 50, 100)?;
    let mut rows = tx.peek_scan(&ALIASES, &aliases_key(cx.account, &cx.region), Scan::all()).await?;
    rows.retain(|(_, alias)| target.as_ref().is_none_or(|target| *target == alias.target));
    let (rows, next_marker) = page.cut(rows, |(_, alias)| &alias.name);
    let entry = |alias: Alias| api::AliasListEntry {
        alias_arn: Some(cx.arn("kms", &alias.name).to_string()),
        alias_name: Some(alias.name),
        target_key_id: Some(alias.target),
        creation_date: Some(alias.created_at),
        last_updated_date: Some(alias.updated_at),
    };
    Ok(api::ListAliasesResponse {
        aliases: Some(rows.into_iter().map(|(_, alias)| entry(alias)).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
