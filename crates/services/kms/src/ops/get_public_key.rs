//! GetPublicKey: the public key of a pair, for use outside.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::{Kms, answer, cipher};

/// Shows it.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GetPublicKeyRequest,
) -> Result<api::GetPublicKeyResponse, Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, &cx, "kms:GetPublicKey", &input.key_id, Managed::MustBeThere).await?;
    allow_found(&mut tx, &cx, &found, Wish::to("kms:GetPublicKey")).await?;
    let key = found.key;
    if !key.spec.is_pair() {
        let text =
            format!("{} key spec is {} which is not valid for GetPublicKey.", key.arn(), key.spec.as_str());
        return Err(KmsError::Unsupported(text).into());
    }
    answer::usable(&key)?;
    let pair = cipher::pair(kms, &mut tx, &key).await?;
    let metadata = answer::metadata(&key);
    Ok(api::GetPublicKeyResponse {
        key_id: answer::arn(&key),
        public_key: Some(pair.public_der()?.into()),
        customer_master_key_spec: metadata.customer_master_key_spec,
        key_spec: metadata.key_spec,
        key_usage: metadata.key_usage,
        encryption_algorithms: metadata.encryption_algorithms,
        signing_algorithms: metadata.signing_algorithms,
        key_agreement_algorithms: metadata.key_agreement_algorithms,
        ..Default::default()
    })
}
