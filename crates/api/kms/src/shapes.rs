//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AliasListEntry = "AliasListEntry" {
        0 alias_name: Option<String>,
        1 alias_arn: Option<String>,
        2 target_key_id: Option<String>,
        3 creation_date: Option<Timestamp>,
        4 last_updated_date: Option<Timestamp>,
    }
    pub struct CancelKeyDeletionRequest = "CancelKeyDeletionRequest" {
        0 key_id: String,
    }
    pub struct CancelKeyDeletionResponse = "CancelKeyDeletionResponse" {
        0 key_id: Option<String>,
    }
    pub struct CreateAliasRequest = "CreateAliasRequest" {
        0 alias_name: String,
        1 target_key_id: String,
    }
    pub struct CreateGrantRequest = "CreateGrantRequest" {
        0 key_id: String,
        1 grantee_principal: Option<String>,
        2 retiring_principal: Option<String>,
        3 operations: Vec<String>,
        4 constraints: Option<GrantConstraints>,
        5 grant_tokens: Option<Vec<String>>,
        6 name: Option<String>,
        7 dry_run: Option<bool>,
        8 grantee_service_principal: Option<String>,
        9 retiring_service_principal: Option<String>,
    }
    pub struct CreateGrantResponse = "CreateGrantResponse" {
        0 grant_token: Option<String>,
        1 grant_id: Option<String>,
    }
    pub struct CreateKeyRequest = "CreateKeyRequest" {
        0 policy: Option<String>,
        1 description: Option<String>,
        2 key_usage: Option<String>,
        3 customer_master_key_spec: Option<String>,
        4 key_spec: Option<String>,
        5 origin: Option<String>,
        6 custom_key_store_id: Option<String>,
        7 bypass_policy_lockout_safety_check: Option<bool>,
        8 tags: Option<Vec<Tag>>,
        9 multi_region: Option<bool>,
        10 xks_key_id: Option<String>,
    }
    pub struct CreateKeyResponse = "CreateKeyResponse" {
        0 key_metadata: Option<KeyMetadata>,
    }
    pub struct DecryptRequest = "DecryptRequest" {
        0 ciphertext_blob: Option<Bytes>,
        1 encryption_context: Option<BTreeMap<String, String>>,
        2 grant_tokens: Option<Vec<String>>,
        3 key_id: Option<String>,
        4 encryption_algorithm: Option<String>,
        5 recipient: Option<RecipientInfo>,
        6 dry_run: Option<bool>,
        7 dry_run_modifiers: Option<Vec<String>>,
    }
    pub struct DecryptResponse = "DecryptResponse" {
        0 key_id: Option<String>,
        1 plaintext: Option<Bytes>,
        2 encryption_algorithm: Option<String>,
        3 ciphertext_for_recipient: Option<Bytes>,
        4 key_material_id: Option<String>,
    }
    pub struct DeleteAliasRequest = "DeleteAliasRequest" {
        0 alias_name: String,
    }
    pub struct DeleteImportedKeyMaterialRequest = "DeleteImportedKeyMaterialRequest" {
        0 key_id: String,
        1 key_material_id: Option<String>,
    }
    pub struct DeleteImportedKeyMaterialResponse = "DeleteImportedKeyMaterialResponse" {
        0 key_id: Option<String>,
        1 key_material_id: Option<String>,
    }
    pub struct DeriveSharedSecretRequest = "DeriveSharedSecretRequest" {
        0 key_id: String,
        1 key_agreement_algorithm: String,
        2 public_key: Bytes,
        3 grant_tokens: Option<Vec<String>>,
        4 dry_run: Option<bool>,
        5 recipient: Option<RecipientInfo>,
    }
    pub struct DeriveSharedSecretResponse = "DeriveSharedSecretResponse" {
        0 key_id: Option<String>,
        1 shared_secret: Option<Bytes>,
        2 ciphertext_for_recipient: Option<Bytes>,
        3 key_agreement_algorithm: Option<String>,
        4 key_origin: Option<String>,
    }
    pub struct DescribeKeyRequest = "DescribeKeyRequest" {
        0 key_id: String,
        1 grant_tokens: Option<Vec<String>>,
    }
    pub struct DescribeKeyResponse = "DescribeKeyResponse" {
        0 key_metadata: Option<KeyMetadata>,
    }
    pub struct DisableKeyRequest = "DisableKeyRequest" {
        0 key_id: String,
    }
    pub struct DisableKeyRotationRequest = "DisableKeyRotationRequest" {
        0 key_id: String,
    }
    pub struct EnableKeyRequest = "EnableKeyRequest" {
        0 key_id: String,
    }
    pub struct EnableKeyRotationRequest = "EnableKeyRotationRequest" {
        0 key_id: String,
        1 rotation_period_in_days: Option<i32>,
    }
    pub struct EncryptRequest = "EncryptRequest" {
        0 key_id: String,
        1 plaintext: Bytes,
        2 encryption_context: Option<BTreeMap<String, String>>,
        3 grant_tokens: Option<Vec<String>>,
        4 encryption_algorithm: Option<String>,
        5 dry_run: Option<bool>,
    }
    pub struct EncryptResponse = "EncryptResponse" {
        0 ciphertext_blob: Option<Bytes>,
        1 key_id: Option<String>,
        2 encryption_algorithm: Option<String>,
    }
    pub struct GenerateDataKeyPairRequest = "GenerateDataKeyPairRequest" {
        0 encryption_context: Option<BTreeMap<String, String>>,
        1 key_id: String,
        2 key_pair_spec: String,
        3 grant_tokens: Option<Vec<String>>,
        4 recipient: Option<RecipientInfo>,
        5 dry_run: Option<bool>,
    }
    pub struct GenerateDataKeyPairResponse = "GenerateDataKeyPairResponse" {
        0 private_key_ciphertext_blob: Option<Bytes>,
        1 private_key_plaintext: Option<Bytes>,
        2 public_key: Option<Bytes>,
        3 key_id: Option<String>,
        4 key_pair_spec: Option<String>,
        5 ciphertext_for_recipient: Option<Bytes>,
        6 key_material_id: Option<String>,
    }
    pub struct GenerateDataKeyPairWithoutPlaintextRequest = "GenerateDataKeyPairWithoutPlaintextRequest" {
        0 encryption_context: Option<BTreeMap<String, String>>,
        1 key_id: String,
        2 key_pair_spec: String,
        3 grant_tokens: Option<Vec<String>>,
        4 dry_run: Option<bool>,
    }
    pub struct GenerateDataKeyPairWithoutPlaintextResponse = "GenerateDataKeyPairWithoutPlaintextResponse" {
        0 private_key_ciphertext_blob: Option<Bytes>,
        1 public_key: Option<Bytes>,
        2 key_id: Option<String>,
        3 key_pair_spec: Option<String>,
        4 key_material_id: Option<String>,
    }
    pub struct GenerateDataKeyRequest = "GenerateDataKeyRequest" {
        0 key_id: String,
        1 encryption_context: Option<BTreeMap<String, String>>,
        2 number_of_bytes: Option<i32>,
        3 key_spec: Option<String>,
        4 grant_tokens: Option<Vec<String>>,
        5 recipient: Option<RecipientInfo>,
        6 dry_run: Option<bool>,
    }
    pub struct GenerateDataKeyResponse = "GenerateDataKeyResponse" {
        0 ciphertext_blob: Option<Bytes>,
        1 plaintext: Option<Bytes>,
        2 key_id: Option<String>,
        3 ciphertext_for_recipient: Option<Bytes>,
        4 key_material_id: Option<String>,
    }
    pub struct GenerateDataKeyWithoutPlaintextRequest = "GenerateDataKeyWithoutPlaintextRequest" {
        0 key_id: String,
        1 encryption_context: Option<BTreeMap<String, String>>,
        2 key_spec: Option<String>,
        3 number_of_bytes: Option<i32>,
        4 grant_tokens: Option<Vec<String>>,
        5 dry_run: Option<bool>,
    }
    pub struct GenerateDataKeyWithoutPlaintextResponse = "GenerateDataKeyWithoutPlaintextResponse" {
        0 ciphertext_blob: Option<Bytes>,
        1 key_id: Option<String>,
        2 key_material_id: Option<String>,
    }
    pub struct GenerateMacRequest = "GenerateMacRequest" {
        0 message: Bytes,
        1 key_id: String,
        2 mac_algorithm: String,
        3 grant_tokens: Option<Vec<String>>,
        4 dry_run: Option<bool>,
    }
    pub struct GenerateMacResponse = "GenerateMacResponse" {
        0 mac: Option<Bytes>,
        1 mac_algorithm: Option<String>,
        2 key_id: Option<String>,
    }
    pub struct GenerateRandomRequest = "GenerateRandomRequest" {
        0 number_of_bytes: Option<i32>,
        1 custom_key_store_id: Option<String>,
        2 recipient: Option<RecipientInfo>,
    }
    pub struct GenerateRandomResponse = "GenerateRandomResponse" {
        0 plaintext: Option<Bytes>,
        1 ciphertext_for_recipient: Option<Bytes>,
    }
    pub struct GetKeyPolicyRequest = "GetKeyPolicyRequest" {
        0 key_id: String,
        1 policy_name: Option<String>,
    }
    pub struct GetKeyPolicyResponse = "GetKeyPolicyResponse" {
        0 policy: Option<String>,
        1 policy_name: Option<String>,
    }
    pub struct GetKeyRotationStatusRequest = "GetKeyRotationStatusRequest" {
        0 key_id: String,
    }
    pub struct GetKeyRotationStatusResponse = "GetKeyRotationStatusResponse" {
        0 key_rotation_enabled: Option<bool>,
        1 key_id: Option<String>,
        2 rotation_period_in_days: Option<i32>,
        3 next_rotation_date: Option<Timestamp>,
        4 on_demand_rotation_start_date: Option<Timestamp>,
    }
    pub struct GetParametersForImportRequest = "GetParametersForImportRequest" {
        0 key_id: String,
        1 wrapping_algorithm: String,
        2 wrapping_key_spec: String,
    }
    pub struct GetParametersForImportResponse = "GetParametersForImportResponse" {
        0 key_id: Option<String>,
        1 import_token: Option<Bytes>,
        2 public_key: Option<Bytes>,
        3 parameters_valid_to: Option<Timestamp>,
    }
    pub struct GetPublicKeyRequest = "GetPublicKeyRequest" {
        0 key_id: String,
        1 grant_tokens: Option<Vec<String>>,
    }
    pub struct GetPublicKeyResponse = "GetPublicKeyResponse" {
        0 key_id: Option<String>,
        1 public_key: Option<Bytes>,
        2 customer_master_key_spec: Option<String>,
        3 key_spec: Option<String>,
        4 key_usage: Option<String>,
        5 encryption_algorithms: Option<Vec<String>>,
        6 signing_algorithms: Option<Vec<String>>,
        7 key_agreement_algorithms: Option<Vec<String>>,
        8 encapsulation_algorithms: Option<Vec<String>>,
    }
    pub struct GrantConstraints = "GrantConstraints" {
        0 encryption_context_subset: Option<BTreeMap<String, String>>,
        1 encryption_context_equals: Option<BTreeMap<String, String>>,
        2 source_arn: Option<String>,
    }
    pub struct GrantListEntry = "GrantListEntry" {
        0 key_id: Option<String>,
        1 grant_id: Option<String>,
        2 name: Option<String>,
        3 creation_date: Option<Timestamp>,
        4 grantee_principal: Option<String>,
        5 retiring_principal: Option<String>,
        6 issuing_account: Option<String>,
        7 operations: Option<Vec<String>>,
        8 constraints: Option<GrantConstraints>,
        9 grantee_service_principal: Option<String>,
        10 retiring_service_principal: Option<String>,
    }
    pub struct ImportKeyMaterialRequest = "ImportKeyMaterialRequest" {
        0 key_id: String,
        1 import_token: Bytes,
        2 encrypted_key_material: Bytes,
        3 valid_to: Option<Timestamp>,
        4 expiration_model: Option<String>,
        5 import_type: Option<String>,
        6 key_material_description: Option<String>,
        7 key_material_id: Option<String>,
    }
    pub struct ImportKeyMaterialResponse = "ImportKeyMaterialResponse" {
        0 key_id: Option<String>,
        1 key_material_id: Option<String>,
    }
    pub struct KeyListEntry = "KeyListEntry" {
        0 key_id: Option<String>,
        1 key_arn: Option<String>,
    }
    pub struct KeyMetadata = "KeyMetadata" {
        0 aws_account_id: Option<String>,
        1 key_id: String,
        2 arn: Option<String>,
        3 creation_date: Option<Timestamp>,
        4 enabled: Option<bool>,
        5 description: Option<String>,
        6 key_usage: Option<String>,
        7 key_state: Option<String>,
        8 deletion_date: Option<Timestamp>,
        9 valid_to: Option<Timestamp>,
        10 origin: Option<String>,
        11 custom_key_store_id: Option<String>,
        12 cloud_hsm_cluster_id: Option<String>,
        13 expiration_model: Option<String>,
        14 key_manager: Option<String>,
        15 customer_master_key_spec: Option<String>,
        16 key_spec: Option<String>,
        17 encryption_algorithms: Option<Vec<String>>,
        18 signing_algorithms: Option<Vec<String>>,
        19 key_agreement_algorithms: Option<Vec<String>>,
        20 encapsulation_algorithms: Option<Vec<String>>,
        21 multi_region: Option<bool>,
        22 multi_region_configuration: Option<MultiRegionConfiguration>,
        23 pending_deletion_window_in_days: Option<i32>,
        24 mac_algorithms: Option<Vec<String>>,
        25 xks_key_configuration: Option<XksKeyConfigurationType>,
        26 current_key_material_id: Option<String>,
    }
    pub struct ListAliasesRequest = "ListAliasesRequest" {
        0 key_id: Option<String>,
        1 limit: Option<i32>,
        2 marker: Option<String>,
    }
    pub struct ListAliasesResponse = "ListAliasesResponse" {
        0 aliases: Option<Vec<AliasListEntry>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListGrantsRequest = "ListGrantsRequest" {
        0 limit: Option<i32>,
        1 marker: Option<String>,
        2 key_id: String,
        3 grant_id: Option<String>,
        4 grantee_principal: Option<String>,
        5 grantee_service_principal: Option<String>,
    }
    pub struct ListGrantsResponse = "ListGrantsResponse" {
        0 grants: Option<Vec<GrantListEntry>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListKeyPoliciesRequest = "ListKeyPoliciesRequest" {
        0 key_id: String,
        1 limit: Option<i32>,
        2 marker: Option<String>,
    }
    pub struct ListKeyPoliciesResponse = "ListKeyPoliciesResponse" {
        0 policy_names: Option<Vec<String>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListKeyRotationsRequest = "ListKeyRotationsRequest" {
        0 key_id: String,
        1 include_key_material: Option<String>,
        2 limit: Option<i32>,
        3 marker: Option<String>,
    }
    pub struct ListKeyRotationsResponse = "ListKeyRotationsResponse" {
        0 rotations: Option<Vec<RotationsListEntry>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListKeysRequest = "ListKeysRequest" {
        0 limit: Option<i32>,
        1 marker: Option<String>,
        2 resource_owners: Option<Vec<String>>,
    }
    pub struct ListKeysResponse = "ListKeysResponse" {
        0 keys: Option<Vec<KeyListEntry>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListResourceTagsRequest = "ListResourceTagsRequest" {
        0 key_id: String,
        1 limit: Option<i32>,
        2 marker: Option<String>,
    }
    pub struct ListResourceTagsResponse = "ListResourceTagsResponse" {
        0 tags: Option<Vec<Tag>>,
        1 next_marker: Option<String>,
        2 truncated: Option<bool>,
    }
    pub struct ListRetirableGrantsRequest = "ListRetirableGrantsRequest" {
        0 limit: Option<i32>,
        1 marker: Option<String>,
        2 retiring_principal: Option<String>,
        3 retiring_service_principal: Option<String>,
    }
    pub struct MultiRegionConfiguration = "MultiRegionConfiguration" {
        0 multi_region_key_type: Option<String>,
        1 primary_key: Option<MultiRegionKey>,
        2 replica_keys: Option<Vec<MultiRegionKey>>,
    }
    pub struct MultiRegionKey = "MultiRegionKey" {
        0 arn: Option<String>,
        1 region: Option<String>,
    }
    pub struct PutKeyPolicyRequest = "PutKeyPolicyRequest" {
        0 key_id: String,
        1 policy_name: Option<String>,
        2 policy: String,
        3 bypass_policy_lockout_safety_check: Option<bool>,
    }
    pub struct ReEncryptRequest = "ReEncryptRequest" {
        0 ciphertext_blob: Option<Bytes>,
        1 source_encryption_context: Option<BTreeMap<String, String>>,
        2 source_key_id: Option<String>,
        3 destination_key_id: String,
        4 destination_encryption_context: Option<BTreeMap<String, String>>,
        5 source_encryption_algorithm: Option<String>,
        6 destination_encryption_algorithm: Option<String>,
        7 grant_tokens: Option<Vec<String>>,
        8 dry_run: Option<bool>,
        9 dry_run_modifiers: Option<Vec<String>>,
    }
    pub struct ReEncryptResponse = "ReEncryptResponse" {
        0 ciphertext_blob: Option<Bytes>,
        1 source_key_id: Option<String>,
        2 key_id: Option<String>,
        3 source_encryption_algorithm: Option<String>,
        4 destination_encryption_algorithm: Option<String>,
        5 source_key_material_id: Option<String>,
        6 destination_key_material_id: Option<String>,
    }
    pub struct RecipientInfo = "RecipientInfo" {
        0 key_encryption_algorithm: Option<String>,
        1 attestation_document: Option<Bytes>,
    }
    pub struct RetireGrantRequest = "RetireGrantRequest" {
        0 grant_token: Option<String>,
        1 key_id: Option<String>,
        2 grant_id: Option<String>,
        3 dry_run: Option<bool>,
    }
    pub struct RevokeGrantRequest = "RevokeGrantRequest" {
        0 key_id: String,
        1 grant_id: String,
        2 dry_run: Option<bool>,
    }
    pub struct RotateKeyOnDemandRequest = "RotateKeyOnDemandRequest" {
        0 key_id: String,
    }
    pub struct RotateKeyOnDemandResponse = "RotateKeyOnDemandResponse" {
        0 key_id: Option<String>,
    }
    pub struct RotationsListEntry = "RotationsListEntry" {
        0 key_id: Option<String>,
        1 key_material_id: Option<String>,
        2 key_material_description: Option<String>,
        3 import_state: Option<String>,
        4 key_material_state: Option<String>,
        5 expiration_model: Option<String>,
        6 valid_to: Option<Timestamp>,
        7 rotation_date: Option<Timestamp>,
        8 rotation_type: Option<String>,
    }
    pub struct ScheduleKeyDeletionRequest = "ScheduleKeyDeletionRequest" {
        0 key_id: String,
        1 pending_window_in_days: Option<i32>,
    }
    pub struct ScheduleKeyDeletionResponse = "ScheduleKeyDeletionResponse" {
        0 key_id: Option<String>,
        1 deletion_date: Option<Timestamp>,
        2 key_state: Option<String>,
        3 pending_window_in_days: Option<i32>,
    }
    pub struct SignRequest = "SignRequest" {
        0 key_id: String,
        1 message: Bytes,
        2 message_type: Option<String>,
        3 grant_tokens: Option<Vec<String>>,
        4 signing_algorithm: String,
        5 dry_run: Option<bool>,
    }
    pub struct SignResponse = "SignResponse" {
        0 key_id: Option<String>,
        1 signature: Option<Bytes>,
        2 signing_algorithm: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 tag_key: String,
        1 tag_value: String,
    }
    pub struct TagResourceRequest = "TagResourceRequest" {
        0 key_id: String,
        1 tags: Vec<Tag>,
    }
    pub struct UntagResourceRequest = "UntagResourceRequest" {
        0 key_id: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UpdateAliasRequest = "UpdateAliasRequest" {
        0 alias_name: String,
        1 target_key_id: String,
    }
    pub struct UpdateKeyDescriptionRequest = "UpdateKeyDescriptionRequest" {
        0 key_id: String,
        1 description: String,
    }
    pub struct VerifyMacRequest = "VerifyMacRequest" {
        0 message: Bytes,
        1 key_id: String,
        2 mac_algorithm: String,
        3 mac: Bytes,
        4 grant_tokens: Option<Vec<String>>,
        5 dry_run: Option<bool>,
    }
    pub struct VerifyMacResponse = "VerifyMacResponse" {
        0 key_id: Option<String>,
        1 mac_valid: Option<bool>,
        2 mac_algorithm: Option<String>,
    }
    pub struct VerifyRequest = "VerifyRequest" {
        0 key_id: String,
        1 message: Bytes,
        2 message_type: Option<String>,
        3 signature: Bytes,
        4 signing_algorithm: String,
        5 grant_tokens: Option<Vec<String>>,
        6 dry_run: Option<bool>,
    }
    pub struct VerifyResponse = "VerifyResponse" {
        0 key_id: Option<String>,
        1 signature_valid: Option<bool>,
        2 signing_algorithm: Option<String>,
    }
    pub struct XksKeyConfigurationType = "XksKeyConfigurationType" {
        0 id: Option<String>,
    }
}
