//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ecr";
    BatchCheckLayerAvailability(shapes::BatchCheckLayerAvailabilityRequest) -> shapes::BatchCheckLayerAvailabilityResponse;
    BatchDeleteImage(shapes::BatchDeleteImageRequest) -> shapes::BatchDeleteImageResponse;
    BatchGetImage(shapes::BatchGetImageRequest) -> shapes::BatchGetImageResponse;
    BatchGetRepositoryScanningConfiguration(shapes::BatchGetRepositoryScanningConfigurationRequest) -> shapes::BatchGetRepositoryScanningConfigurationResponse;
    CompleteLayerUpload(shapes::CompleteLayerUploadRequest) -> shapes::CompleteLayerUploadResponse;
    CreateRepository(shapes::CreateRepositoryRequest) -> shapes::CreateRepositoryResponse;
    DeleteLifecyclePolicy(shapes::DeleteLifecyclePolicyRequest) -> shapes::DeleteLifecyclePolicyResponse;
    DeleteRegistryPolicy(shapes::DeleteRegistryPolicyRequest) -> shapes::DeleteRegistryPolicyResponse;
    DeleteRepository(shapes::DeleteRepositoryRequest) -> shapes::DeleteRepositoryResponse;
    DeleteRepositoryPolicy(shapes::DeleteRepositoryPolicyRequest) -> shapes::DeleteRepositoryPolicyResponse;
    DescribeImageReplicationStatus(shapes::DescribeImageReplicationStatusRequest) -> shapes::DescribeImageReplicationStatusResponse;
    DescribeImages(shapes::DescribeImagesRequest) -> shapes::DescribeImagesResponse;
    DescribeRegistry(shapes::DescribeRegistryRequest) -> shapes::DescribeRegistryResponse;
    DescribeRepositories(shapes::DescribeRepositoriesRequest) -> shapes::DescribeRepositoriesResponse;
    GetAccountSetting(shapes::GetAccountSettingRequest) -> shapes::GetAccountSettingResponse;
    GetAuthorizationToken(shapes::GetAuthorizationTokenRequest) -> shapes::GetAuthorizationTokenResponse;
    GetDownloadUrlForLayer(shapes::GetDownloadUrlForLayerRequest) -> shapes::GetDownloadUrlForLayerResponse;
    GetLifecyclePolicy(shapes::GetLifecyclePolicyRequest) -> shapes::GetLifecyclePolicyResponse;
    GetLifecyclePolicyPreview(shapes::GetLifecyclePolicyPreviewRequest) -> shapes::GetLifecyclePolicyPreviewResponse;
    GetRegistryPolicy(shapes::GetRegistryPolicyRequest) -> shapes::GetRegistryPolicyResponse;
    GetRegistryScanningConfiguration(shapes::GetRegistryScanningConfigurationRequest) -> shapes::GetRegistryScanningConfigurationResponse;
    GetRepositoryPolicy(shapes::GetRepositoryPolicyRequest) -> shapes::GetRepositoryPolicyResponse;
    InitiateLayerUpload(shapes::InitiateLayerUploadRequest) -> shapes::InitiateLayerUploadResponse;
    ListImageReferrers(shapes::ListImageReferrersRequest) -> shapes::ListImageReferrersResponse;
    ListImages(shapes::ListImagesRequest) -> shapes::ListImagesResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    PutAccountSetting(shapes::PutAccountSettingRequest) -> shapes::PutAccountSettingResponse;
    PutImage(shapes::PutImageRequest) -> shapes::PutImageResponse;
    PutImageScanningConfiguration(shapes::PutImageScanningConfigurationRequest) -> shapes::PutImageScanningConfigurationResponse;
    PutImageTagMutability(shapes::PutImageTagMutabilityRequest) -> shapes::PutImageTagMutabilityResponse;
    PutLifecyclePolicy(shapes::PutLifecyclePolicyRequest) -> shapes::PutLifecyclePolicyResponse;
    PutRegistryPolicy(shapes::PutRegistryPolicyRequest) -> shapes::PutRegistryPolicyResponse;
    PutRegistryScanningConfiguration(shapes::PutRegistryScanningConfigurationRequest) -> shapes::PutRegistryScanningConfigurationResponse;
    PutReplicationConfiguration(shapes::PutReplicationConfigurationRequest) -> shapes::PutReplicationConfigurationResponse;
    SetRepositoryPolicy(shapes::SetRepositoryPolicyRequest) -> shapes::SetRepositoryPolicyResponse;
    StartLifecyclePolicyPreview(shapes::StartLifecyclePolicyPreviewRequest) -> shapes::StartLifecyclePolicyPreviewResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
    UploadLayerPart(shapes::UploadLayerPartRequest) -> shapes::UploadLayerPartResponse;
}
