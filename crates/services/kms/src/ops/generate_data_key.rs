//! GenerateDataKey: a key to encrypt with elsewhere, in the clear and under a key of KMS.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::cipher::Context;
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::spec::SYMMETRIC_DEFAULT;
use crate::tables::KeyRow;
use crate::{Kms, answer, cipher};

/// Makes a data key.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateDataKeyRequest,
) -> Result<api::GenerateDataKeyResponse, Failure> {
    answer::no_recipient(input.recipient.as_ref())?;
    let made = make(
        kms,
        &cx,
        Asked {
            action: "kms:GenerateDataKey",
            key_id: &input.key_id,
            context: input.encryption_context.unwrap_or_default(),
            spec: input.key_spec.as_deref(),
            bytes: input.number_of_bytes,
            dry_run: input.dry_run,
        },
    )
    .await?;
    Ok(api::GenerateDataKeyResponse {
        ciphertext_blob: Some(made.blob.into()),
        plaintext: Some(made.plain.into()),
        key_id: answer::arn(&made.key),
        ciphertext_for_recipient: None,
        key_material_id: made.key.materials.last().map(|material| material.id.clone()),
    })
}

/// What a request for a data key says.
pub(super) struct Asked<'a> {
    pub action: &'static str,
    pub key_id: &'a str,
    pub context: Context,
    pub spec: Option<&'a str>,
    pub bytes: Option<i32>,
    pub dry_run: Option<bool>,
}

/// A data key.
pub(super) struct Made {
    pub key: KeyRow,
    pub plain: Vec<u8>,
    pub blob: Vec<u8>,
}

/// Makes a data key for either of the two operations.
pub(super) async fn make(kms: &Kms, cx: &Cx, asked: Asked<'_>) -> Result<Made, Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, cx, asked.action, asked.key_id, Managed::MakeAtFirstUse).await?;
    let wish =
        Wish::to(asked.action).within(&asked.context).key("kms:EncryptionAlgorithm", [SYMMETRIC_DEFAULT]);
    let permit = allow_found(&mut tx, cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "ENCRYPT_DECRYPT", "GenerateDataKey")?;
    super::pair::has_algorithm(&found.key, found.key.spec.encryption_algorithms(), SYMMETRIC_DEFAULT)?;
    let bytes = match (asked.spec, asked.bytes) {
        (Some("AES_256"), None) => 32,
        (Some("AES_128"), None) => 16,
        (None, Some(bytes @ 1..=1024)) => bytes.unsigned_abs() as usize,
        _ => {
            return Err(
                KmsError::Validation("Please specify either number of bytes or key spec.".into()).into()
            );
        }
    };
    answer::dry_run(asked.dry_run)?;
    let mut plain = vec![0; bytes];
    kms.ids.fill(&mut plain);
    let blob = cipher::encrypt(kms, &mut tx, &found.key, &plain, &asked.context).await?;
    answer::keep(tx, &found, &permit).await?;
    Ok(Made { key: found.key, plain, blob })
}
