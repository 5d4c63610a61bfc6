//! DeriveSharedSecret: what a pair and somebody else's public key have together.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::pair::has_algorithm;
use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::{Kms, answer, cipher};

/// Derives it.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::DeriveSharedSecretRequest,
) -> Result<api::DeriveSharedSecretResponse, Failure> {
    let mut tx = kms.db.begin();
    let action = "kms:DeriveSharedSecret";
    let found = find(kms, &mut tx, &cx, action, &input.key_id, Managed::MustBeThere).await?;
    let wish = Wish::to(action).key("kms:KeyAgreementAlgorithm", [input.key_agreement_algorithm.as_str()]);
    allow_found(&mut tx, &cx, &found, wish).await?;
    let key = found.key;
    answer::usable(&key)?;
    answer::meant_for(&key, "KEY_AGREEMENT", "DeriveSharedSecret")?;
    has_algorithm(&key, key.spec.agreement_algorithms(), &input.key_agreement_algorithm)?;
    answer::no_recipient(input.recipient.as_ref())?;
    answer::dry_run(input.dry_run)?;
    let pair = cipher::pair(kms, &mut tx, &key).await?;
    let public = input.public_key.to_vec();
    let secret = cipher::apart(move || {
        pair.agree(&public).ok_or_else(|| {
            let text = "The public key is not valid, or not of the elliptic curve of the KMS key.";
            KmsError::Validation(text.into()).into()
        })
    });
    Ok(api::DeriveSharedSecretResponse {
        key_id: answer::arn(&key),
        shared_secret: Some(secret.await?.into()),
        ciphertext_for_recipient: None,
        key_agreement_algorithm: Some(input.key_agreement_algorithm),
        key_origin: Some(key.origin.as_str().into()),
    })
}
