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
    pub struct AccessKeyLastUsed = "AccessKeyLastUsed" {
        0 last_used_date: Option<Timestamp>,
        1 service_name: String,
        2 region: String,
    }
    pub struct AccessKeyMetadata = "AccessKeyMetadata" {
        0 user_name: Option<String>,
        1 access_key_id: Option<String>,
        2 status: Option<String>,
        3 create_date: Option<Timestamp>,
    }
    pub struct AddClientIDToOpenIDConnectProviderRequest = "AddClientIDToOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
        1 client_id: String,
    }
    pub struct AddRoleToInstanceProfileRequest = "AddRoleToInstanceProfileRequest" {
        0 instance_profile_name: String,
        1 role_name: String,
    }
    pub struct AddUserToGroupRequest = "AddUserToGroupRequest" {
        0 group_name: String,
        1 user_name: String,
    }
    pub struct AttachGroupPolicyRequest = "AttachGroupPolicyRequest" {
        0 group_name: String,
        1 policy_arn: String,
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
    pub struct ContextEntry = "ContextEntry" {
        0 context_key_name: Option<String>,
        1 context_key_values: Option<Vec<String>>,
        2 context_key_type: Option<String>,
    }
    pub struct CreateAccessKeyRequest = "CreateAccessKeyRequest" {
        0 user_name: Option<String>,
    }
    pub struct CreateAccessKeyResponse = "CreateAccessKeyResponse" {
        0 access_key: AccessKey,
    }
    pub struct CreateAccountAliasRequest = "CreateAccountAliasRequest" {
        0 account_alias: String,
    }
    pub struct CreateGroupRequest = "CreateGroupRequest" {
        0 path: Option<String>,
        1 group_name: String,
    }
    pub struct CreateGroupResponse = "CreateGroupResponse" {
        0 group: Group,
    }
    pub struct CreateInstanceProfileRequest = "CreateInstanceProfileRequest" {
        0 instance_profile_name: String,
        1 path: Option<String>,
        2 tags: Option<Vec<Tag>>,
    }
    pub struct CreateInstanceProfileResponse = "CreateInstanceProfileResponse" {
        0 instance_profile: InstanceProfile,
    }
    pub struct CreateOpenIDConnectProviderRequest = "CreateOpenIDConnectProviderRequest" {
        0 url: String,
        1 client_id_list: Option<Vec<String>>,
        2 thumbprint_list: Option<Vec<String>>,
        3 tags: Option<Vec<Tag>>,
    }
    pub struct CreateOpenIDConnectProviderResponse = "CreateOpenIDConnectProviderResponse" {
        0 open_id_connect_provider_arn: Option<String>,
        1 tags: Option<Vec<Tag>>,
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
    pub struct CreatePolicyVersionRequest = "CreatePolicyVersionRequest" {
        0 policy_arn: String,
        1 policy_document: String,
        2 set_as_default: Option<bool>,
    }
    pub struct CreatePolicyVersionResponse = "CreatePolicyVersionResponse" {
        0 policy_version: Option<PolicyVersion>,
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
    pub struct CreateServiceLinkedRoleRequest = "CreateServiceLinkedRoleRequest" {
        0 aws_service_name: String,
        1 description: Option<String>,
        2 custom_suffix: Option<String>,
    }
    pub struct CreateServiceLinkedRoleResponse = "CreateServiceLinkedRoleResponse" {
        0 role: Option<Role>,
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
    pub struct DeactivateMFADeviceRequest = "DeactivateMFADeviceRequest" {
        0 user_name: Option<String>,
        1 serial_number: String,
    }
    pub struct DeleteAccessKeyRequest = "DeleteAccessKeyRequest" {
        0 user_name: Option<String>,
        1 access_key_id: String,
    }
    pub struct DeleteAccountAliasRequest = "DeleteAccountAliasRequest" {
        0 account_alias: String,
    }
    pub struct DeleteGroupPolicyRequest = "DeleteGroupPolicyRequest" {
        0 group_name: String,
        1 policy_name: String,
    }
    pub struct DeleteGroupRequest = "DeleteGroupRequest" {
        0 group_name: String,
    }
    pub struct DeleteInstanceProfileRequest = "DeleteInstanceProfileRequest" {
        0 instance_profile_name: String,
    }
    pub struct DeleteLoginProfileRequest = "DeleteLoginProfileRequest" {
        0 user_name: Option<String>,
    }
    pub struct DeleteOpenIDConnectProviderRequest = "DeleteOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
    }
    pub struct DeletePolicyRequest = "DeletePolicyRequest" {
        0 policy_arn: String,
    }
    pub struct DeletePolicyVersionRequest = "DeletePolicyVersionRequest" {
        0 policy_arn: String,
        1 version_id: String,
    }
    pub struct DeleteRolePermissionsBoundaryRequest = "DeleteRolePermissionsBoundaryRequest" {
        0 role_name: String,
    }
    pub struct DeleteRolePolicyRequest = "DeleteRolePolicyRequest" {
        0 role_name: String,
        1 policy_name: String,
    }
    pub struct DeleteRoleRequest = "DeleteRoleRequest" {
        0 role_name: String,
    }
    pub struct DeleteSSHPublicKeyRequest = "DeleteSSHPublicKeyRequest" {
        0 user_name: String,
        1 ssh_public_key_id: String,
    }
    pub struct DeleteServerCertificateRequest = "DeleteServerCertificateRequest" {
        0 server_certificate_name: String,
    }
    pub struct DeleteServiceLinkedRoleRequest = "DeleteServiceLinkedRoleRequest" {
        0 role_name: String,
    }
    pub struct DeleteServiceLinkedRoleResponse = "DeleteServiceLinkedRoleResponse" {
        0 deletion_task_id: String,
    }
    pub struct DeleteServiceSpecificCredentialRequest = "DeleteServiceSpecificCredentialRequest" {
        0 user_name: Option<String>,
        1 service_specific_credential_id: String,
    }
    pub struct DeleteSigningCertificateRequest = "DeleteSigningCertificateRequest" {
        0 user_name: Option<String>,
        1 certificate_id: String,
    }
    pub struct DeleteUserPermissionsBoundaryRequest = "DeleteUserPermissionsBoundaryRequest" {
        0 user_name: String,
    }
    pub struct DeleteUserPolicyRequest = "DeleteUserPolicyRequest" {
        0 user_name: String,
        1 policy_name: String,
    }
    pub struct DeleteUserRequest = "DeleteUserRequest" {
        0 user_name: String,
    }
    pub struct DeleteVirtualMFADeviceRequest = "DeleteVirtualMFADeviceRequest" {
        0 serial_number: String,
    }
    pub struct DeletionTaskFailureReasonType = "DeletionTaskFailureReasonType" {
        0 reason: Option<String>,
        1 role_usage_list: Option<Vec<RoleUsageType>>,
    }
    pub struct DetachGroupPolicyRequest = "DetachGroupPolicyRequest" {
        0 group_name: String,
        1 policy_arn: String,
    }
    pub struct DetachRolePolicyRequest = "DetachRolePolicyRequest" {
        0 role_name: String,
        1 policy_arn: String,
    }
    pub struct DetachUserPolicyRequest = "DetachUserPolicyRequest" {
        0 user_name: String,
        1 policy_arn: String,
    }
    pub struct EntityDetails = "EntityDetails" {
        0 entity_info: EntityInfo,
        1 last_authenticated: Option<Timestamp>,
    }
    pub struct EntityInfo = "EntityInfo" {
        0 arn: String,
        1 name: String,
        2 r#type: String,
        3 id: String,
        4 path: Option<String>,
    }
    pub struct ErrorDetails = "ErrorDetails" {
        0 message: String,
        1 code: String,
    }
    pub struct EvaluationResult = "EvaluationResult" {
        0 eval_action_name: String,
        1 eval_resource_name: Option<String>,
        2 eval_decision: String,
        3 matched_statements: Option<Vec<Statement>>,
        4 missing_context_values: Option<Vec<String>>,
        5 organizations_decision_detail: Option<OrganizationsDecisionDetail>,
        6 permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
        7 eval_decision_details: Option<BTreeMap<String, String>>,
        8 resource_specific_results: Option<Vec<ResourceSpecificResult>>,
    }
    pub struct GenerateCredentialReportResponse = "GenerateCredentialReportResponse" {
        0 state: Option<String>,
        1 description: Option<String>,
    }
    pub struct GenerateServiceLastAccessedDetailsRequest = "GenerateServiceLastAccessedDetailsRequest" {
        0 arn: String,
        1 granularity: Option<String>,
    }
    pub struct GenerateServiceLastAccessedDetailsResponse = "GenerateServiceLastAccessedDetailsResponse" {
        0 job_id: Option<String>,
    }
    pub struct GetAccessKeyLastUsedRequest = "GetAccessKeyLastUsedRequest" {
        0 access_key_id: String,
    }
    pub struct GetAccessKeyLastUsedResponse = "GetAccessKeyLastUsedResponse" {
        0 user_name: Option<String>,
        1 access_key_last_used: Option<AccessKeyLastUsed>,
    }
    pub struct GetAccountAuthorizationDetailsRequest = "GetAccountAuthorizationDetailsRequest" {
        0 filter: Option<Vec<String>>,
        1 max_items: Option<i32>,
        2 marker: Option<String>,
    }
    pub struct GetAccountAuthorizationDetailsResponse = "GetAccountAuthorizationDetailsResponse" {
        0 user_detail_list: Option<Vec<UserDetail>>,
        1 group_detail_list: Option<Vec<GroupDetail>>,
        2 role_detail_list: Option<Vec<RoleDetail>>,
        3 policies: Option<Vec<ManagedPolicyDetail>>,
        4 is_truncated: Option<bool>,
        5 marker: Option<String>,
    }
    pub struct GetAccountPasswordPolicyResponse = "GetAccountPasswordPolicyResponse" {
        0 password_policy: PasswordPolicy,
    }
    pub struct GetAccountSummaryResponse = "GetAccountSummaryResponse" {
        0 summary_map: Option<BTreeMap<String, i32>>,
    }
    pub struct GetContextKeysForCustomPolicyRequest = "GetContextKeysForCustomPolicyRequest" {
        0 policy_input_list: Vec<String>,
    }
    pub struct GetContextKeysForPolicyResponse = "GetContextKeysForPolicyResponse" {
        0 context_key_names: Option<Vec<String>>,
    }
    pub struct GetContextKeysForPrincipalPolicyRequest = "GetContextKeysForPrincipalPolicyRequest" {
        0 policy_source_arn: String,
        1 policy_input_list: Option<Vec<String>>,
    }
    pub struct GetCredentialReportResponse = "GetCredentialReportResponse" {
        0 content: Option<Bytes>,
        1 report_format: Option<String>,
        2 generated_time: Option<Timestamp>,
    }
    pub struct GetGroupPolicyRequest = "GetGroupPolicyRequest" {
        0 group_name: String,
        1 policy_name: String,
    }
    pub struct GetGroupPolicyResponse = "GetGroupPolicyResponse" {
        0 group_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct GetGroupRequest = "GetGroupRequest" {
        0 group_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct GetGroupResponse = "GetGroupResponse" {
        0 group: Group,
        1 users: Vec<User>,
        2 is_truncated: Option<bool>,
        3 marker: Option<String>,
    }
    pub struct GetInstanceProfileRequest = "GetInstanceProfileRequest" {
        0 instance_profile_name: String,
    }
    pub struct GetInstanceProfileResponse = "GetInstanceProfileResponse" {
        0 instance_profile: InstanceProfile,
    }
    pub struct GetLoginProfileRequest = "GetLoginProfileRequest" {
        0 user_name: Option<String>,
    }
    pub struct GetLoginProfileResponse = "GetLoginProfileResponse" {
        0 login_profile: LoginProfile,
    }
    pub struct GetOpenIDConnectProviderRequest = "GetOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
    }
    pub struct GetOpenIDConnectProviderResponse = "GetOpenIDConnectProviderResponse" {
        0 url: Option<String>,
        1 client_id_list: Option<Vec<String>>,
        2 thumbprint_list: Option<Vec<String>>,
        3 create_date: Option<Timestamp>,
        4 tags: Option<Vec<Tag>>,
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
    pub struct GetServerCertificateRequest = "GetServerCertificateRequest" {
        0 server_certificate_name: String,
    }
    pub struct GetServerCertificateResponse = "GetServerCertificateResponse" {
        0 server_certificate: ServerCertificate,
    }
    pub struct GetServiceLastAccessedDetailsRequest = "GetServiceLastAccessedDetailsRequest" {
        0 job_id: String,
        1 max_items: Option<i32>,
        2 marker: Option<String>,
    }
    pub struct GetServiceLastAccessedDetailsResponse = "GetServiceLastAccessedDetailsResponse" {
        0 job_status: String,
        1 job_type: Option<String>,
        2 job_creation_date: Timestamp,
        3 services_last_accessed: Vec<ServiceLastAccessed>,
        4 job_completion_date: Timestamp,
        5 is_truncated: Option<bool>,
        6 marker: Option<String>,
        7 error: Option<ErrorDetails>,
    }
    pub struct GetServiceLastAccessedDetailsWithEntitiesRequest = "GetServiceLastAccessedDetailsWithEntitiesRequest" {
        0 job_id: String,
        1 service_namespace: String,
        2 max_items: Option<i32>,
        3 marker: Option<String>,
    }
    pub struct GetServiceLastAccessedDetailsWithEntitiesResponse = "GetServiceLastAccessedDetailsWithEntitiesResponse" {
        0 job_status: String,
        1 job_creation_date: Timestamp,
        2 job_completion_date: Timestamp,
        3 entity_details_list: Vec<EntityDetails>,
        4 is_truncated: Option<bool>,
        5 marker: Option<String>,
        6 error: Option<ErrorDetails>,
    }
    pub struct GetServiceLinkedRoleDeletionStatusRequest = "GetServiceLinkedRoleDeletionStatusRequest" {
        0 deletion_task_id: String,
    }
    pub struct GetServiceLinkedRoleDeletionStatusResponse = "GetServiceLinkedRoleDeletionStatusResponse" {
        0 status: String,
        1 reason: Option<DeletionTaskFailureReasonType>,
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
    pub struct Group = "Group" {
        0 path: String,
        1 group_name: String,
        2 group_id: String,
        3 arn: String,
        4 create_date: Timestamp,
    }
    pub struct GroupDetail = "GroupDetail" {
        0 path: Option<String>,
        1 group_name: Option<String>,
        2 group_id: Option<String>,
        3 arn: Option<String>,
        4 create_date: Option<Timestamp>,
        5 group_policy_list: Option<Vec<PolicyDetail>>,
        6 attached_managed_policies: Option<Vec<AttachedPolicy>>,
    }
    pub struct InlinePolicyIdentifierType = "InlinePolicyIdentifierType" {
        0 policy_name: String,
        1 attachment_type: String,
        2 attachment_name: String,
    }
    pub struct InstanceProfile = "InstanceProfile" {
        0 path: String,
        1 instance_profile_name: String,
        2 instance_profile_id: String,
        3 arn: String,
        4 create_date: Timestamp,
        5 roles: Vec<Role>,
        6 tags: Option<Vec<Tag>>,
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
    pub struct ListAccountAliasesRequest = "ListAccountAliasesRequest" {
        0 marker: Option<String>,
        1 max_items: Option<i32>,
    }
    pub struct ListAccountAliasesResponse = "ListAccountAliasesResponse" {
        0 account_aliases: Vec<String>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListAttachedGroupPoliciesRequest = "ListAttachedGroupPoliciesRequest" {
        0 group_name: String,
        1 path_prefix: Option<String>,
        2 marker: Option<String>,
        3 max_items: Option<i32>,
    }
    pub struct ListAttachedGroupPoliciesResponse = "ListAttachedGroupPoliciesResponse" {
        0 attached_policies: Option<Vec<AttachedPolicy>>,
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
    pub struct ListEntitiesForPolicyRequest = "ListEntitiesForPolicyRequest" {
        0 policy_arn: String,
        1 entity_filter: Option<String>,
        2 path_prefix: Option<String>,
        3 policy_usage_filter: Option<String>,
        4 marker: Option<String>,
        5 max_items: Option<i32>,
    }
    pub struct ListEntitiesForPolicyResponse = "ListEntitiesForPolicyResponse" {
        0 policy_groups: Option<Vec<PolicyGroup>>,
        1 policy_users: Option<Vec<PolicyUser>>,
        2 policy_roles: Option<Vec<PolicyRole>>,
        3 is_truncated: Option<bool>,
        4 marker: Option<String>,
    }
    pub struct ListGroupPoliciesRequest = "ListGroupPoliciesRequest" {
        0 group_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListGroupPoliciesResponse = "ListGroupPoliciesResponse" {
        0 policy_names: Vec<String>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListGroupsForUserRequest = "ListGroupsForUserRequest" {
        0 user_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListGroupsForUserResponse = "ListGroupsForUserResponse" {
        0 groups: Vec<Group>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListGroupsRequest = "ListGroupsRequest" {
        0 path_prefix: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListGroupsResponse = "ListGroupsResponse" {
        0 groups: Vec<Group>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListInstanceProfileTagsRequest = "ListInstanceProfileTagsRequest" {
        0 instance_profile_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListInstanceProfileTagsResponse = "ListInstanceProfileTagsResponse" {
        0 tags: Vec<Tag>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListInstanceProfilesForRoleRequest = "ListInstanceProfilesForRoleRequest" {
        0 role_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListInstanceProfilesForRoleResponse = "ListInstanceProfilesForRoleResponse" {
        0 instance_profiles: Vec<InstanceProfile>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListInstanceProfilesRequest = "ListInstanceProfilesRequest" {
        0 path_prefix: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListInstanceProfilesResponse = "ListInstanceProfilesResponse" {
        0 instance_profiles: Vec<InstanceProfile>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListMFADevicesRequest = "ListMFADevicesRequest" {
        0 user_name: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListMFADevicesResponse = "ListMFADevicesResponse" {
        0 mfa_devices: Vec<MFADevice>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListOpenIDConnectProviderTagsRequest = "ListOpenIDConnectProviderTagsRequest" {
        0 open_id_connect_provider_arn: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListOpenIDConnectProviderTagsResponse = "ListOpenIDConnectProviderTagsResponse" {
        0 tags: Vec<Tag>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListOpenIDConnectProvidersRequest = "ListOpenIDConnectProvidersRequest" {
    }
    pub struct ListOpenIDConnectProvidersResponse = "ListOpenIDConnectProvidersResponse" {
        0 open_id_connect_provider_list: Option<Vec<OpenIDConnectProviderListEntry>>,
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
    pub struct ListPolicyTagsRequest = "ListPolicyTagsRequest" {
        0 policy_arn: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListPolicyTagsResponse = "ListPolicyTagsResponse" {
        0 tags: Vec<Tag>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListPolicyVersionsRequest = "ListPolicyVersionsRequest" {
        0 policy_arn: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListPolicyVersionsResponse = "ListPolicyVersionsResponse" {
        0 versions: Option<Vec<PolicyVersion>>,
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
    pub struct ListRoleTagsRequest = "ListRoleTagsRequest" {
        0 role_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListRoleTagsResponse = "ListRoleTagsResponse" {
        0 tags: Vec<Tag>,
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
    pub struct ListSAMLProvidersRequest = "ListSAMLProvidersRequest" {
    }
    pub struct ListSAMLProvidersResponse = "ListSAMLProvidersResponse" {
        0 saml_provider_list: Option<Vec<SAMLProviderListEntry>>,
    }
    pub struct ListSSHPublicKeysRequest = "ListSSHPublicKeysRequest" {
        0 user_name: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListSSHPublicKeysResponse = "ListSSHPublicKeysResponse" {
        0 ssh_public_keys: Option<Vec<SSHPublicKeyMetadata>>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListServerCertificatesRequest = "ListServerCertificatesRequest" {
        0 path_prefix: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListServerCertificatesResponse = "ListServerCertificatesResponse" {
        0 server_certificate_metadata_list: Vec<ServerCertificateMetadata>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct ListServiceSpecificCredentialsRequest = "ListServiceSpecificCredentialsRequest" {
        0 user_name: Option<String>,
        1 service_name: Option<String>,
        2 all_users: Option<bool>,
        3 marker: Option<String>,
        4 max_items: Option<i32>,
    }
    pub struct ListServiceSpecificCredentialsResponse = "ListServiceSpecificCredentialsResponse" {
        0 service_specific_credentials: Option<Vec<ServiceSpecificCredentialMetadata>>,
        1 marker: Option<String>,
        2 is_truncated: Option<bool>,
    }
    pub struct ListSigningCertificatesRequest = "ListSigningCertificatesRequest" {
        0 user_name: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListSigningCertificatesResponse = "ListSigningCertificatesResponse" {
        0 certificates: Vec<SigningCertificate>,
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
    pub struct ListUserTagsRequest = "ListUserTagsRequest" {
        0 user_name: String,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListUserTagsResponse = "ListUserTagsResponse" {
        0 tags: Vec<Tag>,
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
    pub struct ListVirtualMFADevicesRequest = "ListVirtualMFADevicesRequest" {
        0 assignment_status: Option<String>,
        1 marker: Option<String>,
        2 max_items: Option<i32>,
    }
    pub struct ListVirtualMFADevicesResponse = "ListVirtualMFADevicesResponse" {
        0 virtual_mfa_devices: Vec<VirtualMFADevice>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct LoginProfile = "LoginProfile" {
        0 user_name: String,
        1 create_date: Timestamp,
        2 password_reset_required: Option<bool>,
    }
    pub struct MFADevice = "MFADevice" {
        0 user_name: String,
        1 serial_number: String,
        2 enable_date: Timestamp,
    }
    pub struct ManagedPolicyDetail = "ManagedPolicyDetail" {
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
        11 policy_version_list: Option<Vec<PolicyVersion>>,
    }
    pub struct OpenIDConnectProviderListEntry = "OpenIDConnectProviderListEntry" {
        0 arn: Option<String>,
    }
    pub struct OrderedOrganizationPolicyType = "OrderedOrganizationPolicyType" {
        0 service_control_policy_input_list: Option<Vec<String>>,
    }
    pub struct OrganizationsDecisionDetail = "OrganizationsDecisionDetail" {
        0 allowed_by_organizations: Option<bool>,
    }
    pub struct PasswordPolicy = "PasswordPolicy" {
        0 minimum_password_length: Option<i32>,
        1 require_symbols: Option<bool>,
        2 require_numbers: Option<bool>,
        3 require_uppercase_characters: Option<bool>,
        4 require_lowercase_characters: Option<bool>,
        5 allow_users_to_change_password: Option<bool>,
        6 expire_passwords: Option<bool>,
        7 max_password_age: Option<i32>,
        8 password_reuse_prevention: Option<i32>,
        9 hard_expiry: Option<bool>,
    }
    pub struct PermissionsBoundaryDecisionDetail = "PermissionsBoundaryDecisionDetail" {
        0 allowed_by_permissions_boundary: Option<bool>,
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
    pub struct PolicyDetail = "PolicyDetail" {
        0 policy_name: Option<String>,
        1 policy_document: Option<String>,
    }
    pub struct PolicyGroup = "PolicyGroup" {
        0 group_name: Option<String>,
        1 group_id: Option<String>,
    }
    pub struct PolicyIdentifier = "PolicyIdentifier" {
        0 policy_type: Option<String>,
        1 policy_arn: Option<String>,
        2 inline_policy_identifier: Option<InlinePolicyIdentifierType>,
    }
    pub struct PolicyRole = "PolicyRole" {
        0 role_name: Option<String>,
        1 role_id: Option<String>,
    }
    pub struct PolicyUser = "PolicyUser" {
        0 user_name: Option<String>,
        1 user_id: Option<String>,
    }
    pub struct PolicyVersion = "PolicyVersion" {
        0 document: Option<String>,
        1 version_id: Option<String>,
        2 is_default_version: Option<bool>,
        3 create_date: Option<Timestamp>,
    }
    pub struct Position = "Position" {
        0 line: Option<i32>,
        1 column: Option<i32>,
    }
    pub struct PutGroupPolicyRequest = "PutGroupPolicyRequest" {
        0 group_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct PutRolePermissionsBoundaryRequest = "PutRolePermissionsBoundaryRequest" {
        0 role_name: String,
        1 permissions_boundary: String,
    }
    pub struct PutRolePolicyRequest = "PutRolePolicyRequest" {
        0 role_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct PutUserPermissionsBoundaryRequest = "PutUserPermissionsBoundaryRequest" {
        0 user_name: String,
        1 permissions_boundary: String,
    }
    pub struct PutUserPolicyRequest = "PutUserPolicyRequest" {
        0 user_name: String,
        1 policy_name: String,
        2 policy_document: String,
    }
    pub struct RemoveClientIDFromOpenIDConnectProviderRequest = "RemoveClientIDFromOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
        1 client_id: String,
    }
    pub struct RemoveRoleFromInstanceProfileRequest = "RemoveRoleFromInstanceProfileRequest" {
        0 instance_profile_name: String,
        1 role_name: String,
    }
    pub struct RemoveUserFromGroupRequest = "RemoveUserFromGroupRequest" {
        0 group_name: String,
        1 user_name: String,
    }
    pub struct ResourceSpecificResult = "ResourceSpecificResult" {
        0 eval_resource_name: String,
        1 eval_resource_decision: String,
        2 matched_statements: Option<Vec<Statement>>,
        3 missing_context_values: Option<Vec<String>>,
        4 eval_decision_details: Option<BTreeMap<String, String>>,
        5 permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
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
    pub struct RoleDetail = "RoleDetail" {
        0 path: Option<String>,
        1 role_name: Option<String>,
        2 role_id: Option<String>,
        3 arn: Option<String>,
        4 create_date: Option<Timestamp>,
        5 assume_role_policy_document: Option<String>,
        6 instance_profile_list: Option<Vec<InstanceProfile>>,
        7 role_policy_list: Option<Vec<PolicyDetail>>,
        8 attached_managed_policies: Option<Vec<AttachedPolicy>>,
        9 permissions_boundary: Option<AttachedPermissionsBoundary>,
        10 tags: Option<Vec<Tag>>,
        11 role_last_used: Option<RoleLastUsed>,
    }
    pub struct RoleLastUsed = "RoleLastUsed" {
        0 last_used_date: Option<Timestamp>,
        1 region: Option<String>,
    }
    pub struct RoleUsageType = "RoleUsageType" {
        0 region: Option<String>,
        1 resources: Option<Vec<String>>,
    }
    pub struct SAMLProviderListEntry = "SAMLProviderListEntry" {
        0 arn: Option<String>,
        1 valid_until: Option<Timestamp>,
        2 create_date: Option<Timestamp>,
    }
    pub struct SSHPublicKeyMetadata = "SSHPublicKeyMetadata" {
        0 user_name: String,
        1 ssh_public_key_id: String,
        2 status: String,
        3 upload_date: Timestamp,
    }
    pub struct ServerCertificate = "ServerCertificate" {
        0 server_certificate_metadata: ServerCertificateMetadata,
        1 certificate_body: String,
        2 certificate_chain: Option<String>,
        3 tags: Option<Vec<Tag>>,
    }
    pub struct ServerCertificateMetadata = "ServerCertificateMetadata" {
        0 path: String,
        1 server_certificate_name: String,
        2 server_certificate_id: String,
        3 arn: String,
        4 upload_date: Option<Timestamp>,
        5 expiration: Option<Timestamp>,
    }
    pub struct ServiceLastAccessed = "ServiceLastAccessed" {
        0 service_name: String,
        1 last_authenticated: Option<Timestamp>,
        2 service_namespace: String,
        3 last_authenticated_entity: Option<String>,
        4 last_authenticated_region: Option<String>,
        5 total_authenticated_entities: Option<i32>,
        6 tracked_actions_last_accessed: Option<Vec<TrackedActionLastAccessed>>,
    }
    pub struct ServiceSpecificCredentialMetadata = "ServiceSpecificCredentialMetadata" {
        0 user_name: String,
        1 status: String,
        2 service_user_name: Option<String>,
        3 service_credential_alias: Option<String>,
        4 create_date: Timestamp,
        5 expiration_date: Option<Timestamp>,
        6 service_specific_credential_id: String,
        7 service_name: String,
    }
    pub struct SetDefaultPolicyVersionRequest = "SetDefaultPolicyVersionRequest" {
        0 policy_arn: String,
        1 version_id: String,
    }
    pub struct SigningCertificate = "SigningCertificate" {
        0 user_name: String,
        1 certificate_id: String,
        2 certificate_body: String,
        3 status: String,
        4 upload_date: Option<Timestamp>,
    }
    pub struct SimulateCustomPolicyRequest = "SimulateCustomPolicyRequest" {
        0 policy_input_list: Vec<String>,
        1 permissions_boundary_policy_input_list: Option<Vec<String>>,
        2 ordered_organization_policy_input_list: Option<Vec<OrderedOrganizationPolicyType>>,
        3 action_names: Vec<String>,
        4 resource_arns: Option<Vec<String>>,
        5 resource_policy: Option<String>,
        6 resource_owner: Option<String>,
        7 caller_arn: Option<String>,
        8 context_entries: Option<Vec<ContextEntry>>,
        9 resource_handling_option: Option<String>,
        10 max_items: Option<i32>,
        11 marker: Option<String>,
    }
    pub struct SimulatePolicyResponse = "SimulatePolicyResponse" {
        0 evaluation_results: Option<Vec<EvaluationResult>>,
        1 is_truncated: Option<bool>,
        2 marker: Option<String>,
    }
    pub struct SimulatePrincipalPolicyRequest = "SimulatePrincipalPolicyRequest" {
        0 policy_source_arn: String,
        1 policy_input_list: Option<Vec<String>>,
        2 permissions_boundary_policy_input_list: Option<Vec<String>>,
        3 policy_exclusion_list: Option<Vec<PolicyIdentifier>>,
        4 action_names: Vec<String>,
        5 resource_arns: Option<Vec<String>>,
        6 resource_policy: Option<String>,
        7 resource_owner: Option<String>,
        8 caller_arn: Option<String>,
        9 context_entries: Option<Vec<ContextEntry>>,
        10 resource_handling_option: Option<String>,
        11 max_items: Option<i32>,
        12 marker: Option<String>,
    }
    pub struct SourceRoleTemplate = "SourceRoleTemplate" {
        0 template_arn: String,
        1 template_minor_version: i32,
    }
    pub struct Statement = "Statement" {
        0 source_policy_id: Option<String>,
        1 source_policy_type: Option<String>,
        2 start_position: Option<Position>,
        3 end_position: Option<Position>,
    }
    pub struct Tag = "Tag" {
        0 key: String,
        1 value: String,
    }
    pub struct TagInstanceProfileRequest = "TagInstanceProfileRequest" {
        0 instance_profile_name: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagOpenIDConnectProviderRequest = "TagOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagPolicyRequest = "TagPolicyRequest" {
        0 policy_arn: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagRoleRequest = "TagRoleRequest" {
        0 role_name: String,
        1 tags: Vec<Tag>,
    }
    pub struct TagUserRequest = "TagUserRequest" {
        0 user_name: String,
        1 tags: Vec<Tag>,
    }
    pub struct TrackedActionLastAccessed = "TrackedActionLastAccessed" {
        0 action_name: Option<String>,
        1 last_accessed_entity: Option<String>,
        2 last_accessed_time: Option<Timestamp>,
        3 last_accessed_region: Option<String>,
    }
    pub struct UntagInstanceProfileRequest = "UntagInstanceProfileRequest" {
        0 instance_profile_name: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagOpenIDConnectProviderRequest = "UntagOpenIDConnectProviderRequest" {
        0 open_id_connect_provider_arn: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagPolicyRequest = "UntagPolicyRequest" {
        0 policy_arn: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagRoleRequest = "UntagRoleRequest" {
        0 role_name: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UntagUserRequest = "UntagUserRequest" {
        0 user_name: String,
        1 tag_keys: Vec<String>,
    }
    pub struct UpdateAccessKeyRequest = "UpdateAccessKeyRequest" {
        0 user_name: Option<String>,
        1 access_key_id: String,
        2 status: String,
    }
    pub struct UpdateAccountPasswordPolicyRequest = "UpdateAccountPasswordPolicyRequest" {
        0 minimum_password_length: Option<i32>,
        1 require_symbols: Option<bool>,
        2 require_numbers: Option<bool>,
        3 require_uppercase_characters: Option<bool>,
        4 require_lowercase_characters: Option<bool>,
        5 allow_users_to_change_password: Option<bool>,
        6 max_password_age: Option<i32>,
        7 password_reuse_prevention: Option<i32>,
        8 hard_expiry: Option<bool>,
    }
    pub struct UpdateAssumeRolePolicyRequest = "UpdateAssumeRolePolicyRequest" {
        0 role_name: String,
        1 policy_document: String,
    }
    pub struct UpdateGroupRequest = "UpdateGroupRequest" {
        0 group_name: String,
        1 new_path: Option<String>,
        2 new_group_name: Option<String>,
    }
    pub struct UpdateOpenIDConnectProviderThumbprintRequest = "UpdateOpenIDConnectProviderThumbprintRequest" {
        0 open_id_connect_provider_arn: String,
        1 thumbprint_list: Vec<String>,
    }
    pub struct UpdateRoleDescriptionRequest = "UpdateRoleDescriptionRequest" {
        0 role_name: String,
        1 description: String,
    }
    pub struct UpdateRoleDescriptionResponse = "UpdateRoleDescriptionResponse" {
        0 role: Option<Role>,
    }
    pub struct UpdateRoleRequest = "UpdateRoleRequest" {
        0 role_name: String,
        1 description: Option<String>,
        2 max_session_duration: Option<i32>,
    }
    pub struct UpdateRoleResponse = "UpdateRoleResponse" {
    }
    pub struct UpdateUserRequest = "UpdateUserRequest" {
        0 user_name: String,
        1 new_path: Option<String>,
        2 new_user_name: Option<String>,
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
    pub struct UserDetail = "UserDetail" {
        0 path: Option<String>,
        1 user_name: Option<String>,
        2 user_id: Option<String>,
        3 arn: Option<String>,
        4 create_date: Option<Timestamp>,
        5 user_policy_list: Option<Vec<PolicyDetail>>,
        6 group_list: Option<Vec<String>>,
        7 attached_managed_policies: Option<Vec<AttachedPolicy>>,
        8 permissions_boundary: Option<AttachedPermissionsBoundary>,
        9 tags: Option<Vec<Tag>>,
    }
    pub struct VirtualMFADevice = "VirtualMFADevice" {
        0 serial_number: String,
        1 base32_string_seed: Option<Bytes>,
        2 qr_code_png: Option<Bytes>,
        3 user: Option<User>,
        4 enable_date: Option<Timestamp>,
        5 tags: Option<Vec<Tag>>,
    }
}
