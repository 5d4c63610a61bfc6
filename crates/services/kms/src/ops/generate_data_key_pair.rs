//! GenerateDataKeyPair: a pair to use elsewhere, its private key in the clear and under a key of KMS.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::cipher::Context;
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::pair::Pair;
use crate::spec::{SYMMETRIC_DEFAULT, Spec};
use crate::tables::KeyRow;
use crate::{Kms, answer, cipher};

/// Makes a pair.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateDataKeyPairRequest,
) -> Result<api::GenerateDataKeyPairResponse, Failure> {
    answer::no_recipient(input.recipient.as_ref())?;
    let made = make(
        kms,
        &cx,
        Asked {
            action: "kms:GenerateDataKeyPair",
            key_id: &input.key_id,
            context: input.encryption_context.unwrap_or_default(),
            spec: &input.key_pair_spec,
            dry_run: input.dry_run,
        },
    )
    .await?;
    Ok(api::GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(made.blob.into()),
        private_key_plaintext: Some(made.private.into()),
        public_key: Some(made.public.into()),
        key_id: answer::arn(&made.key),
        key_pair_spec: Some(input.key_pair_spec),
        ciphertext_for_recipient: None,
        key_material_id: made.key.materials.last().map(|material| material.id.clone()),
    })
}

/// What a request for a pair says.
pub(super) struct Asked<'a> {
    pub action: &'static str,
    pub key_id: &'a str,
    pub context: Context,
    pub spec: &'a str,
    pub dry_run: Option<bool>,
}

/// A pair.
pub(super) struct Made {
    pub key: KeyRow,
    pub private: Vec<u8>,
    pub public: Vec<u8>,
    pub blob: Vec<u8>,
}

/// Makes a pair for either of the two operations.
pub(super) async fn make(kms: &Kms, cx: &Cx, asked: Asked<'_>) -> Result<Made, Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, cx, asked.action, asked.key_id, Managed::MakeAtFirstUse).await?;
    let wish = Wish::to(asked.action)
        .within(&asked.context)
        .key("kms:EncryptionAlgorithm", [SYMMETRIC_DEFAULT])
        .key("kms:DataKeyPairSpec", [asked.spec]);
    let permit = allow_found(&mut tx, cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "ENCRYPT_DECRYPT", "GenerateDataKeyPair")?;
    super::pair::has_algorithm(&found.key, found.key.spec.encryption_algorithms(), SYMMETRIC_DEFAULT)?;
    let spec = Spec::named(asked.spec).ok().filter(|spec| spec.is_pair()).ok_or_else(|| {
        KmsError::Unsupported(format!("The key pair spec {} is not served by Gantry.", asked.spec))
    })?;
    answer::dry_run(asked.dry_run)?;
    let ids = kms.ids.clone();
    let (private, public) = cipher::apart(move || {
        let pair = Pair::generate(spec, ids)?;
        Ok((pair.private_der()?, pair.public_der()?))
    })
    .await?;
    let blob = cipher::encrypt(kms, &mut tx, &found.key, &private, &asked.context).await?;
    answer::keep(tx, &found, &permit).await?;
    Ok(Made { key: found.key, private, public, blob })
}
