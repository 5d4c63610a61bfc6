//! EnableKey: a disabled key can be used again.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::{KEYS, State};
use crate::{Kms, answer};

/// Changes the key.
pub async fn run(kms: &Kms, cx: Cx, input: api::EnableKeyRequest) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:EnableKey", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:EnableKey")).await?;
    answer::stays(&key)?;
    answer::imported(&key)?;
    key.state = State::Enabled;
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
