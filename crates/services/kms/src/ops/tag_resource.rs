//! TagResource: a key gets tags.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::KEYS;
use crate::{Kms, answer};

/// Adds or replaces tags.
pub async fn run(kms: &Kms, cx: Cx, input: api::TagResourceRequest) -> Result<gantry_wire::Unit, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:TagResource", &input.key_id).await?;
    let mut wish = Wish::to("kms:TagResource").key("aws:TagKeys", input.tags.iter().map(|tag| &tag.tag_key));
    for tag in &input.tags {
        wish = wish.key(format!("aws:RequestTag/{}", tag.tag_key), [&tag.tag_value]);
    }
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    answer::stays(&key)?;
    key.tags = key.tags.with(answer::tags(input.tags)?).map_err(answer::tag_error)?;
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
