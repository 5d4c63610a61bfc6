//! ReplicateSecretToRegions: copies of a secret in other regions.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret};
use crate::Secrets;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{answer, name, replication};

/// Makes replicas, and answers with all that there are.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::ReplicateSecretToRegionsRequest,
) -> Result<api::ReplicateSecretToRegionsResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let regions = input.add_replica_regions.iter().filter_map(|given| given.region.as_deref());
    let permission = on_secret("secretsmanager:ReplicateSecretToRegions", &found, &input.secret_id)
        .key("secretsmanager:AddReplicaRegions", regions);
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    let regions = replication::regions(&cx, input.add_replica_regions)?;
    let overwrite = input.force_overwrite_replica_secret == Some(true);
    replication::add(secrets, &mut tx, &cx, &mut secret, regions, overwrite).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    let replication_status = answer::replication(&secret);
    Ok(api::ReplicateSecretToRegionsResponse { arn: Some(secret.arn), replication_status })
}
