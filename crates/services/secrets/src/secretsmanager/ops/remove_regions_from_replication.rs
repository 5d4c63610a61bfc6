//! RemoveRegionsFromReplication: a secret's copies in some regions go.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret};
use crate::Secrets;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{answer, name, replication};

/// Deletes replicas; a region without one is no error.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::RemoveRegionsFromReplicationRequest,
) -> Result<api::RemoveRegionsFromReplicationResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:RemoveRegionsFromReplication", &found, &input.secret_id);
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    let goes = |region: &str| input.remove_replica_regions.iter().any(|given| given == region);
    let (gone, left) = secret.replicas.drain(..).partition(|replica| goes(replica.region.as_str()));
    secret.replicas = left;
    for replica in gone {
        replication::remove(&mut tx, &secret, &replica.region).await?;
    }
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    let replication_status = Some(answer::replication(&secret).unwrap_or_default());
    Ok(api::RemoveRegionsFromReplicationResponse { arn: Some(secret.arn), replication_status })
}
