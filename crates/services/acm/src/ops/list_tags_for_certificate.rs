//! ListTagsForCertificate.

use gantry_api_acm as api;
use gantry_service::{Cx, Failure};

use crate::{Acm, answer};

/// Lists tags.
pub async fn run(
    acm: &Acm,
    cx: Cx,
    input: api::ListTagsForCertificateRequest,
) -> Result<api::ListTagsForCertificateResponse, Failure> {
    let mut tx = acm.db.begin();
    let (row, _) = acm.allowed(&mut tx, &cx, "acm:ListTagsForCertificate", &input.certificate_arn).await?;
    Ok(api::ListTagsForCertificateResponse { tags: Some(answer::tags(&row.tags)) })
}
