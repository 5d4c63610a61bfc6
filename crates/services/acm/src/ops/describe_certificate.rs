//! DescribeCertificate: what a certificate says, and who uses it.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};

use crate::{Acm, answer, parse};

/// Describes a certificate.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::DescribeCertificateRequest,
) -> Result<api::DescribeCertificateResponse, Failure> {
    let mut tx = acm.db.begin();
    let (row, _) = acm.allowed(&mut tx, &cx, "acm:DescribeCertificate", &input.certificate_arn).await?;
    let parsed = parse::certificate(&row.certificate_pem).map_err(Failure::Internal)?;
    let users = acm.users(&cx, &row.arn()).await?;
    Ok(api::DescribeCertificateResponse { certificate: Some(answer::detail(&row, &parsed, users, cx.now)) })
}
