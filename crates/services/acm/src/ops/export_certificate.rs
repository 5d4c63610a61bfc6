//! ExportCertificate: AWS exports private certificates, and public ones that were requested so. There are none of either
//! here, so each is refused as AWS refuses any other.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};

use crate::{Acm, AcmError};

/// Refuses a certificate that is there.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::ExportCertificateRequest,
) -> Result<api::ExportCertificateResponse, Failure> {
    let mut tx = acm.db.begin();
    let (row, _) = acm.allowed(&mut tx, &cx, "acm:ExportCertificate", &input.certificate_arn).await?;
    Err(AcmError::not_private(&row).into())
}
