//! AWS IAM and STS: users, roles, policies, access keys, and the sessions of roles.
//!
//! IAM has no regions: an account is one room everywhere. What is written here is in force with the next
//! request of this process, and within half a second of any other over the same store.
//!
//! This crate never decides whether something is allowed (`gantry-iam-core` does), never stores a secret
//! unsealed, and never shows one twice. A session is not stored at all.
//!
//! Read in this order: [`tables`] (what is kept), `iam` (what every operation holds), `ops` (one file per
//! operation), `session` and `caller` (from keys to callers), [`identities`] (the gateway's lookup), `roles`
//! (sessions for services), `web_identity` (other providers' tokens), [`managed`] (AWS's own policies).

mod caller;
mod document;
mod encoded;
mod error;
mod first_key;
mod grants;
mod iam;
pub mod identities;
mod last_use;
mod linked;
pub mod managed;
mod ops;
mod owner;
mod page;
mod policy;
mod principal_source;
mod profiles;
mod providers;
mod roles;
mod session;
mod shape;
mod simulation;
pub mod tables;
mod temporary;
mod web_identity;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_service::Registry;
use gantry_service::principals::FindPrincipals;

pub use first_key::KeyPair;
pub use iam::Iam;
pub use identities::{Identities, Identity, Unknown};
pub use web_identity::Issuers;

/// Serves operations with the functions of the files that have their names.
macro_rules! serve {
    ($registry:ident, $iam:ident, { $($operation:ty => $file:ident,)* }) => {
        $({
            let iam = $iam.clone();
            $registry.on::<$operation, _, _, _>(move |cx, input| ops::$file::run(iam.clone(), cx, input));
        })*
    };
}

