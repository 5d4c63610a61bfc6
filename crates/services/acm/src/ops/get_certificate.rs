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
    // One that came without a chain is answered as its own.
    let chain = if row.chain_pem.is_empty() { row.certificate_pem.clone() } else { row.chain_pem };
    Ok(api::GetCertificateResponse { certificate: Some(row.certificate_pem), certificate_chain: Some(chain) })
}
