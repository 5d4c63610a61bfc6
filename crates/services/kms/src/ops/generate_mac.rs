//! GenerateMac: the code of a message under an HMAC key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::mac;
use crate::{Kms, answer};

/// Makes a code.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateMacRequest,
) -> Result<api::GenerateMacResponse, Failure> {
    let asked = mac::Asked {
        action: "kms:GenerateMac",
        operation: "GenerateMac",
        key_id: &input.key_id,
        algorithm: &input.mac_algorithm,
        message: &input.message,
        dry_run: input.dry_run,
    };
    let (key, code) = mac::code(kms, &cx, asked).await?;
    Ok(api::GenerateMacResponse {
        mac: Some(code.into()),
        mac_algorithm: Some(input.mac_algorithm),
        key_id: answer::arn(&key),
    })
}
