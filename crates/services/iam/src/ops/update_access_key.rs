//! `UpdateAccessKey`: switches a key off, or on again.

use gantry_api_iam::UpdateAccessKeyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UpdateAccessKeyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let owner = key_owner(&cx, input.user_name)?;
    let (mut ring, permit) = KeyRing::permitted(&mut tx, &cx, "iam:UpdateAccessKey", &owner).await?;
    let id = input.access_key_id;
    let key = match ring.ids().contains(&id) {
        true => tx.get(&ACCESS_KEYS, &AccessKey::key(&id)).await?,
        false => None,
    };
    let missing = || no_such_entity(format!("The Access Key with id {id} cannot be found."));
    let mut key = key.ok_or_else(missing)?;
    key.active = input.status == "Active";
    tx.put(&ACCESS_KEYS, &AccessKey::key(&id), &key);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
