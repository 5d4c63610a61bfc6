//! GetCertificate: the certificate and its chain, never its key.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};

use crate::Acm;

/// Answers a certificate in PEM.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::GetCertificateRequest,
) -> Result<api::GetCertificateResponse, Failure> {
    let mut tx = acm.db.begin();
    let (row, _) = acm.allowed(&mut tx, &cx, "acm:GetCertificate", &input.certificate_arn).await?;
    Ok(api::GetCertificateResponse {
        certificate: Some(row.certificate_pem),
        certificate_chain: Some(row.chain_pem).filter(|chain| !chain.is_empty()),
    })
}
