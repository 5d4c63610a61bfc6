//! The operations that are served. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::shapes;

gantry_wire::operations! {
    "iam";
    AttachRolePolicy(shapes::AttachRolePolicyRequest) -> gantry_wire::Unit;
    AttachUserPolicy(shapes::AttachUserPolicyRequest) -> gantry_wire::Unit;
    CreateAccessKey(shapes::CreateAccessKeyRequest) -> shapes::CreateAccessKeyResponse;
    CreatePolicy(shapes::CreatePolicyRequest) -> shapes::CreatePolicyResponse;
    CreateRole(shapes::CreateRoleRequest) -> shapes::CreateRoleResponse;
    CreateUser(shapes::CreateUserRequest) -> shapes::CreateUserResponse;
    DeleteAccessKey(shapes::DeleteAccessKeyRequest) -> gantry_wire::Unit;
    DeletePolicy(shapes::DeletePolicyRequest) -> gantry_wire::Unit;
    DeleteRole(shapes::DeleteRoleRequest) -> gantry_wire::Unit;
    DeleteRolePolicy(shapes::DeleteRolePolicyRequest) -> gantry_wire::Unit;
    DeleteUser(shapes::DeleteUserRequest) -> gantry_wire::Unit;
    DeleteUserPolicy(shapes::DeleteUserPolicyRequest) -> gantry_wire::Unit;
    DetachRolePolicy(shapes::DetachRolePolicyRequest) -> gantry_wire::Unit;
    DetachUserPolicy(shapes::DetachUserPolicyRequest) -> gantry_wire::Unit;
    GetPolicy(shapes::GetPolicyRequest) -> shapes::GetPolicyResponse;
    GetPolicyVersion(shapes::GetPolicyVersionRequest) -> shapes::GetPolicyVersionResponse;
    GetRole(shapes::GetRoleRequest) -> shapes::GetRoleResponse;
    GetRolePolicy(shapes::GetRolePolicyRequest) -> shapes::GetRolePolicyResponse;
    GetUser(shapes::GetUserRequest) -> shapes::GetUserResponse;
    GetUserPolicy(shapes::GetUserPolicyRequest) -> shapes::GetUserPolicyResponse;
    ListAccessKeys(shapes::ListAccessKeysRequest) -> shapes::ListAccessKeysResponse;
    ListAttachedRolePolicies(shapes::ListAttachedRolePoliciesRequest) -> shapes::ListAttachedRolePoliciesResponse;
    ListAttachedUserPolicies(shapes::ListAttachedUserPoliciesRequest) -> shapes::ListAttachedUserPoliciesResponse;
    ListPolicies(shapes::ListPoliciesRequest) -> shapes::ListPoliciesResponse;
    ListRolePolicies(shapes::ListRolePoliciesRequest) -> shapes::ListRolePoliciesResponse;
    ListRoles(shapes::ListRolesRequest) -> shapes::ListRolesResponse;
    ListUserPolicies(shapes::ListUserPoliciesRequest) -> shapes::ListUserPoliciesResponse;
    ListUsers(shapes::ListUsersRequest) -> shapes::ListUsersResponse;
    PutRolePolicy(shapes::PutRolePolicyRequest) -> gantry_wire::Unit;
    PutUserPolicy(shapes::PutUserPolicyRequest) -> gantry_wire::Unit;
    UpdateAssumeRolePolicy(shapes::UpdateAssumeRolePolicyRequest) -> gantry_wire::Unit;
}
