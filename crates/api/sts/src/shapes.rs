//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AssumeRoleRequest = "AssumeRoleRequest" {
        0 role_arn: String,
        1 role_session_name: String,
        2 policy_arns: Option<Vec<PolicyDescriptorType>>,
        3 policy: Option<String>,
        4 duration_seconds: Option<i32>,
        5 tags: Option<Vec<Tag>>,
        6 transitive_tag_keys: Option<Vec<String>>,
        7 external_id: Option<String>,
        8 serial_number: Option<String>,
        9 token_code: Option<String>,
        10 source_identity: Option<String>,
        11 provided_contexts: Option<Vec<ProvidedContext>>,
        12 minimum_session_token_size: Option<i32>,
    }
    pub struct AssumeRoleResponse = "AssumeRoleResponse" {
        0 credentials: Option<Credentials>,
        1 assumed_role_user: Option<AssumedRoleUser>,
        2 packed_policy_size: Option<i32>,
        3 source_identity: Option<String>,
        4 session_token_utilization: Option<i32>,
        5 session_token_size: Option<i32>,
    }
    pub struct AssumeRoleWithWebIdentityRequest = "AssumeRoleWithWebIdentityRequest" {
        0 role_arn: String,
        1 role_session_name: String,
        2 web_identity_token: String,
        3 provider_id: Option<String>,
        4 policy_arns: Option<Vec<PolicyDescriptorType>>,
        5 policy: Option<String>,
        6 duration_seconds: Option<i32>,
        7 minimum_session_token_size: Option<i32>,
    }
    pub struct AssumeRoleWithWebIdentityResponse = "AssumeRoleWithWebIdentityResponse" {
        0 credentials: Option<Credentials>,
        1 subject_from_web_identity_token: Option<String>,
        2 assumed_role_user: Option<AssumedRoleUser>,
        3 packed_policy_size: Option<i32>,
        4 provider: Option<String>,
        5 audience: Option<String>,
        6 source_identity: Option<String>,
        7 session_token_utilization: Option<i32>,
        8 session_token_size: Option<i32>,
    }
    pub struct AssumedRoleUser = "AssumedRoleUser" {
        0 assumed_role_id: String,
        1 arn: String,
    }
    pub struct Credentials = "Credentials" {
        0 access_key_id: String,
        1 secret_access_key: String,
        2 session_token: String,
        3 expiration: Timestamp,
    }
    pub struct DecodeAuthorizationMessageRequest = "DecodeAuthorizationMessageRequest" {
        0 encoded_message: String,
    }
    pub struct DecodeAuthorizationMessageResponse = "DecodeAuthorizationMessageResponse" {
        0 decoded_message: Option<String>,
    }
    pub struct FederatedUser = "FederatedUser" {
        0 federated_user_id: String,
        1 arn: String,
    }
    pub struct GetAccessKeyInfoRequest = "GetAccessKeyInfoRequest" {
        0 access_key_id: String,
    }
    pub struct GetAccessKeyInfoResponse = "GetAccessKeyInfoResponse" {
        0 account: Option<String>,
    }
    pub struct GetCallerIdentityRequest = "GetCallerIdentityRequest" {
    }
    pub struct GetCallerIdentityResponse = "GetCallerIdentityResponse" {
        0 user_id: Option<String>,
        1 account: Option<String>,
        2 arn: Option<String>,
    }
    pub struct GetFederationTokenRequest = "GetFederationTokenRequest" {
        0 name: String,
        1 policy: Option<String>,
        2 policy_arns: Option<Vec<PolicyDescriptorType>>,
        3 duration_seconds: Option<i32>,
        4 tags: Option<Vec<Tag>>,
        5 minimum_session_token_size: Option<i32>,
    }
    pub struct GetFederationTokenResponse = "GetFederationTokenResponse" {
        0 credentials: Option<Credentials>,
        1 federated_user: Option<FederatedUser>,
        2 packed_policy_size: Option<i32>,
        3 session_token_utilization: Option<i32>,
        4 session_token_size: Option<i32>,
    }
    pub struct GetSessionTokenRequest = "GetSessionTokenRequest" {
        0 duration_seconds: Option<i32>,
        1 serial_number: Option<String>,
        2 token_code: Option<String>,
        3 minimum_session_token_size: Option<i32>,
    }
    pub struct GetSessionTokenResponse = "GetSessionTokenResponse" {
        0 credentials: Option<Credentials>,
        1 session_token_utilization: Option<i32>,
        2 session_token_size: Option<i32>,
    }
    pub struct PolicyDescriptorType = "PolicyDescriptorType" {
        0 arn: Option<String>,
    }
    pub struct ProvidedContext = "ProvidedContext" {
        0 provider_arn: Option<String>,
        1 context_assertion: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
}
