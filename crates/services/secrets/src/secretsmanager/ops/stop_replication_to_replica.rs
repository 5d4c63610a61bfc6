//! StopReplicationToReplica: a replica becomes a secret of its own.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive, on_secret};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name;
use crate::secretsmanager::table::SECRETS;

/// Parts the replica from its primary secret.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::StopReplicationToReplicaRequest,
) -> Result<api::StopReplicationToReplicaResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:StopReplicationToReplica", &found, &input.secret_id);
    let permit = cx.authorize(permission)?;
    let mut replica = alive(found)?;
    let Some(primary) = replica.replica_of.take() else {
        return Err(SecretError::InvalidParameter(
            "Operation not permitted on a primary secret. Call must be made in replica secret's region."
                .into(),
        )
        .into());
    };
    let key = replica.key_in(&primary);
    if let Some(mut secret) = tx.get(&SECRETS, &key).await? {
        secret.replicas.retain(|known| known.region != cx.region);
        tx.put(&SECRETS, &key, &secret);
    }
    tx.put(&SECRETS, &replica.key(), &replica);
    tx.commit(&permit).await?;
    Ok(api::StopReplicationToReplicaResponse { arn: Some(replica.arn) })
}
