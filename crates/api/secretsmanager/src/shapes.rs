//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct APIErrorType = "APIErrorType" {
        0 secret_id: Option<String>,
        1 error_code: Option<String>,
        2 message: Option<String>,
    }
    pub struct BatchGetSecretValueRequest = "BatchGetSecretValueRequest" {
        0 secret_id_list: Option<Vec<String>>,
        1 filters: Option<Vec<Filter>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
    }
    pub struct BatchGetSecretValueResponse = "BatchGetSecretValueResponse" {
        0 secret_values: Option<Vec<SecretValueEntry>>,
        1 next_token: Option<String>,
        2 errors: Option<Vec<APIErrorType>>,
    }
    pub struct CancelRotateSecretRequest = "CancelRotateSecretRequest" {
        0 secret_id: String,
    }
    pub struct CancelRotateSecretResponse = "CancelRotateSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
    }
    pub struct CreateSecretRequest = "CreateSecretRequest" {
        0 name: String,
        1 client_request_token: Option<String>,
        2 description: Option<String>,
        3 kms_key_id: Option<String>,
        4 secret_binary: Option<Bytes>,
        5 secret_string: Option<String>,
        6 tags: Option<Vec<Tag>>,
        7 add_replica_regions: Option<Vec<ReplicaRegionType>>,
        8 force_overwrite_replica_secret: Option<bool>,
        9 r#type: Option<String>,
        10 cross_account_primary_arn: Option<String>,
    }
    pub struct CreateSecretResponse = "CreateSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
        3 replication_status: Option<Vec<ReplicationStatusType>>,
    }
    pub struct CrossAccountPrimaryType = "CrossAccountPrimaryType" {
        0 primary_secret_arn: Option<String>,
        1 replication_status: Option<String>,
        2 status_message: Option<String>,
    }
    pub struct CrossAccountReplicaEntry = "CrossAccountReplicaEntry" {
        0 replica_secret_arn: Option<String>,
        1 replication_role_arn: Option<String>,
        2 replication_status: Option<String>,
        3 status_message: Option<String>,
    }
    pub struct DeleteResourcePolicyRequest = "DeleteResourcePolicyRequest" {
        0 secret_id: String,
        1 policy_name: Option<String>,
    }
    pub struct DeleteResourcePolicyResponse = "DeleteResourcePolicyResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 policy_name: Option<String>,
    }
    pub struct DeleteSecretRequest = "DeleteSecretRequest" {
        0 secret_id: String,
        1 recovery_window_in_days: Option<i64>,
        2 force_delete_without_recovery: Option<bool>,
    }
    pub struct DeleteSecretResponse = "DeleteSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 deletion_date: Option<Timestamp>,
    }
    pub struct DescribeSecretRequest = "DescribeSecretRequest" {
        0 secret_id: String,
    }
    pub struct DescribeSecretResponse = "DescribeSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 r#type: Option<String>,
        3 description: Option<String>,
        4 kms_key_id: Option<String>,
        5 rotation_enabled: Option<bool>,
        6 rotation_lambda_arn: Option<String>,
        7 rotation_rules: Option<RotationRulesType>,
        8 external_secret_rotation_metadata: Option<Vec<ExternalSecretRotationMetadataItem>>,
        9 external_secret_rotation_role_arn: Option<String>,
        10 last_rotated_date: Option<Timestamp>,
        11 last_changed_date: Option<Timestamp>,
        12 last_accessed_date: Option<Timestamp>,
        13 deleted_date: Option<Timestamp>,
        14 next_rotation_date: Option<Timestamp>,
        15 tags: Option<Vec<Tag>>,
        16 version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
        17 owning_service: Option<String>,
        18 created_date: Option<Timestamp>,
        19 primary_region: Option<String>,
        20 replication_status: Option<Vec<ReplicationStatusType>>,
        21 cross_account_primary: Option<CrossAccountPrimaryType>,
        22 cross_account_replicas: Option<Vec<CrossAccountReplicaEntry>>,
    }
    pub struct ExternalSecretRotationMetadataItem = "ExternalSecretRotationMetadataItem" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct Filter = "Filter" {
        0 key: Option<String>,
        1 values: Option<Vec<String>>,
    }
    pub struct GetRandomPasswordRequest = "GetRandomPasswordRequest" {
        0 password_length: Option<i64>,
        1 exclude_characters: Option<String>,
        2 exclude_numbers: Option<bool>,
        3 exclude_punctuation: Option<bool>,
        4 exclude_uppercase: Option<bool>,
        5 exclude_lowercase: Option<bool>,
        6 include_space: Option<bool>,
        7 require_each_included_type: Option<bool>,
    }
    pub struct GetRandomPasswordResponse = "GetRandomPasswordResponse" {
        0 random_password: Option<String>,
    }
    pub struct GetResourcePolicyRequest = "GetResourcePolicyRequest" {
        0 secret_id: String,
        1 policy_name: Option<String>,
    }
    pub struct GetResourcePolicyResponse = "GetResourcePolicyResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 resource_policy: Option<String>,
        3 policy_name: Option<String>,
    }
    pub struct GetSecretValueRequest = "GetSecretValueRequest" {
        0 secret_id: String,
        1 version_id: Option<String>,
        2 version_stage: Option<String>,
    }
    pub struct GetSecretValueResponse = "GetSecretValueResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
        3 secret_binary: Option<Bytes>,
        4 secret_string: Option<String>,
        5 version_stages: Option<Vec<String>>,
        6 created_date: Option<Timestamp>,
    }
    pub struct ListSecretVersionIdsRequest = "ListSecretVersionIdsRequest" {
        0 secret_id: String,
        1 max_results: Option<i32>,
        2 next_token: Option<String>,
        3 include_deprecated: Option<bool>,
    }
    pub struct ListSecretVersionIdsResponse = "ListSecretVersionIdsResponse" {
        0 versions: Option<Vec<SecretVersionsListEntry>>,
        1 next_token: Option<String>,
        2 arn: Option<String>,
        3 name: Option<String>,
    }
    pub struct ListSecretsRequest = "ListSecretsRequest" {
        0 include_planned_deletion: Option<bool>,
        1 max_results: Option<i32>,
        2 next_token: Option<String>,
        3 filters: Option<Vec<Filter>>,
        4 sort_order: Option<String>,
        5 sort_by: Option<String>,
    }
    pub struct ListSecretsResponse = "ListSecretsResponse" {
        0 secret_list: Option<Vec<SecretListEntry>>,
        1 next_token: Option<String>,
    }
    pub struct PutResourcePolicyRequest = "PutResourcePolicyRequest" {
        0 secret_id: String,
        1 resource_policy: String,
        2 policy_name: Option<String>,
        3 block_public_policy: Option<bool>,
    }
    pub struct PutResourcePolicyResponse = "PutResourcePolicyResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 policy_name: Option<String>,
    }
    pub struct PutSecretValueRequest = "PutSecretValueRequest" {
        0 secret_id: String,
        1 client_request_token: Option<String>,
        2 secret_binary: Option<Bytes>,
        3 secret_string: Option<String>,
        4 version_stages: Option<Vec<String>>,
        5 rotation_token: Option<String>,
    }
    pub struct PutSecretValueResponse = "PutSecretValueResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
        3 version_stages: Option<Vec<String>>,
    }
    pub struct RemoveRegionsFromReplicationRequest = "RemoveRegionsFromReplicationRequest" {
        0 secret_id: String,
        1 remove_replica_regions: Vec<String>,
    }
    pub struct RemoveRegionsFromReplicationResponse = "RemoveRegionsFromReplicationResponse" {
        0 arn: Option<String>,
        1 replication_status: Option<Vec<ReplicationStatusType>>,
    }
    pub struct ReplicaRegionType = "ReplicaRegionType" {
        0 region: Option<String>,
        1 kms_key_id: Option<String>,
    }
    pub struct ReplicateSecretToRegionsRequest = "ReplicateSecretToRegionsRequest" {
        0 secret_id: String,
        1 add_replica_regions: Vec<ReplicaRegionType>,
        2 force_overwrite_replica_secret: Option<bool>,
    }
    pub struct ReplicateSecretToRegionsResponse = "ReplicateSecretToRegionsResponse" {
        0 arn: Option<String>,
        1 replication_status: Option<Vec<ReplicationStatusType>>,
    }
    pub struct ReplicationStatusType = "ReplicationStatusType" {
        0 region: Option<String>,
        1 kms_key_id: Option<String>,
        2 status: Option<String>,
        3 status_message: Option<String>,
        4 last_accessed_date: Option<Timestamp>,
    }
    pub struct RestoreSecretRequest = "RestoreSecretRequest" {
        0 secret_id: String,
    }
    pub struct RestoreSecretResponse = "RestoreSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
    }
    pub struct RotateSecretRequest = "RotateSecretRequest" {
        0 secret_id: String,
        1 client_request_token: Option<String>,
        2 rotation_lambda_arn: Option<String>,
        3 rotation_rules: Option<RotationRulesType>,
        4 external_secret_rotation_metadata: Option<Vec<ExternalSecretRotationMetadataItem>>,
        5 external_secret_rotation_role_arn: Option<String>,
        6 rotate_immediately: Option<bool>,
    }
    pub struct RotateSecretResponse = "RotateSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
    }
    pub struct RotationRulesType = "RotationRulesType" {
        0 automatically_after_days: Option<i64>,
        1 duration: Option<String>,
        2 schedule_expression: Option<String>,
    }
    pub struct SecretListEntry = "SecretListEntry" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 r#type: Option<String>,
        3 description: Option<String>,
        4 kms_key_id: Option<String>,
        5 rotation_enabled: Option<bool>,
        6 rotation_lambda_arn: Option<String>,
        7 rotation_rules: Option<RotationRulesType>,
        8 external_secret_rotation_metadata: Option<Vec<ExternalSecretRotationMetadataItem>>,
        9 external_secret_rotation_role_arn: Option<String>,
        10 last_rotated_date: Option<Timestamp>,
        11 last_changed_date: Option<Timestamp>,
        12 last_accessed_date: Option<Timestamp>,
        13 deleted_date: Option<Timestamp>,
        14 next_rotation_date: Option<Timestamp>,
        15 tags: Option<Vec<Tag>>,
        16 secret_versions_to_stages: Option<BTreeMap<String, Vec<String>>>,
        17 owning_service: Option<String>,
        18 created_date: Option<Timestamp>,
        19 primary_region: Option<String>,
    }
    pub struct SecretValueEntry = "SecretValueEntry" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
        3 secret_binary: Option<Bytes>,
        4 secret_string: Option<String>,
        5 version_stages: Option<Vec<String>>,
        6 created_date: Option<Timestamp>,
    }
    pub struct SecretVersionsListEntry = "SecretVersionsListEntry" {
        0 version_id: Option<String>,
        1 version_stages: Option<Vec<String>>,
        2 last_accessed_date: Option<Timestamp>,
        3 created_date: Option<Timestamp>,
        4 kms_key_ids: Option<Vec<String>>,
    }
    pub struct StopReplicationToReplicaRequest = "StopReplicationToReplicaRequest" {
        0 secret_id: String,
    }
    pub struct StopReplicationToReplicaResponse = "StopReplicationToReplicaResponse" {
        0 arn: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 secret_id: String,
        1 tags: Vec<Tag>,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 secret_id: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UpdateSecretRequest = "UpdateSecretRequest" {
        0 secret_id: String,
        1 client_request_token: Option<String>,
        2 description: Option<String>,
        3 kms_key_id: Option<String>,
        4 secret_binary: Option<Bytes>,
        5 secret_string: Option<String>,
        6 r#type: Option<String>,
    }
    pub struct UpdateSecretResponse = "UpdateSecretResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
        2 version_id: Option<String>,
    }
    pub struct UpdateSecretVersionStageRequest = "UpdateSecretVersionStageRequest" {
        0 secret_id: String,
        1 version_stage: String,
        2 remove_from_version_id: Option<String>,
        3 move_to_version_id: Option<String>,
    }
    pub struct UpdateSecretVersionStageResponse = "UpdateSecretVersionStageResponse" {
        0 arn: Option<String>,
        1 name: Option<String>,
    }
    pub struct ValidateResourcePolicyRequest = "ValidateResourcePolicyRequest" {
        0 secret_id: Option<String>,
        1 resource_policy: String,
    }
    pub struct ValidateResourcePolicyResponse = "ValidateResourcePolicyResponse" {
        0 policy_validation_passed: Option<bool>,
        1 validation_errors: Option<Vec<ValidationErrorsEntry>>,
    }
    pub struct ValidationErrorsEntry = "ValidationErrorsEntry" {
        0 check_name: Option<String>,
        1 error_message: Option<String>,
    }
}
