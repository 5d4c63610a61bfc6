//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "secretsmanager";
    BatchGetSecretValue(shapes::BatchGetSecretValueRequest) -> shapes::BatchGetSecretValueResponse;
    CancelRotateSecret(shapes::CancelRotateSecretRequest) -> shapes::CancelRotateSecretResponse;
    CreateSecret(shapes::CreateSecretRequest) -> shapes::CreateSecretResponse;
    DeleteResourcePolicy(shapes::DeleteResourcePolicyRequest) -> shapes::DeleteResourcePolicyResponse;
    DeleteSecret(shapes::DeleteSecretRequest) -> shapes::DeleteSecretResponse;
    DescribeSecret(shapes::DescribeSecretRequest) -> shapes::DescribeSecretResponse;
    GetRandomPassword(shapes::GetRandomPasswordRequest) -> shapes::GetRandomPasswordResponse;
    GetResourcePolicy(shapes::GetResourcePolicyRequest) -> shapes::GetResourcePolicyResponse;
    GetSecretValue(shapes::GetSecretValueRequest) -> shapes::GetSecretValueResponse;
    ListSecretVersionIds(shapes::ListSecretVersionIdsRequest) -> shapes::ListSecretVersionIdsResponse;
    ListSecrets(shapes::ListSecretsRequest) -> shapes::ListSecretsResponse;
    PutResourcePolicy(shapes::PutResourcePolicyRequest) -> shapes::PutResourcePolicyResponse;
    PutSecretValue(shapes::PutSecretValueRequest) -> shapes::PutSecretValueResponse;
    RemoveRegionsFromReplication(shapes::RemoveRegionsFromReplicationRequest) -> shapes::RemoveRegionsFromReplicationResponse;
    ReplicateSecretToRegions(shapes::ReplicateSecretToRegionsRequest) -> shapes::ReplicateSecretToRegionsResponse;
    RestoreSecret(shapes::RestoreSecretRequest) -> shapes::RestoreSecretResponse;
    RotateSecret(shapes::RotateSecretRequest) -> shapes::RotateSecretResponse;
    StopReplicationToReplica(shapes::StopReplicationToReplicaRequest) -> shapes::StopReplicationToReplicaResponse;
    TagResource(shapes::TagResourceRequest) -> gantry_wire::Unit;
    UntagResource(shapes::UntagResourceRequest) -> gantry_wire::Unit;
    UpdateSecret(shapes::UpdateSecretRequest) -> shapes::UpdateSecretResponse;
    UpdateSecretVersionStage(shapes::UpdateSecretVersionStageRequest) -> shapes::UpdateSecretVersionStageResponse;
    ValidateResourcePolicy(shapes::ValidateResourcePolicyRequest) -> shapes::ValidateResourcePolicyResponse;
}
