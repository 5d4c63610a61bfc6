//! UpdateCertificateOptions: whether a certificate's owner wants it in public logs. It is kept for who asks: what this
//! Gantry's authority issues stands in no log.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::tables::CERTIFICATES;
use crate::{Acm, AcmError};

/// Sets the option of a certificate that was issued here.
pub async fn run(acm: &Acm, cx: Cx, input: api::UpdateCertificateOptionsRequest) -> Result<Unit, Failure> {
    let mut tx = acm.db.begin();
    let (mut row, permit) =
        acm.allowed(&mut tx, &cx, "acm:UpdateCertificateOptions", &input.certificate_arn).await?;
    if row.imported {
        let message = format!("Certificate {} is imported: its options can't be updated.", row.arn());
        return Err(AcmError::state(message).into());
    }
    if let Some(preference) = input.options.certificate_transparency_logging_preference {
        row.logged = Some(preference == "ENABLED");
    }
    tx.put(&CERTIFICATES, &row.key(), &row);
    tx.commit(&permit).await?;
    Ok(Unit)
}
