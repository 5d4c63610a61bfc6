//! RemoveTagsFromCertificate: with a value only where the tag has it.

use gantry_api_acm as api;
use gantry_base::tags::TagError;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::tables::CERTIFICATES;
use crate::{Acm, AcmError};

/// Removes tags.
pub async fn run(acm: &Acm, cx: Cx, input: api::RemoveTagsFromCertificateRequest) -> Result<Unit, Failure> {
    let mut tx = acm.db.begin();
    let (mut row, permit) =
        acm.allowed(&mut tx, &cx, "acm:RemoveTagsFromCertificate", &input.certificate_arn).await?;
    if input.tags.iter().any(|tag| tag.key.starts_with("aws:")) {
        return Err(AcmError::from(TagError::Reserved { key: String::new() }).into());
    }
    let meant = |tag: &&api::Tag| tag.value.is_none() || tag.value.as_deref() == row.tags.get(&tag.key);
    let keys: Vec<String> = input.tags.iter().filter(meant).map(|tag| tag.key.clone()).collect();
    row.tags = row.tags.without(keys.iter().map(String::as_str));
    tx.put(&CERTIFICATES, &row.key(), &row);
    tx.commit(&permit).await?;
    Ok(Unit)
}
