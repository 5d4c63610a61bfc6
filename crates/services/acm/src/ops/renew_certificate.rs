//! RenewCertificate: AWS renews private certificates that were exported. There are none here, so each is refused as AWS
//! refuses any other.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::{Acm, AcmError};

/// Refuses a certificate that is there.
pub async fn run(acm: &Acm, cx: Cx, input: api::RenewCertificateRequest) -> Result<Unit, Failure> {
    let mut tx = acm.db.begin();
    let (row, _) = acm.allowed(&mut tx, &cx, "acm:RenewCertificate", &input.certificate_arn).await?;
    Err(AcmError::not_private(&row).into())
}