/// Registers all operations of IAM and STS.
pub fn register(registry: &mut Registry, iam: &Iam) {
    let finding = iam.clone();
    registry.on_within::<FindPrincipals, _, _>(move |_, arns| {
        let iam = finding.clone();
        async move { ops::find_principals::run(&iam, &arns).await }
    });
    serve!(registry, iam, {
        api::AddClientIDToOpenIDConnectProvider => add_client_id_to_open_id_connect_provider,
        api::AddRoleToInstanceProfile => add_role_to_instance_profile,
        api::AddUserToGroup => add_user_to_group,
        api::AttachGroupPolicy => attach_group_policy,
        api::AttachRolePolicy => attach_role_policy,
        api::AttachUserPolicy => attach_user_policy,
        api::CreateAccessKey => create_access_key,
        api::CreateAccountAlias => create_account_alias,
        api::CreateGroup => create_group,
        api::CreateInstanceProfile => create_instance_profile,
        api::CreateOpenIDConnectProvider => create_open_id_connect_provider,
        api::CreatePolicy => create_policy,
        api::CreatePolicyVersion => create_policy_version,
        api::CreateRole => create_role,
        api::CreateServiceLinkedRole => create_service_linked_role,
        api::CreateUser => create_user,
        api::DeactivateMFADevice => deactivate_mfa_device,
        api::DeleteAccessKey => delete_access_key,
        api::DeleteAccountAlias => delete_account_alias,
        api::DeleteAccountPasswordPolicy => delete_account_password_policy,
        api::DeleteGroup => delete_group,
        api::DeleteGroupPolicy => delete_group_policy,
        api::DeleteInstanceProfile => delete_instance_profile,
        api::DeleteLoginProfile => delete_login_profile,
        api::DeleteOpenIDConnectProvider => delete_open_id_connect_provider,
        api::DeletePolicy => delete_policy,
        api::DeletePolicyVersion => delete_policy_version,
        api::DeleteRole => delete_role,
        api::DeleteRolePermissionsBoundary => delete_role_permissions_boundary,
        api::DeleteRolePolicy => delete_role_policy,
        api::DeleteSSHPublicKey => delete_ssh_public_key,
        api::DeleteServerCertificate => delete_server_certificate,
        api::DeleteServiceLinkedRole => delete_service_linked_role,
        api::DeleteServiceSpecificCredential => delete_service_specific_credential,
        api::DeleteSigningCertificate => delete_signing_certificate,
        api::DeleteUser => delete_user,
        api::DeleteUserPermissionsBoundary => delete_user_permissions_boundary,
        api::DeleteUserPolicy => delete_user_policy,
        api::DeleteVirtualMFADevice => delete_virtual_mfa_device,
        api::DetachGroupPolicy => detach_group_policy,
        api::DetachRolePolicy => detach_role_policy,
        api::DetachUserPolicy => detach_user_policy,
        api::GenerateCredentialReport => generate_credential_report,
        api::GenerateServiceLastAccessedDetails => generate_service_last_accessed_details,
        api::GetAccessKeyLastUsed => get_access_key_last_used,
        api::GetAccountAuthorizationDetails => get_account_authorization_details,
        api::GetAccountPasswordPolicy => get_account_password_policy,
        api::GetAccountSummary => get_account_summary,
        api::GetContextKeysForCustomPolicy => get_context_keys_for_custom_policy,
        api::GetContextKeysForPrincipalPolicy => get_context_keys_for_principal_policy,
        api::GetCredentialReport => get_credential_report,
        api::GetServiceLastAccessedDetails => get_service_last_accessed_details,
        api::GetServiceLastAccessedDetailsWithEntities => get_service_last_accessed_details_with_entities,
        api::GetGroup => get_group,
        api::GetGroupPolicy => get_group_policy,
        api::GetInstanceProfile => get_instance_profile,
        api::GetLoginProfile => get_login_profile,
        api::GetOpenIDConnectProvider => get_open_id_connect_provider,
        api::GetPolicy => get_policy,
        api::GetPolicyVersion => get_policy_version,
        api::GetRole => get_role,
        api::GetRolePolicy => get_role_policy,
        api::GetServerCertificate => get_server_certificate,
        api::GetServiceLinkedRoleDeletionStatus => get_service_linked_role_deletion_status,
        api::GetUser => get_user,
        api::GetUserPolicy => get_user_policy,
        api::ListAccessKeys => list_access_keys,
        api::ListAccountAliases => list_account_aliases,
        api::ListAttachedGroupPolicies => list_attached_group_policies,
        api::ListAttachedRolePolicies => list_attached_role_policies,
        api::ListAttachedUserPolicies => list_attached_user_policies,
        api::ListEntitiesForPolicy => list_entities_for_policy,
        api::ListGroupPolicies => list_group_policies,
        api::ListGroups => list_groups,
        api::ListGroupsForUser => list_groups_for_user,
        api::ListInstanceProfileTags => list_instance_profile_tags,
        api::ListInstanceProfiles => list_instance_profiles,
        api::ListInstanceProfilesForRole => list_instance_profiles_for_role,
        api::ListMFADevices => list_mfa_devices,
        api::ListOpenIDConnectProviderTags => list_open_id_connect_provider_tags,
        api::ListOpenIDConnectProviders => list_open_id_connect_providers,
        api::ListPolicies => list_policies,
        api::ListPolicyTags => list_policy_tags,
        api::ListPolicyVersions => list_policy_versions,
        api::ListRolePolicies => list_role_policies,
        api::ListRoleTags => list_role_tags,
        api::ListRoles => list_roles,
        api::ListSAMLProviders => list_saml_providers,
        api::ListSSHPublicKeys => list_ssh_public_keys,
        api::ListServerCertificates => list_server_certificates,
        api::ListServiceSpecificCredentials => list_service_specific_credentials,
        api::ListSigningCertificates => list_signing_certificates,
        api::ListUserPolicies => list_user_policies,
        api::ListUserTags => list_user_tags,
        api::ListUsers => list_users,
        api::ListVirtualMFADevices => list_virtual_mfa_devices,
        api::PutGroupPolicy => put_group_policy,
        api::PutRolePermissionsBoundary => put_role_permissions_boundary,
        api::PutRolePolicy => put_role_policy,
        api::PutUserPermissionsBoundary => put_user_permissions_boundary,
        api::PutUserPolicy => put_user_policy,
        api::RemoveClientIDFromOpenIDConnectProvider => remove_client_id_from_open_id_connect_provider,
        api::RemoveRoleFromInstanceProfile => remove_role_from_instance_profile,
        api::RemoveUserFromGroup => remove_user_from_group,
        api::SetDefaultPolicyVersion => set_default_policy_version,
        api::SimulateCustomPolicy => simulate_custom_policy,
        api::SimulatePrincipalPolicy => simulate_principal_policy,
        api::TagInstanceProfile => tag_instance_profile,
        api::TagOpenIDConnectProvider => tag_open_id_connect_provider,
        api::TagPolicy => tag_policy,
        api::TagRole => tag_role,
        api::TagUser => tag_user,
        api::UntagInstanceProfile => untag_instance_profile,
        api::UntagOpenIDConnectProvider => untag_open_id_connect_provider,
        api::UntagPolicy => untag_policy,
        api::UntagRole => untag_role,
        api::UntagUser => untag_user,
        api::UpdateAccessKey => update_access_key,
        api::UpdateAccountPasswordPolicy => update_account_password_policy,
        api::UpdateAssumeRolePolicy => update_assume_role_policy,
        api::UpdateGroup => update_group,
        api::UpdateOpenIDConnectProviderThumbprint => update_open_id_connect_provider_thumbprint,
        api::UpdateRole => update_role,
        api::UpdateRoleDescription => update_role_description,
        api::UpdateUser => update_user,
        sts::AssumeRole => assume_role,
        sts::AssumeRoleWithWebIdentity => assume_role_with_web_identity,
        sts::DecodeAuthorizationMessage => decode_authorization_message,
        sts::GetAccessKeyInfo => get_access_key_info,
        sts::GetFederationToken => get_federation_token,
        sts::GetSessionToken => get_session_token,
    });
    registry.on::<sts::GetCallerIdentity, _, _, _>(ops::get_caller_identity::run);
}
