//! `ListAccessKeys`: the keys of a user, or of whoever calls; never their secrets.

use gantry_api_iam::{AccessKeyMetadata, ListAccessKeysRequest, ListAccessKeysResponse};
use gantry_service::{Cx, Failure};

use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};
use crate::page::Wanted;
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, Failure> {
    let mut tx = iam.db.begin();
    let owner = key_owner(&cx, input.user_name)?;
    let (mut ring, _) = KeyRing::permitted(&mut tx, &cx, "iam:ListAccessKeys", &owner).await?;
    let keys: Vec<_> = ring.ids().iter().map(|id| AccessKey::key(id)).collect();
    let mut rows: Vec<AccessKey> = tx.get_many(&ACCESS_KEYS, &keys).await?.into_iter().flatten().collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));

    let wanted = Wanted::new(&cx, "ListAccessKeys", &[ring.name()], input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(rows, |row| &row.id)?;
    let user_name = Some(ring.name().to_owned()).filter(|name| !name.is_empty());
    let metadata = |row: AccessKey| AccessKeyMetadata {
        user_name: user_name.clone(),
        access_key_id: Some(row.id),
        status: Some(if row.active { "Active" } else { "Inactive" }.to_owned()),
        create_date: Some(row.created),
    };
    Ok(ListAccessKeysResponse {
        is_truncated: page.is_truncated(),
        access_key_metadata: page.items.into_iter().map(metadata).collect(),
        marker: page.marker,
    })
}
