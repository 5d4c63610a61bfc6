//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "ssm";
    DeleteParameter(shapes::DeleteParameterRequest) -> shapes::DeleteParameterResult;
    DescribeParameters(shapes::DescribeParametersRequest) -> shapes::DescribeParametersResult;
    GetParameter(shapes::GetParameterRequest) -> shapes::GetParameterResult;
    GetParameters(shapes::GetParametersRequest) -> shapes::GetParametersResult;
    GetParametersByPath(shapes::GetParametersByPathRequest) -> shapes::GetParametersByPathResult;
    PutParameter(shapes::PutParameterRequest) -> shapes::PutParameterResult;
}
