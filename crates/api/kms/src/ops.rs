//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "kms";
    CancelKeyDeletion(shapes::CancelKeyDeletionRequest) -> shapes::CancelKeyDeletionResponse;
    CreateAlias(shapes::CreateAliasRequest) -> gantry_wire::Unit;
    CreateGrant(shapes::CreateGrantRequest) -> shapes::CreateGrantResponse;
    CreateKey(shapes::CreateKeyRequest) -> shapes::CreateKeyResponse;
    Decrypt(shapes::DecryptRequest) -> shapes::DecryptResponse;
    DeleteAlias(shapes::DeleteAliasRequest) -> gantry_wire::Unit;
    DeleteImportedKeyMaterial(shapes::DeleteImportedKeyMaterialRequest) -> shapes::DeleteImportedKeyMaterialResponse;
    DeriveSharedSecret(shapes::DeriveSharedSecretRequest) -> shapes::DeriveSharedSecretResponse;
    DescribeKey(shapes::DescribeKeyRequest) -> shapes::DescribeKeyResponse;
    DisableKey(shapes::DisableKeyRequest) -> gantry_wire::Unit;
    DisableKeyRotation(shapes::DisableKeyRotationRequest) -> gantry_wire::Unit;
    EnableKey(shapes::EnableKeyRequest) -> gantry_wire::Unit;
    EnableKeyRotation(shapes::EnableKeyRotationRequest) -> gantry_wire::Unit;
    Encrypt(shapes::EncryptRequest) -> shapes::EncryptResponse;
    GenerateDataKey(shapes::GenerateDataKeyRequest) -> shapes::GenerateDataKeyResponse;
    GenerateDataKeyPair(shapes::GenerateDataKeyPairRequest) -> shapes::GenerateDataKeyPairResponse;
    GenerateDataKeyPairWithoutPlaintext(shapes::GenerateDataKeyPairWithoutPlaintextRequest) -> shapes::GenerateDataKeyPairWithoutPlaintextResponse;
    GenerateDataKeyWithoutPlaintext(shapes::GenerateDataKeyWithoutPlaintextRequest) -> shapes::GenerateDataKeyWithoutPlaintextResponse;
    GenerateMac(shapes::GenerateMacRequest) -> shapes::GenerateMacResponse;
    GenerateRandom(shapes::GenerateRandomRequest) -> shapes::GenerateRandomResponse;
    GetKeyPolicy(shapes::GetKeyPolicyRequest) -> shapes::GetKeyPolicyResponse;
    GetKeyRotationStatus(shapes::GetKeyRotationStatusRequest) -> shapes::GetKeyRotationStatusResponse;
    GetParametersForImport(shapes::GetParametersForImportRequest) -> shapes::GetParametersForImportResponse;
    GetPublicKey(shapes::GetPublicKeyRequest) -> shapes::GetPublicKeyResponse;
    ImportKeyMaterial(shapes::ImportKeyMaterialRequest) -> shapes::ImportKeyMaterialResponse;
    ListAliases(shapes::ListAliasesRequest) -> shapes::ListAliasesResponse;
    ListGrants(shapes::ListGrantsRequest) -> shapes::ListGrantsResponse;
    ListKeyPolicies(shapes::ListKeyPoliciesRequest) -> shapes::ListKeyPoliciesResponse;
    ListKeyRotations(shapes::ListKeyRotationsRequest) -> shapes::ListKeyRotationsResponse;
    ListKeys(shapes::ListKeysRequest) -> shapes::ListKeysResponse;
    ListResourceTags(shapes::ListResourceTagsRequest) -> shapes::ListResourceTagsResponse;
    ListRetirableGrants(shapes::ListRetirableGrantsRequest) -> shapes::ListGrantsResponse;
    PutKeyPolicy(shapes::PutKeyPolicyRequest) -> gantry_wire::Unit;
    ReEncrypt(shapes::ReEncryptRequest) -> shapes::ReEncryptResponse;
    RetireGrant(shapes::RetireGrantRequest) -> gantry_wire::Unit;
    RevokeGrant(shapes::RevokeGrantRequest) -> gantry_wire::Unit;
    RotateKeyOnDemand(shapes::RotateKeyOnDemandRequest) -> shapes::RotateKeyOnDemandResponse;
    ScheduleKeyDeletion(shapes::ScheduleKeyDeletionRequest) -> shapes::ScheduleKeyDeletionResponse;
    Sign(shapes::SignRequest) -> shapes::SignResponse;
    TagResource(shapes::TagResourceRequest) -> gantry_wire::Unit;
    UntagResource(shapes::UntagResourceRequest) -> gantry_wire::Unit;
    UpdateAlias(shapes::UpdateAliasRequest) -> gantry_wire::Unit;
    UpdateKeyDescription(shapes::UpdateKeyDescriptionRequest) -> gantry_wire::Unit;
    Verify(shapes::VerifyRequest) -> shapes::VerifyResponse;
    VerifyMac(shapes::VerifyMacRequest) -> shapes::VerifyMacResponse;
}
