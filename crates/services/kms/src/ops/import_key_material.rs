//! ImportKeyMaterial: gives a key the material that its owner made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_kms as api;
use gantry_base::Timestamp;
use gantry_service::{Cx, Failure};
use sha2::{Digest, Sha256};

use super::import_token::{ImportToken, is_external};
use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::loops::KEY_EXPIRY;
use crate::pair::Pair;
use crate::spec::Spec;
use crate::tables::{EXPIRIES, KEYS, KeyRow, State, due_key};
use crate::{Kms, answer, cipher};

/// The longest time that a material may be valid, in days.
const LONGEST_DAYS: u32 = 365;

/// Imports a material.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ImportKeyMaterialRequest,
) -> Result<api::ImportKeyMaterialResponse, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:ImportKeyMaterial", &input.key_id).await?;
    let model = input.expiration_model.as_deref().unwrap_or("KEY_MATERIAL_EXPIRES");
    let mut wish = Wish::to("kms:ImportKeyMaterial").key("kms:ExpirationModel", [model]);
    if let Some(valid_to) = input.valid_to {
        wish = wish.key("kms:ValidTo", [valid_to.to_string()]);
    }
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    is_external(&key)?;
    answer::stays(&key)?;
    let valid_to = valid_to(&cx, model, input.valid_to)?;
    let token = ImportToken::open(kms, &key, &input.import_token, cx.now)?;
    let plain = unwrap(kms, &key, token, input.encrypted_key_material.to_vec()).await?;
    let id = id_of(&key, &plain);
    match key.materials.first() {
        Some(first) if first.id != id => {
            return Err(KmsError::IncorrectKeyMaterial(
                "The key material in the request is not the key material that was imported into this KMS key before.",
            )
            .into());
        }
        None if input.import_type.as_deref() == Some("EXISTING_KEY_MATERIAL") => {
            return Err(KmsError::IncorrectKeyMaterial(
                "No key material was imported into this KMS key before; use ImportType NEW_KEY_MATERIAL.",
            )
            .into());
        }
        Some(_) if input.import_type.as_deref() == Some("NEW_KEY_MATERIAL") => {
            let text = "A second key material for the same KMS key is not served by Gantry.";
            return Err(KmsError::Unsupported(text.into()).into());
        }
        _ => {}
    }
    if input.key_material_id.as_ref().is_some_and(|given| *given != id) {
        return Err(KmsError::IncorrectKeyMaterial("The key material has another KeyMaterialId.").into());
    }
    cipher::forget_expiry(&mut tx, &key);
    cipher::put_imported(kms, &mut tx, &mut key, &plain, id.clone());
    key.valid_to = valid_to;
    if let Some(at) = valid_to {
        let due = key.due(at);
        tx.put(&EXPIRIES, &due_key(&due), &due);
        tx.wake(KEY_EXPIRY);
    }
    if key.state == State::PendingImport {
        key.state = State::Enabled;
    }
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(api::ImportKeyMaterialResponse { key_id: answer::arn(&key), key_material_id: Some(id) })
}

fn valid_to(cx: &Cx, model: &str, given: Option<Timestamp>) -> Result<Option<Timestamp>, KmsError> {
    match (model, given) {
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", None) => Ok(None),
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", Some(_)) => Err(KmsError::Validation(
            "ValidTo must not be specified when ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE".into(),
        )),
        (_, None) => Err(KmsError::Validation(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES".into(),
        )),
        (_, Some(at)) if at <= cx.now || at > cx.now + answer::days(LONGEST_DAYS) => {
            Err(KmsError::Validation("ValidTo must be in the future and at most 365 days from now".into()))
        }
        (_, Some(at)) => Ok(Some(at)),
    }
}

async fn unwrap(kms: &Kms, key: &KeyRow, token: ImportToken, wrapped: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let private = BASE64.decode(&token.private).map_err(Failure::internal)?;
    let (ids, spec) = (kms.ids.clone(), key.spec);
    let plain = cipher::apart(move || {
        // What is read is RSA, of whatever size.
        let pair = Pair::read(Spec::Rsa2048, &private)?;
        pair.decrypt(ids, &token.algorithm, &wrapped)
    });
    let plain = plain.await?;
    let fits = match spec {
        Spec::SymmetricDefault => plain.len() == spec.material_bytes(),
        Spec::Hmac224 | Spec::Hmac256 | Spec::Hmac384 | Spec::Hmac512 => {
            (spec.material_bytes()..=128).contains(&plain.len())
        }
        _ => Pair::read(spec, &plain).is_ok(),
    };
    match fits {
        true => Ok(plain),
        false => Err(KmsError::IncorrectKeyMaterial(
            "The key material is not valid for the key spec of the KMS key.",
        )
        .into()),
    }
}

/// The same material of the same key has the same id.
fn id_of(key: &KeyRow, plain: &[u8]) -> String {
    let hash = Sha256::new().chain_update(key.id.as_bytes()).chain_update([0]).chain_update(plain).finalize();
    hex::encode(hash)
}
