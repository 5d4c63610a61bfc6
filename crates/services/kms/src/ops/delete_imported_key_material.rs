//! DeleteImportedKeyMaterial: takes a key's material away, which can then not be used until it is imported again.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::import_token::is_external;
use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::tables::{KEYS, State};
use crate::{Kms, answer, cipher};

/// Takes the material away. One that is not there is no error.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::DeleteImportedKeyMaterialRequest,
) -> Result<api::DeleteImportedKeyMaterialResponse, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:DeleteImportedKeyMaterial", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:DeleteImportedKeyMaterial")).await?;
    is_external(&key)?;
    answer::stays(&key)?;
    let id = key.materials.first().map(|material| material.id.clone());
    if input.key_material_id.is_some() && input.key_material_id != id {
        return Err(
            KmsError::IncorrectKeyMaterial("The KMS key has no key material of that KeyMaterialId.").into()
        );
    }
    if key.state != State::PendingImport {
        cipher::drop_imported(&mut tx, &mut key);
        tx.put(&KEYS, &key.row_key(), &key);
        tx.commit(&permit).await?;
    }
    Ok(api::DeleteImportedKeyMaterialResponse { key_id: answer::arn(&key), key_material_id: id })
}
