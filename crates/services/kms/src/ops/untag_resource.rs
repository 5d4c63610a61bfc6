//! UntagResource: a key loses tags.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::KEYS;
use crate::{Kms, answer};

/// Removes tags.
pub async fn run(kms: &Kms, cx: Cx, input: api::UntagResourceRequest) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:UntagResource", &input.key_id).await?;
    let wish = Wish::to("kms:UntagResource").key("aws:TagKeys", &input.tag_keys);
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    answer::stays(&key)?;
    key.tags = key.tags.without(input.tag_keys.iter().map(String::as_str));
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
