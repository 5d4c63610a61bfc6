//! RestoreSecret: a secret that was to go stays.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{on_secret, primary};
use crate::Secrets;
use crate::secretsmanager::name;
use crate::secretsmanager::table::{DELETIONS, Deletion, SECRETS, deletion_key};

/// Takes a deletion back; a secret that is not to go stays as it is.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::RestoreSecretRequest,
) -> Result<api::RestoreSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permit = cx.authorize(on_secret("secretsmanager:RestoreSecret", &found, &input.secret_id))?;
    let mut secret = primary(found)?;
    if let Some(scheduled) = secret.deletion.take() {
        let key = secret.key();
        let deletion =
            Deletion { due: scheduled.due, secret: key.as_str().to_owned(), arn: secret.arn.clone() };
        tx.delete(&DELETIONS, &deletion_key(&deletion));
        tx.put(&SECRETS, &key, &secret);
        tx.commit(&permit).await?;
    }
    Ok(api::RestoreSecretResponse { arn: Some(secret.arn), name: Some(secret.name) })
}
