//! Envelope encryption: a value is sealed under a key of its own, and that key is encrypted by KMS under the key
//! that the value's owner chose. KMS decides whether the caller may; the request reaches it under the caller's name.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use gantry_api_kms as kms;
use gantry_service::{Cx, Failure, Sealer};
use serde::{Deserialize, Serialize};

use crate::sealed::Sealed;

/// What a value is sealed under.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Under {
    /// The instance's master key: plain parameters, and values from before KMS was served.
    #[default]
    MasterKey,
    /// A key of its own, which a key of KMS encrypted: base64 of that ciphertext.
    DataKey { encrypted: String },
    /// A key of KMS itself.
    Key,
}

impl std::fmt::Debug for Under {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Under::MasterKey => "MasterKey",
            Under::DataKey { .. } => "DataKey",
            Under::Key => "Key",
        })
    }
}

/// A key of KMS, and what it is used for.
pub struct Vault<'a> {
    /// The service that asks KMS under its caller's name.
    pub service: &'static str,
    /// The key's ARN or its alias's.
    pub key: &'a str,
    /// The encryption context.
    pub context: BTreeMap<String, String>,
}

impl Vault<'_> {
    /// Seals a value under a new data key.
    pub async fn seal(&self, cx: &Cx, plain: &[u8], place: &str) -> Result<(Sealed, Under), Failure> {
        let input = kms::GenerateDataKeyRequest {
            key_id: self.key.to_owned(),
            encryption_context: Some(self.context.clone()),
            key_spec: Some("AES_256".into()),
            ..Default::default()
        };
        let made = cx.siblings.call::<kms::GenerateDataKey>(&cx.via(self.service), input).await?;
        let sealer = sealer(made.plaintext)?;
        let encrypted = made.ciphertext_blob.ok_or_else(|| Failure::internal("KMS gave no ciphertext"))?;
        let under = Under::DataKey { encrypted: BASE64.encode(encrypted) };
        Ok((Sealed::seal(&sealer, plain, place), under))
    }

    /// Encrypts a small value by KMS itself.
    pub async fn encrypt(&self, cx: &Cx, plain: &[u8]) -> Result<(Sealed, Under), Failure> {
        let input = kms::EncryptRequest {
            key_id: self.key.to_owned(),
            plaintext: plain.to_vec().into(),
            encryption_context: Some(self.context.clone()),
            ..Default::default()
        };
        let made = cx.siblings.call::<kms::Encrypt>(&cx.via(self.service), input).await?;
        let blob = made.ciphertext_blob.ok_or_else(|| Failure::internal("KMS gave no ciphertext"))?;
        Ok((Sealed::of(&blob), Under::Key))
    }

    /// Opens what one of the others sealed.
    pub async fn open(
        &self,
        cx: &Cx,
        master: &Sealer,
        sealed: &Sealed,
        under: &Under,
        place: &str,
    ) -> Result<Vec<u8>, Failure> {
        match under {
            Under::MasterKey => sealed.open(master, place),
            Under::Key => Ok(self.decrypt(cx, sealed.bytes(place)?).await?.unwrap_or_default().to_vec()),
            Under::DataKey { encrypted } => {
                let encrypted = BASE64
                    .decode(encrypted)
                    .map_err(|_| Failure::internal(format_args!("the data key of {place} is not base64")))?;
                sealed.open(&sealer(self.decrypt(cx, encrypted).await?)?, place)
            }
        }
    }

    /// The ciphertext names its key: values stay readable when their owner chooses another one.
    async fn decrypt(&self, cx: &Cx, blob: Vec<u8>) -> Result<Option<Bytes>, Failure> {
        let input = kms::DecryptRequest {
            ciphertext_blob: Some(blob.into()),
            encryption_context: Some(self.context.clone()),
            ..Default::default()
        };
        Ok(cx.siblings.call::<kms::Decrypt>(&cx.via(self.service), input).await?.plaintext)
    }
}

fn sealer(key: Option<Bytes>) -> Result<Sealer, Failure> {
    let key = key.as_deref().and_then(|key| key.try_into().ok());
    key.map(Sealer::new).ok_or_else(|| Failure::internal("KMS gave no data key of 32 bytes"))
}
