//! CancelKeyDeletion: a key stays after all, disabled.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::error::KmsError;
use crate::key_id::find_own;
use crate::tables::{DELETIONS, KEYS, Origin, State, due_key};
use crate::{Kms, answer, cipher};

/// Takes a deletion back.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::CancelKeyDeletionRequest,
) -> Result<api::CancelKeyDeletionResponse, Failure> {
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:CancelKeyDeletion", &input.key_id).await?;
    let permit = allow(&mut tx, &cx, &key, Wish::to("kms:CancelKeyDeletion")).await?;
    let State::PendingDeletion { due } = key.state else {
        return Err(KmsError::NotPendingDeletion { arn: key.arn().to_string() }.into());
    };
    tx.delete(&DELETIONS, &due_key(&key.due(due)));
    key.state = match key.origin {
        Origin::External if !cipher::has_material(&mut tx, &key).await? => State::PendingImport,
        _ => State::Disabled,
    };
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(api::CancelKeyDeletionResponse { key_id: answer::arn(&key) })
}
