//! VerifyMac: whether a code is that of a message under an HMAC key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};
use subtle::ConstantTimeEq;

use super::mac;
use crate::error::KmsError;
use crate::{Kms, answer};

/// Compares codes, in the same time whether they are the same or not.
pub async fn run(kms: &Kms, cx: Cx, input: api::VerifyMacRequest) -> Result<api::VerifyMacResponse, Failure> {
    let asked = mac::Asked {
        action: "kms:VerifyMac",
        operation: "VerifyMac",
        key_id: &input.key_id,
        algorithm: &input.mac_algorithm,
        message: &input.message,
        dry_run: input.dry_run,
    };
    let (key, code) = mac::code(kms, &cx, asked).await?;
    if !bool::from(code.ct_eq(&input.mac)) {
        return Err(KmsError::InvalidMac { arn: key.arn().to_string() }.into());
    }
    Ok(api::VerifyMacResponse {
        key_id: answer::arn(&key),
        mac_valid: Some(true),
        mac_algorithm: Some(input.mac_algorithm),
    })
}
