//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ecr";
    BatchDeleteImage(shapes::BatchDeleteImageRequest) -> shapes::BatchDeleteImageResponse;
    BatchGetImage(shapes::BatchGetImageRequest) -> shapes::BatchGetImageResponse;
    CreateRepository(shapes::CreateRepositoryRequest) -> shapes::CreateRepositoryResponse;
    DeleteRepository(shapes::DeleteRepositoryRequest) -> shapes::DeleteRepositoryResponse;
    DescribeImages(shapes::DescribeImagesRequest) -> shapes::DescribeImagesResponse;
    DescribeRepositories(shapes::DescribeRepositoriesRequest) -> shapes::DescribeRepositoriesResponse;
    GetAuthorizationToken(shapes::GetAuthorizationTokenRequest) -> shapes::GetAuthorizationTokenResponse;
    ListImages(shapes::ListImagesRequest) -> shapes::ListImagesResponse;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResponse;
    PutImage(shapes::PutImageRequest) -> shapes::PutImageResponse;
    TagResource(shapes::TagResourceRequest) -> shapes::TagResourceResponse;
    UntagResource(shapes::UntagResourceRequest) -> shapes::UntagResourceResponse;
}
