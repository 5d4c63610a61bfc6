//! `DeleteAccessKey`: ends a key at once.

use gantry_api_iam::DeleteAccessKeyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey};
use crate::tables::last_use::{LAST_USES, Used};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteAccessKeyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let owner = key_owner(&cx, input.user_name)?;
    let (mut ring, permit) = KeyRing::permitted(&mut tx, &cx, "iam:DeleteAccessKey", &owner).await?;
    let id = input.access_key_id;
    if !ring.ids().contains(&id) {
        return Err(no_such_entity(format!("The Access Key with id {id} cannot be found.")));
    }
    ring.ids().retain(|known| *known != id);
    ring.put(&mut tx, &cx);
    tx.delete(&ACCESS_KEYS, &AccessKey::key(&id));
    tx.delete(&LAST_USES, &Used::Key(id).key());
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
