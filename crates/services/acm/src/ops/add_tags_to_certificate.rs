//! AddTagsToCertificate: a key that is there gets its new value.

use gantry_api_acm as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::tables::CERTIFICATES;
use crate::{Acm, AcmError, answer};

/// Adds tags.
pub async fn run(acm: &Acm, cx: Cx, input: api::AddTagsToCertificateRequest) -> Result<Unit, Failure> {
    let mut tx = acm.db.begin();
    let (mut row, permit) =
        acm.allowed(&mut tx, &cx, "acm:AddTagsToCertificate", &input.certificate_arn).await?;
    let pairs = answer::pairs(Some(input.tags));
    let arn = row.arn();
    let given = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let permission = Permission::on("acm:AddTagsToCertificate", &arn);
    cx.authorize(permission.resource_tags(row.tags.iter()).request_tags(given))?;
    let tags = Tags::parse(pairs).map_err(AcmError::from)?;
    row.tags = row.tags.with(tags).map_err(AcmError::from)?;
    tx.put(&CERTIFICATES, &row.key(), &row);
    tx.commit(&permit).await?;
    Ok(Unit)
}
