//! ListAliases: the account's aliases in the region, or those of one key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::key_id::find_own;
use crate::page::Page;
use crate::tables::{ALIASES, Alias, aliases_key};
use crate::{Kms, access, managed};

/// Lists aliases by name. AWS's services have theirs before they have a key; describing one makes the key.
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
    let mut listed: Vec<(String, Option<Alias>)> =
        rows.into_iter().map(|(_, alias)| (alias.name.clone(), Some(alias))).collect();
    if target.is_none() {
        for name in managed::predefined() {
            if listed.iter().all(|(other, _)| *other != name) {
                listed.push((name, None));
            }
        }
        listed.sort_by(|one, other| one.0.cmp(&other.0));
    }
    let (listed, next_marker) = page.cut(listed, |(name, _)| name.as_str());
    let entry = |(name, alias): (String, Option<Alias>)| api::AliasListEntry {
        alias_arn: Some(cx.arn("kms", &name).to_string()),
        alias_name: Some(name),
        target_key_id: alias.as_ref().map(|alias| alias.target.clone()),
        creation_date: alias.as_ref().map(|alias| alias.created_at),
        last_updated_date: alias.as_ref().map(|alias| alias.updated_at),
    };
    Ok(api::ListAliasesResponse {
        aliases: Some(listed.into_iter().map(entry).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
