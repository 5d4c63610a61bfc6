//! DisableKey: a key is not used until it is enabled again.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::{KEYS, State};
use crate::{Kms, answer};

/// Changes the key.
pub async fn run(kms: &Kms, cx: Cx, input: api::DisableKeyRequest) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:DisableKey", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:DisableKey")).await?;
    answer::stays(&key)?;
    answer::imported(&key)?;
    key.state = State::Disabled;
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
