//! Leases. etcd keeps their time in whole seconds, and gives each its whole time again at a change of its leader.

use std::time::Duration;

use gantry_base::{Ids, OsIds};
use gantry_etcd_api as api;
use tonic::Status;

use super::cluster::{Cluster, Refusal, with_leader};
use crate::error::StoreError;
use crate::kv::LeaseId;

pub(super) async fn grant(cluster: &Cluster, ttl: Duration) -> Result<LeaseId, StoreError> {
    if ttl.is_zero() {
        return Err(StoreError::Invalid("a lease needs some time to live".into()));
    }
    // A number of our own choice, so that asking twice makes one lease.
    let mut bytes = [0; 8];
    OsIds.fill(&mut bytes);
    let id = (i64::from_le_bytes(bytes) & i64::MAX).max(1);
    let seconds = i64::try_from(ttl.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
    let granted = cluster
        .ask(|member| async move {
            let request = with_leader(api::LeaseGrantRequest { ttl: seconds, id });
            Ok(Cluster::lease(member).lease_grant(request).await?.into_inner())
        })
        .await;
    match granted {
        Ok(_) | Err(Refusal::LeaseExists) => Ok(LeaseId(id.unsigned_abs())),
        Err(refusal) => Err(refusal.into()),
    }
}

pub(super) async fn keep_alive(cluster: &Cluster, lease: LeaseId) -> Result<Duration, StoreError> {
    let Ok(id) = i64::try_from(lease.0) else { return Err(StoreError::NoLease(lease)) };
    let answer = cluster
        .ask(|member| async move {
            let requests = futures::stream::iter([api::LeaseKeepAliveRequest { id }]);
            let mut answers =
                Cluster::lease(member).lease_keep_alive(with_leader(requests)).await?.into_inner();
            answers.message().await?.ok_or_else(|| Status::unavailable("the member hung up"))
        })
        .await;
    match answer {
        Ok(answer) if answer.ttl > 0 => Ok(Duration::from_secs(answer.ttl.unsigned_abs())),
        Ok(_) | Err(Refusal::NoLease) => Err(StoreError::NoLease(lease)),
        Err(refusal) => Err(refusal.into()),
    }
}

pub(super) async fn revoke(cluster: &Cluster, lease: LeaseId) -> Result<(), StoreError> {
    let Ok(id) = i64::try_from(lease.0) else { return Err(StoreError::NoLease(lease)) };
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let revoked = cluster
        .ask(|member| {
            tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move {
                let request = with_leader(api::LeaseRevokeRequest { id });
                Ok(Cluster::lease(member).lease_revoke(request).await?.into_inner())
            }
        })
        .await;
    match revoked {
        Ok(_) => Ok(()),
        // A try before this one may have done it.
        Err(Refusal::NoLease) if tries.into_inner() > 1 => Ok(()),
        Err(Refusal::NoLease) => Err(StoreError::NoLease(lease)),
        Err(refusal) => Err(refusal.into()),
    }
}
