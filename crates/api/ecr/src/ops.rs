//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ecr";
    BatchCheckLayerAvailability(shapes::BatchCheckLayerAvailabilityRequest) -> shapes::BatchCheckLayerAvailabilityResponse;
    BatchDeleteImage(shapes::BatchDeleteImageRequest) -> shapes::BatchDeleteImageResponse;
    BatchGetImage(shapes::BatchGetImageRequest) -> shapes::BatchGetImageResponse;
    CompleteLayerUpload(shapes::CompleteLayerUploadRequest) -> shapes::CompleteLayerUploadResponse;
    CreateRepository(shapes::CreateRepositoryRequest) -> shapes::CreateRepositoryResponse;
    DeleteRegistryPolicy(shapes::DeleteRegistryPolicyRequest) -> shapes::DeleteRegistryPolicyResponse;
    DeleteRepository(shapes::DeleteRepositoryRequest) -> shapes::DeleteRepositoryResponse;
    DeleteRepositoryPolicy(shapes::DeleteRepositoryPolicyRequest) -> shapes::DeleteRepositoryPolicyResponse;
    DescribeImages(shapes::DescribeImagesRequest) -> shapes::DescribeImagesResponse;
    DescribeRegistry(shapes::DescribeRegistryRequest) -> shapes::DescribeRegistryResponse;
    DescribeRepositories(shapes::DescribeRepositoriesRequest) -> shapes::DescribeRepositoriesResponse;
    GetAuthorizationToken(shapes::GetAuthorizationTokenRequest) -> shapes::GetAuthorizationTokenResponse;
    GetDownloadUrlForLayer(shapes::GetDownloadUrlForLayerRequest) -> shapes::GetDownloadUrlForLayerResponse;
    GetRegistryPolicy(shapes::GetRegistryPolicyRequest) -> shapes::GetRegistryPolicyResponse;
    GetRepositoryPolicy(shapes::GetRepositoryPolicyRequest) -> shapes::GetRepositoryPolicyResponse;
    InitiateLayerUpload(shapes::InitiateLayerUploadRequest) -> shapes::InitiateLayerUploadResponse;
    ListImages(shapes::ListImagesRequest) -> shapes::ListImagesResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    PutImage(shapes::PutImageRequest) -> shapes::PutImageResponse;
    PutImageScanningConfiguration(shapes::PutImageScanningConfigurationRequest) -> shapes::PutImageScanningConfigurationResponse;
    PutImageTagMutability(shapes::PutImageTagMutabilityRequest) -> shapes::PutImageTagMutabilityResponse;
    PutRegistryPolicy(shapes::PutRegistryPolicyRequest) -> shapes::PutRegistryPolicyResponse;
    SetRepositoryPolicy(shapes::SetRepositoryPolicyRequest) -> shapes::SetRepositoryPolicyResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
    UploadLayerPart(shapes::UploadLayerPartRequest) -> shapes::UploadLayerPartResponse;
}
