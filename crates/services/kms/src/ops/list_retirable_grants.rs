//! ListRetirableGrants: the grants that a principal may retire.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::error::KmsError;
use crate::page::Page;
use crate::tables::{GRANTS, keys_key};
use crate::{Kms, access, answer};

/// Lists grants of all keys of the account in the region.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListRetirableGrantsRequest,
) -> Result<api::ListGrantsResponse, Failure> {
    access::without_key(&cx, "kms:ListRetirableGrants")?;
    let retiring = input.retiring_principal.or(input.retiring_service_principal);
    let retiring = retiring.ok_or_else(|| KmsError::Validation("RetiringPrincipal is required.".into()))?;
    let scope = format!("ListRetirableGrants/{}/{}/{retiring}", cx.account, cx.region);
    let page = Page::read(scope, input.limit, input.marker, 50, 100)?;
    let rows = kms.db.begin().peek_scan(&GRANTS, &keys_key(cx.account, &cx.region), Scan::all()).await?;
    let mut found = Vec::new();
    for (at, grant) in rows {
        if grant.retiring.as_ref() == Some(&retiring) {
            let key = at.parts().get(2).cloned().unwrap_or_default();
            found.push((format!("{key}/{}", grant.id), cx.arn("kms", format_args!("key/{key}")), grant));
        }
    }
    let (rows, next_marker) = page.cut(found, |(place, ..)| place);
    Ok(api::ListGrantsResponse {
        grants: Some(rows.into_iter().map(|(_, arn, grant)| answer::grant(arn.as_str(), grant)).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
