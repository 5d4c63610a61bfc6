//! `GetAccountSummary`: how much of everything the account has, and may have.

use std::collections::BTreeMap;

use gantry_api_iam::GetAccountSummaryResponse;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};
use gantry_wire::Unit;

use crate::iam::Iam;
use crate::tables::account::ACCOUNTS;
use crate::tables::group::GROUPS;
use crate::tables::instance_profile::PROFILES;
use crate::tables::oidc_provider::PROVIDERS;
use crate::tables::policy::POLICIES;
use crate::tables::role::ROLES;
use crate::tables::user::USERS;

/// AWS's quotas, under AWS's names.
const QUOTAS: [(&str, i32); 20] = [
    ("AccessKeysPerUserQuota", 2),
    ("AssumeRolePolicySizeQuota", 2048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GroupPolicySizeQuota", 5120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfilesQuota", 1000),
    ("PoliciesQuota", 1500),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10000),
    ("RolePolicySizeQuota", 10240),
    ("RolesQuota", 1000),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2048),
    ("UsersQuota", 5000),
    ("VersionsPerPolicyQuota", 5),
    ("GlobalEndpointTokenVersion", 1),
];

/// What Gantry has none of: passwords, certificates and second factors.
const NONE: [&str; 6] = [
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "MFADevices",
    "MFADevicesInUse",
    "ServerCertificates",
];

pub(crate) async fn run(iam: Iam, cx: Cx, _: Unit) -> Result<GetAccountSummaryResponse, Failure> {
    cx.authorize(Permission::of("iam:GetAccountSummary"))?;
    let mut tx = iam.db.begin();
    let of = key!(cx.account);
    let policies = tx.peek_scan(&POLICIES, &of, Scan::all()).await?;
    let versions = policies.iter().map(|(_, policy)| policy.versions.len()).sum::<usize>();
    let root_keys = tx.get(&ACCOUNTS, &of).await?.map_or(0, |row| row.access_keys.len());
    let counts = [
        ("AccountAccessKeysPresent", usize::from(root_keys > 0)),
        ("Groups", tx.peek_scan(&GROUPS, &of, Scan::all()).await?.len()),
        ("InstanceProfiles", tx.peek_scan(&PROFILES, &of, Scan::all()).await?.len()),
        ("Policies", policies.len()),
        ("PolicyVersionsInUse", versions),
        ("Providers", tx.peek_scan(&PROVIDERS, &of, Scan::all()).await?.len()),
        ("Roles", tx.peek_scan(&ROLES, &of, Scan::all()).await?.len()),
        ("Users", tx.peek_scan(&USERS, &of, Scan::all()).await?.len()),
    ];
    let counts = counts.map(|(name, count)| (name, i32::try_from(count).unwrap_or(i32::MAX)));
    let all = QUOTAS.into_iter().chain(NONE.map(|name| (name, 0))).chain(counts);
    let summary: BTreeMap<String, i32> = all.map(|(name, count)| (name.to_owned(), count)).collect();
    Ok(GetAccountSummaryResponse { summary_map: Some(summary) })
}
