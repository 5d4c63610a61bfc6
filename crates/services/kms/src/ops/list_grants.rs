//! ListGrants: a key's grants.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::access::{Wish, allow};
use crate::key_id::find_by_id;
use crate::page::Page;
use crate::tables::{GRANTS, Grant, grants_key};
use crate::{Kms, answer};

/// Lists grants by id.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListGrantsRequest,
) -> Result<api::ListGrantsResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_by_id(kms, &mut tx, &cx, "kms:ListGrants", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:ListGrants")).await?;
    answer::stays(&key)?;
    let grantee = input.grantee_principal.or(input.grantee_service_principal);
    let arn = key.arn().to_string();
    let scope = format!("ListGrants/{arn}/{grantee:?}/{:?}", input.grant_id);
    let page = Page::read(scope, input.limit, input.marker, 50, 100)?;
    let rows = tx.peek_scan(&GRANTS, &grants_key(&key.row_key()), Scan::all()).await?;
    let mut rows: Vec<Grant> = rows.into_iter().map(|(_, grant)| grant).collect();
    rows.retain(|grant| input.grant_id.as_ref().is_none_or(|id| *id == grant.id));
    rows.retain(|grant| grantee.as_ref().is_none_or(|name| *name == grant.grantee));
    let (rows, next_marker) = page.cut(rows, |grant| &grant.id);
    Ok(api::ListGrantsResponse {
        grants: Some(rows.into_iter().map(|grant| answer::grant(&arn, grant)).collect()),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}
