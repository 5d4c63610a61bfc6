//! Replicas: a secret's copies in other regions, each sealed under a key of its region.
//!
//! A replica is a row like any other secret's, which only its primary secret changes. What changes the primary
//! changes the replicas in the same transaction.

use gantry_api_secretsmanager as api;
use gantry_base::Region;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::error::SecretError;
use super::ops::Plain;
use super::table::{Replica, SECRETS, Secret, VALUES, Version};
use crate::Secrets;

/// A region to replicate to, and the key to use there.
pub type Wanted = (Region, Option<String>);

/// Reads the regions of a request.
pub fn regions(cx: &Cx, given: Vec<api::ReplicaRegionType>) -> Result<Vec<Wanted>, SecretError> {
    let one = |given: api::ReplicaRegionType| -> Result<Wanted, SecretError> {
        let region: Option<Region> = given.region.and_then(|region| region.parse().ok());
        let region = region.filter(|region| *region != cx.region && region.partition() == cx.partition());
        let region = region.ok_or_else(|| SecretError::InvalidParameter("Invalid replica region.".into()))?;
        Ok((region, given.kms_key_id))
    };
    given.into_iter().map(one).collect()
}

/// Makes replicas. A secret of the same name that is there already fails that replica alone, unless it is to be
/// overwritten.
pub async fn add(
    secrets: &Secrets,
    tx: &mut Tx,
    cx: &Cx,
    secret: &mut Secret,
    regions: Vec<Wanted>,
    overwrite: bool,
) -> Result<(), Failure> {
    for (region, kms_key_id) in regions {
        let known = secret.replicas.iter().position(|replica| replica.region == region);
        let mut replica = Replica { region, kms_key_id, failure: None };
        if known.is_none_or(|at| secret.replicas[at].failure.is_some()) {
            let key = secret.key_in(&replica.region);
            match tx.get(&SECRETS, &key).await? {
                None => {}
                Some(existing) if overwrite => remove_row(tx, &existing),
                Some(_) => {
                    replica.failure = Some(format!(
                        "Replication failed: Secret name {} already exists in region {}.",
                        secret.name, replica.region
                    ));
                }
            }
        }
        match known {
            Some(at) => secret.replicas[at] = replica,
            None => secret.replicas.push(replica),
        }
    }
    sync(secrets, tx, cx, secret).await
}

/// Brings every replica that did not fail to what the primary secret is. One whose key can't be used fails.
pub async fn sync(secrets: &Secrets, tx: &mut Tx, cx: &Cx, secret: &mut Secret) -> Result<(), Failure> {
    for at in 0..secret.replicas.len() {
        if secret.replicas[at].failure.is_some() {
            continue;
        }
        match copy(secrets, tx, cx, secret, &secret.replicas[at]).await {
            Ok(()) => {}
            Err(Failure::Answer(error)) => secret.replicas[at].failure = Some(error.message.to_string()),
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Deletes a replica from its region.
pub async fn remove(tx: &mut Tx, secret: &Secret, region: &Region) -> Result<(), Failure> {
    if let Some(row) = tx.get(&SECRETS, &secret.key_in(region)).await?
        && row.replica_of.as_ref() == Some(&secret.region())
    {
        remove_row(tx, &row);
    }
    Ok(())
}

fn remove_row(tx: &mut Tx, row: &Secret) {
    let key = row.key();
    for version in row.versions.keys() {
        tx.delete(&VALUES, &key.clone().with(version));
    }
    tx.delete(&SECRETS, &key);
}

async fn copy(
    secrets: &Secrets,
    tx: &mut Tx,
    cx: &Cx,
    secret: &Secret,
    replica: &Replica,
) -> Result<(), Failure> {
    let there = Cx { region: replica.region.clone(), ..cx.clone() };
    let key = secret.key_in(&replica.region);
    let before = tx.get(&SECRETS, &key).await?;
    let (sealed_before, accessed_on) = match &before {
        None => (None, None),
        Some(before) => (Some(before.kms_key_id.clone()), before.accessed_on),
    };
    let mut row = Secret {
        arn: secret.arn_in(&replica.region),
        kms_key_id: replica.kms_key_id.clone(),
        accessed_on,
        deletion: None,
        versions: Default::default(),
        replicas: Vec::new(),
        replica_of: Some(secret.region()),
        ..secret.clone()
    };
    let known = |id: &String| before.as_ref().and_then(|before| before.versions.get(id));
    for (id, version) in &secret.versions {
        let place = key.clone().with(id);
        let kept = known(id).filter(|_| sealed_before.as_ref() == Some(&row.kms_key_id));
        let sealed_under = kept.and_then(|kept| kept.key.clone());
        row.versions.insert(id.clone(), Version { key: sealed_under, ..version.clone() });
        if kept.is_some() {
            continue;
        }
        let Some(value) = tx.get(&VALUES, &secret.key().with(id)).await? else { continue };
        let plain = Plain::open(secrets, cx, secret, id, &value).await?;
        let value = plain.seal(&there, &row, id).await?;
        row.sealed(id);
        tx.put(&VALUES, &place, &value);
    }
    for gone in before.iter().flat_map(|before| before.versions.keys()) {
        if !secret.versions.contains_key(gone) {
            tx.delete(&VALUES, &key.clone().with(gone));
        }
    }
    tx.put(&SECRETS, &key, &row);
    Ok(())
}
