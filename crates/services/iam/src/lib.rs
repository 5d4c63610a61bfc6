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
//! (sessions for services), [`managed`] (AWS's own policies).

mod caller;
mod document;
mod error;
mod first_key;
mod grants;
mod iam;
pub mod identities;
pub mod managed;
mod ops;
mod owner;
mod page;
mod policy;
mod roles;
mod session;
mod shape;
pub mod tables;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_service::Registry;

pub use first_key::KeyPair;
pub use iam::Iam;
pub use identities::{Identities, Identity, Unknown};

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
    serve!(registry, iam, {
        api::AttachRolePolicy => attach_role_policy,
        api::AttachUserPolicy => attach_user_policy,
        api::CreateAccessKey => create_access_key,
        api::CreatePolicy => create_policy,
        api::CreateRole => create_role,
        api::CreateUser => create_user,
        api::DeleteAccessKey => delete_access_key,
        api::DeletePolicy => delete_policy,
        api::DeleteRole => delete_role,
        api::DeleteRolePolicy => delete_role_policy,
        api::DeleteUser => delete_user,
        api::DeleteUserPolicy => delete_user_policy,
        api::DetachRolePolicy => detach_role_policy,
        api::DetachUserPolicy => detach_user_policy,
        api::GetPolicy => get_policy,
        api::GetPolicyVersion => get_policy_version,
        api::GetRole => get_role,
        api::GetRolePolicy => get_role_policy,
        api::GetUser => get_user,
        api::GetUserPolicy => get_user_policy,
        api::ListAccessKeys => list_access_keys,
        api::ListAttachedRolePolicies => list_attached_role_policies,
        api::ListAttachedUserPolicies => list_attached_user_policies,
        api::ListPolicies => list_policies,
        api::ListRolePolicies => list_role_policies,
        api::ListRoles => list_roles,
        api::ListUserPolicies => list_user_policies,
        api::ListUsers => list_users,
        api::PutRolePolicy => put_role_policy,
        api::PutUserPolicy => put_user_policy,
        api::UpdateAssumeRolePolicy => update_assume_role_policy,
        sts::AssumeRole => assume_role,
    });
    registry.on::<sts::GetCallerIdentity, _, _, _>(ops::get_caller_identity::run);
}
