//! DeleteCertificate: unless a load balancer uses it.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::tables::CERTIFICATES;
use crate::{Acm, AcmError};

/// Deletes a certificate with its key.
pub async fn run(acm: &Acm, cx: Cx, input: api::DeleteCertificateRequest) -> Result<Unit, Failure> {
    let mut tx = acm.db.begin();
    let (row, permit) = acm.allowed(&mut tx, &cx, "acm:DeleteCertificate", &input.certificate_arn).await?;
    if !acm.users(&cx, &row.arn()).await?.is_empty() {
        let message = format!("Certificate {} in account {} is in use.", row.arn(), cx.account);
        return Err(AcmError::in_use(message).into());
    }
    tx.delete(&CERTIFICATES, &row.key());
    tx.commit(&permit).await?;
    Ok(Unit)
}
