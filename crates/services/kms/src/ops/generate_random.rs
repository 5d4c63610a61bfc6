//! GenerateRandom: up to 1024 random bytes.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::error::KmsError;
use crate::{Kms, access, answer};

/// Draws random bytes.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateRandomRequest,
) -> Result<api::GenerateRandomResponse, Failure> {
    access::without_key(&cx, "kms:GenerateRandom")?;
    answer::no_recipient(input.recipient.as_ref())?;
    if input.custom_key_store_id.is_some() {
        return Err(KmsError::Unsupported("A custom key store is not served by Gantry.".into()).into());
    }
    let bytes = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
    let Some(bytes) = bytes.filter(|bytes| (1..=1024).contains(bytes)) else {
        return Err(KmsError::Validation("NumberOfBytes is required, from 1 to 1024.".into()).into());
    };
    let mut plain = vec![0; bytes];
    kms.ids.fill(&mut plain);
    Ok(api::GenerateRandomResponse { plaintext: Some(plain.into()), ciphertext_for_recipient: None })
}
