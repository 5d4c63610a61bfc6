//! Systems Manager's Parameter Store: named values with versions, in hierarchies.

mod answer;
pub mod error;
pub mod filter;
pub mod name;
pub mod ops;
pub mod table;

use std::sync::Arc;

use gantry_api_ssm as api;
use gantry_service::Registry;

use crate::Secrets;

pub(crate) fn register(registry: &mut Registry, secrets: &Arc<Secrets>) {
    crate::serve! {
        registry, secrets, api;
        DeleteParameter: delete_parameter,
        DescribeParameters: describe_parameters,
        GetParameter: get_parameter,
        GetParameters: get_parameters,
        GetParametersByPath: get_parameters_by_path,
        PutParameter: put_parameter,
    }
}
