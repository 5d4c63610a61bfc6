//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AccessKey = "AccessKey" {
        0 user_name: String,
        1 access_key_id: String,
        2 status: String,
        3 secret_access_key: String,
        4 create_date: Option<Timestamp>,
    }
    pub struct AccessKeyMetadata = "AccessKeyMetadata" {
        0 user_name: Option<String>,
        1 access_key_id: Option<String>,
        2 status: Option<String>,
        3 create_date: Option<Timestamp>,
    }
    pub struct AttachRolePolicyRequest = "AttachRolePolicyRequest" {
        0 role_name: String,
        1 policy_arn: String,
    }
    pub struct AttachUserPolicyRequest = "AttachUserPolicyRequest" {
        0 user_name: String,
        1 policy_arn: String,
    }
    pub struct AttachedPermissionsBoundary = "AttachedPermissionsBoundary" {
        0 permissions_boundary_type: Option<String>,
        1 permissions_boundary_arn: Option<String>,
    }
    pub struct AttachedPolicy = "AttachedPolicy" {
        0 policy_name: Option<String>,
        1 policy_arn: Option<String>,
    }
    pub struct CreateAccessKeyRequest = "CreateAccessKeyRequest" {
        0 user_name: Option<String>,
    }
    pub struct CreateAccessKeyResponse = "CreateAccessKeyResponse" {
        0 access_key: AccessKey,
    }
    pub struct CreatePolicyRequest = "CreatePolicyRequest" {
        0 policy_name: String,
        1 path: Option<String>,
        2 policy_document: String,
        3 description: Option<String>,
        4 tags: Option<Vec<Tag>>,
    }
    pub struct CreatePolicyResponse = "CreatePolicyResponse" {
        0 policy: Option<Policy>,
    }
    pub struct CreateRoleRequest = "CreateRoleRequest" {
        0 path: Option<String>,
        1 role_name: String,
        2 assume_role_policy_document: String,
        3 description: Option<String>,
        4 max_session_duration: Option<i32>,
        5 permissions_boundary: Option<String>,
        6 tags: Option<Vec<Tag>>,
    }
    pub struct CreateRoleResponse = "CreateRoleResponse" {
        0 role: Role,
    }
    pub struct CreateUserRequest = "CreateUserRequest" {
        0 path: Option<String>,
        1 user_name: String,
        2 permissions_boundary: Option<String>,
        3 tags: Option<Vec<Tag>>,
    }
    pub struct CreateUserResponse = "CreateUserResponse" {
        0 user: Option<User>,
    }
    pub struct DeleteAccessKeyRequest = "DeleteAccessKeyRequest" {
        0 user_name: Option<String>,
        1 access_key_id: String,
    }
    pub struct DeletePolicyRequest = "DeletePolicyRequest" {
        0 policy_arn: String,
    }
    pub struct DeleteRolePolicyRequest = "DeleteRolePolicyRequest" {
        0 role_name: String,
        1 policy_name: String,
    }
    pub struct DeleteRoleRequest = "DeleteRoleRequest" {
        0 role_name: String,
    }
    pub struct DeleteUserPolicyRequest = "DeleteUserPolicyRequest" {
        0 user_name: String,
        1 policy_name: String,
    }
    pub struct DeleteUserRequest = "DeleteUserRequest" {
        0 user_name: String,
    }
    pub struct DetachRolePolicyRequest = "DetachRolePolicyRequest" {
        0 role_name: String,
        1 policy_arn: String,
    }
    pub struct DetachUserPolicyRequest = "DetachUserPolicyRequest" {
        0 user_name: String,
        1 policy_arn: String,
    }
    pub struct GetPolicyRequest = "GetPolicyRequest" {
        0 policy_arn: String,
    }
    pub struct GetPolicyResponse = "GetPolicyResponse" {
        0 policy: Option<Policy>,
    }
    pub struct GetPolicyVersionRequest = "GetPolicyVersionRequest" {
        0 policy_arn: String,
        1 version_id: String,
    }
    pub struct GetPolicyVersionResponse = "GetPolicyVersionResponse" {
        0 policy_version: Option<PolicyVersion>,
    }
    pub struct GetRolePolicyRequest = "GetRolePolicyRequest" {
        0 role_name: String,
        1 policy_name: String,
    }
    pub struct GetRolePolicyResponse = "GetRolePolicyResponse" {
        0 role_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct GetRoleRequest = "GetRoleRequest" {
        0 role_name: String,
    }
    pub struct GetRoleResponse = "GetRoleResponse" {
        0 role: Role,
    }
    pub struct GetUserPolicyRequest = "GetUserPolicyRequest" {
        0 user_name: String,
        1 policy_name: String,
    }
    pub struct GetUserPolicyResponse = "GetUserPolicyResponse" {
        0 user_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct GetUserRequest = "GetUserRequest" {
        0 user_name: Option<String>,
    }
    pub struct GetUserResponse = "GetUserResponse" {
        0 user: User,
    }
    pub struct ListAccessKeysRequest = "ListAccessKeysRequest" {
        0 user_name: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListAccessKeysResponse = "ListAccessKeysResponse" {
        0 access_key_metadata: Vec<AccessKeyMetadata>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListAttachedRolePoliciesRequest = "ListAttachedRolePoliciesRequest" {
        0 role_name: String,
        1 path_prefix: Option<String>,
        2 marker: Option<String>,
        3 max_items: Option<i32>,
    }
    pub struct ListAttachedRolePoliciesResponse = "ListAttachedRolePoliciesResponse" {
        0 attached_policies: Option<Vec<AttachedPolicy>>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListAttachedUserPoliciesRequest = "ListAttachedUserPoliciesRequest" {
        0 user_name: String,
        1 path_prefix: Option<String>,
        2 marker: Option<String>,
        3 max_items: Option<i32>,
    }
    pub struct ListAttachedUserPoliciesResponse = "ListAttachedUserPoliciesResponse" {
        0 attached_policies: Option<Vec<AttachedPolicy>>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListPoliciesRequest = "ListPoliciesRequest" {
        0 scope: Option<String>,
        1 only_attached: Option<bool>,
        2 path_prefix: Option<String>,
        3 policy_usage_filter: Option<String>,
        4 marker: Option<String>,
        5 max_items: Option<i32>,
    }
    pub struct ListPoliciesResponse = "ListPoliciesResponse" {
        0 policies: Option<Vec<Policy>>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListRolePoliciesRequest = "ListRolePoliciesRequest" {
        0 role_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListRolePoliciesResponse = "ListRolePoliciesResponse" {
        0 policy_names: Vec<String>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListRolesRequest = "ListRolesRequest" {
        0 path_prefix: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListRolesResponse = "ListRolesResponse" {
        0 roles: Vec<Role>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListUserPoliciesRequest = "ListUserPoliciesRequest" {
        0 user_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListUserPoliciesResponse = "ListUserPoliciesResponse" {
        0 policy_names: Vec<String>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListUsersRequest = "ListUsersRequest" {
        0 path_prefix: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListUsersResponse = "ListUsersResponse" {
        0 users: Vec<User>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct Policy = "Policy" {
        0 policy_name: Option<String>,
        1 policy_id: Option<String>,
        2 arn: Option<String>,
        3 path: Option<String>,
        4 default_version_id: Option<String>,
        5 attachment_count: Option<i32>,
        6 permissions_boundary_usage_count: Option<i32>,
        7 is_attachable: Option<bool>,
        8 description: Option<String>,
        9 create_date: Option<Timestamp>,
        10 update_date: Option<Timestamp>,
        11 tags: Option<Vec<Tag>>,
    }
    pub struct PolicyVersion = "PolicyVersion" {
        0 document: Option<String>,
        1 version_id: Option<String>,
        2 is_default_version: Option<bool>,
        3 create_date: Option<Timestamp>,
    }
    pub struct PutRolePolicyRequest = "PutRolePolicyRequest" {
        0 role_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct PutUserPolicyRequest = "PutUserPolicyRequest" {
        0 user_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct Role = "Role" {
        0 path: String,
        1 role_name: String,
        2 role_id: String,
        3 arn: String,
        4 create_date: Timestamp,
        5 assume_role_policy_document: Option<String>,
        6 description: Option<String>,
        7 max_session_duration: Option<i32>,
        8 permissions_boundary: Option<AttachedPermissionsBoundary>,
        9 tags: Option<Vec<Tag>>,
        10 role_last_used: Option<RoleLastUsed>,
        11 source_role_template: Option<SourceRoleTemplate>,
    }
    pub struct RoleLastUsed = "RoleLastUsed" {
        0 last_used_date: Option<Timestamp>,
        1 region: Option<String>,
    }
    pub struct SourceRoleTemplate = "SourceRoleTemplate" {
        0 template_arn: String,
        1 template_minor_version: i32,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct UpdateAssumeRolePolicyRequest = "UpdateAssumeRolePolicyRequest" {
        0 role_name: String,
        1 policy_document: String,
    }
    pub struct User = "User" {
        0 path: Option<String>,
        1 user_name: Option<String>,
        2 user_id: String,
        3 arn: String,
        4 create_date: Timestamp,
        5 password_last_used: Option<Timestamp>,
        6 permissions_boundary: Option<AttachedPermissionsBoundary>,
        7 tags: Option<Vec<Tag>>,
    }
}
