//! Secrets Manager: named secrets with versions, and labels that say which version is current.

mod answer;
pub mod error;
pub mod name;
pub mod ops;
mod policy;
mod replication;
pub mod table;
pub mod versions;

use std::sync::Arc;

use gantry_api_secretsmanager as api;
use gantry_service::Registry;

use crate::Secrets;

pub(crate) fn register(registry: &mut Registry, secrets: &Arc<Secrets>) {
    crate::serve! {
        registry, secrets, api;
        BatchGetSecretValue: batch_get_secret_value,
        CancelRotateSecret: cancel_rotate_secret,
        CreateSecret: create_secret,
        DeleteResourcePolicy: delete_resource_policy,
        DeleteSecret: delete_secret,
        DescribeSecret: describe_secret,
        GetRandomPassword: get_random_password,
        GetResourcePolicy: get_resource_policy,
        GetSecretValue: get_secret_value,
        ListSecretVersionIds: list_secret_version_ids,
        ListSecrets: list_secrets,
        PutResourcePolicy: put_resource_policy,
        PutSecretValue: put_secret_value,
        RemoveRegionsFromReplication: remove_regions_from_replication,
        ReplicateSecretToRegions: replicate_secret_to_regions,
        RestoreSecret: restore_secret,
        RotateSecret: rotate_secret,
        StopReplicationToReplica: stop_replication_to_replica,
        TagResource: tag_resource,
        UntagResource: untag_resource,
        UpdateSecret: update_secret,
        UpdateSecretVersionStage: update_secret_version_stage,
        ValidateResourcePolicy: validate_resource_policy,
    }
}
