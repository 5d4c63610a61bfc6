//! Systems Manager's Parameter Store: named values with versions, in hierarchies; and activations of machines.

pub mod activation;
mod answer;
pub mod error;
pub mod filter;
pub mod label;
pub mod name;
pub mod ops;
pub mod policy;
pub mod public;
mod reference;
pub mod table;

use std::sync::Arc;

use gantry_api_ssm as api;
use gantry_service::Registry;

use crate::Secrets;

pub(crate) fn register(registry: &mut Registry, secrets: &Arc<Secrets>) {
    crate::serve! {
        registry, secrets, api;
        AddTagsToResource: add_tags_to_resource,
        CreateActivation: create_activation,
        DeleteActivation: delete_activation,
        DeleteParameter: delete_parameter,
        DeleteParameters: delete_parameters,
        DescribeActivations: describe_activations,
        DescribeParameters: describe_parameters,
        GetParameter: get_parameter,
        GetParameterHistory: get_parameter_history,
        GetParameters: get_parameters,
        GetParametersByPath: get_parameters_by_path,
        LabelParameterVersion: label_parameter_version,
        ListTagsForResource: list_tags_for_resource,
        PutParameter: put_parameter,
        RemoveTagsFromResource: remove_tags_from_resource,
        UnlabelParameterVersion: unlabel_parameter_version,
    }
}
