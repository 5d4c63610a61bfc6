//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ssm";
    AddTagsToResource(shapes::AddTagsToResourceRequest) -> shapes::AddTagsToResourceResult;
    CreateActivation(shapes::CreateActivationRequest) -> shapes::CreateActivationResult;
    DeleteActivation(shapes::DeleteActivationRequest) -> shapes::DeleteActivationResult;
    DeleteParameter(shapes::DeleteParameterRequest) -> shapes::DeleteParameterResult;
    DeleteParameters(shapes::DeleteParametersRequest) -> shapes::DeleteParametersResult;
    DescribeActivations(shapes::DescribeActivationsRequest) -> shapes::DescribeActivationsResult;
    DescribeParameters(shapes::DescribeParametersRequest) -> shapes::DescribeParametersResult;
    GetParameter(shapes::GetParameterRequest) -> shapes::GetParameterResult;
    GetParameterHistory(shapes::GetParameterHistoryRequest) -> shapes::GetParameterHistoryResult;
    GetParameters(shapes::GetParametersRequest) -> shapes::GetParametersResult;
    GetParametersByPath(shapes::GetParametersByPathRequest) -> shapes::GetParametersByPathResult;
    LabelParameterVersion(shapes::LabelParameterVersionRequest) -> shapes::LabelParameterVersionResult;
    ListTagsForResource(shapes::ListTagsForResourceRequest) -> shapes::ListTagsForResourceResult;
    PutParameter(shapes::PutParameterRequest) -> shapes::PutParameterResult;
    RemoveTagsFromResource(shapes::RemoveTagsFromResourceRequest) -> shapes::RemoveTagsFromResourceResult;
    UnlabelParameterVersion(shapes::UnlabelParameterVersionRequest) -> shapes::UnlabelParameterVersionResult;
}
