//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct Activation = "Activation" {
        0 activation_id: Option<String>,
        1 description: Option<String>,
        2 default_instance_name: Option<String>,
        3 iam_role: Option<String>,
        4 registration_limit: Option<i32>,
        5 registrations_count: Option<i32>,
        6 expiration_date: Option<Timestamp>,
        7 expired: Option<bool>,
        8 created_date: Option<Timestamp>,
        9 tags: Option<Vec<Tag>>,
    }
    pub struct AddTagsToResourceRequest = "AddTagsToResourceRequest" {
        0 resource_type: String,
        1 resource_id: String,
        2 tags: Vec<Tag>,
    }
    pub struct AddTagsToResourceResult = "AddTagsToResourceResult" {
    }
    pub struct CreateActivationRequest = "CreateActivationRequest" {
        0 description: Option<String>,
        1 default_instance_name: Option<String>,
        2 iam_role: String,
        3 registration_limit: Option<i32>,
        4 expiration_date: Option<Timestamp>,
        5 tags: Option<Vec<Tag>>,
        6 registration_metadata: Option<Vec<RegistrationMetadataItem>>,
    }
    pub struct CreateActivationResult = "CreateActivationResult" {
        0 activation_id: Option<String>,
        1 activation_code: Option<String>,
    }
    pub struct DeleteActivationRequest = "DeleteActivationRequest" {
        0 activation_id: String,
    }
    pub struct DeleteActivationResult = "DeleteActivationResult" {
    }
    pub struct DeleteParameterRequest = "DeleteParameterRequest" {
        0 name: String,
    }
    pub struct DeleteParameterResult = "DeleteParameterResult" {
    }
    pub struct DeleteParametersRequest = "DeleteParametersRequest" {
        0 names: Vec<String>,
    }
    pub struct DeleteParametersResult = "DeleteParametersResult" {
        0 deleted_parameters: Option<Vec<String>>,
        1 invalid_parameters: Option<Vec<String>>,
    }
    pub struct DescribeActivationsFilter = "DescribeActivationsFilter" {
        0 filter_key: Option<String>,
        1 filter_values: Option<Vec<String>>,
    }
    pub struct DescribeActivationsRequest = "DescribeActivationsRequest" {
        0 filters: Option<Vec<DescribeActivationsFilter>>,
        1 max_results: Option<i32>,
        2 next_token: Option<String>,
    }
    pub struct DescribeActivationsResult = "DescribeActivationsResult" {
        0 activation_list: Option<Vec<Activation>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeParametersRequest = "DescribeParametersRequest" {
        0 filters: Option<Vec<ParametersFilter>>,
        1 parameter_filters: Option<Vec<ParameterStringFilter>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
        4 shared: Option<bool>,
    }
    pub struct DescribeParametersResult = "DescribeParametersResult" {
        0 parameters: Option<Vec<ParameterMetadata>>,
        1 next_token: Option<String>,
    }
    pub struct GetParameterHistoryRequest = "GetParameterHistoryRequest" {
        0 name: String,
        1 with_decryption: Option<bool>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
    }
    pub struct GetParameterHistoryResult = "GetParameterHistoryResult" {
        0 parameters: Option<Vec<ParameterHistory>>,
        1 next_token: Option<String>,
    }
    pub struct GetParameterRequest = "GetParameterRequest" {
        0 name: String,
        1 with_decryption: Option<bool>,
    }
    pub struct GetParameterResult = "GetParameterResult" {
        0 parameter: Option<Parameter>,
    }
    pub struct GetParametersByPathRequest = "GetParametersByPathRequest" {
        0 path: String,
        1 recursive: Option<bool>,
        2 parameter_filters: Option<Vec<ParameterStringFilter>>,
        3 with_decryption: Option<bool>,
        4 max_results: Option<i32>,
        5 next_token: Option<String>,
    }
    pub struct GetParametersByPathResult = "GetParametersByPathResult" {
        0 parameters: Option<Vec<Parameter>>,
        1 next_token: Option<String>,
    }
    pub struct GetParametersRequest = "GetParametersRequest" {
        0 names: Vec<String>,
        1 with_decryption: Option<bool>,
    }
    pub struct GetParametersResult = "GetParametersResult" {
        0 parameters: Option<Vec<Parameter>>,
        1 invalid_parameters: Option<Vec<String>>,
    }
    pub struct LabelParameterVersionRequest = "LabelParameterVersionRequest" {
        0 name: String,
        1 parameter_version: Option<i64>,
        2 labels: Vec<String>,
    }
    pub struct LabelParameterVersionResult = "LabelParameterVersionResult" {
        0 invalid_labels: Option<Vec<String>>,
        1 parameter_version: Option<i64>,
    }
    pub struct ListTagsForResourceRequest = "ListTagsForResourceRequest" {
        0 resource_type: String,
        1 resource_id: String,
    }
    pub struct ListTagsForResourceResult = "ListTagsForResourceResult" {
        0 tag_list: Option<Vec<Tag>>,
    }
    pub struct Parameter = "Parameter" {
        0 name: Option<String>,
        1 r#type: Option<String>,
        2 value: Option<String>,
        3 version: Option<i64>,
        4 selector: Option<String>,
        5 source_result: Option<String>,
        6 last_modified_date: Option<Timestamp>,
        7 arn: Option<String>,
        8 data_type: Option<String>,
    }
    pub struct ParameterHistory = "ParameterHistory" {
        0 name: Option<String>,
        1 r#type: Option<String>,
        2 key_id: Option<String>,
        3 last_modified_date: Option<Timestamp>,
        4 last_modified_user: Option<String>,
        5 description: Option<String>,
        6 value: Option<String>,
        7 allowed_pattern: Option<String>,
        8 version: Option<i64>,
        9 labels: Option<Vec<String>>,
        10 tier: Option<String>,
        11 policies: Option<Vec<ParameterInlinePolicy>>,
        12 data_type: Option<String>,
    }
    pub struct ParameterInlinePolicy = "ParameterInlinePolicy" {
        0 policy_text: Option<String>,
        1 policy_type: Option<String>,
        2 policy_status: Option<String>,
    }
    pub struct ParameterMetadata = "ParameterMetadata" {
        0 name: Option<String>,
        1 arn: Option<String>,
        2 r#type: Option<String>,
        3 key_id: Option<String>,
        4 last_modified_date: Option<Timestamp>,
        5 last_modified_user: Option<String>,
        6 description: Option<String>,
        7 allowed_pattern: Option<String>,
        8 version: Option<i64>,
        9 tier: Option<String>,
        10 policies: Option<Vec<ParameterInlinePolicy>>,
        11 data_type: Option<String>,
    }
    pub struct ParameterStringFilter = "ParameterStringFilter" {
        0 key: String,
        1 option: Option<String>,
        2 values: Option<Vec<String>>,
    }
    pub struct ParametersFilter = "ParametersFilter" {
        0 key: String,
        1 values: Vec<String>,
    }
    pub struct PutParameterRequest = "PutParameterRequest" {
        0 name: String,
        1 description: Option<String>,
        2 value: String,
        3 r#type: Option<String>,
        4 key_id: Option<String>,
        5 overwrite: Option<bool>,
        6 allowed_pattern: Option<String>,
        7 tags: Option<Vec<Tag>>,
        8 tier: Option<String>,
        9 policies: Option<String>,
        10 data_type: Option<String>,
    }
    pub struct PutParameterResult = "PutParameterResult" {
        0 version: Option<i64>,
        1 tier: Option<String>,
    }
    pub struct RegistrationMetadataItem = "RegistrationMetadataItem" {
        0 key: String,
        1 value: String,
    }
    pub struct RemoveTagsFromResourceRequest = "RemoveTagsFromResourceRequest" {
        0 resource_type: String,
        1 resource_id: String,
        2 tag_keys: Vec<String>,
    }
    pub struct RemoveTagsFromResourceResult = "RemoveTagsFromResourceResult" {
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct UnlabelParameterVersionRequest = "UnlabelParameterVersionRequest" {
        0 name: String,
        1 parameter_version: i64,
        2 labels: Vec<String>,
    }
    pub struct UnlabelParameterVersionResult = "UnlabelParameterVersionResult" {
        0 removed_labels: Option<Vec<String>>,
        1 invalid_labels: Option<Vec<String>>,
    }
}
