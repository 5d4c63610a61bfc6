//! `GetAccountAuthorizationDetails`: all users, groups, roles and policies of the account, with what they may.

use gantry_api_iam::{
    self as api, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse,
};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx, key};

use super::get_role::role_last_used;
use crate::document::{encoded, shown_trust};
use crate::iam::Iam;
use crate::managed;
use crate::page::Wanted;
use crate::policy::{AWS_CREATED, aws_shape, customer_shape, version_id, version_shape};
use crate::profiles::profile_shape;
use crate::shape::{self, shown};
use crate::tables::grants::Grants;
use crate::tables::group::GROUPS;
use crate::tables::instance_profile::InstanceProfile;
use crate::tables::policy::POLICIES;
use crate::tables::role::ROLES;
use crate::tables::user::USERS;

/// One detail of the listing.
enum Detail {
    User(Box<api::UserDetail>),
    Group(Box<api::GroupDetail>),
    Role(Box<api::RoleDetail>),
    Policy(Box<api::ManagedPolicyDetail>),
}

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetAccountAuthorizationDetailsRequest,
) -> Result<GetAccountAuthorizationDetailsResponse, Failure> {
    cx.authorize(Permission::of("iam:GetAccountAuthorizationDetails"))?;
    let filter = input.filter.unwrap_or_default();
    let wants = |kind: &str| filter.is_empty() || filter.iter().any(|one| one == kind);
    let mut tx = iam.db.begin();
    let mut all = Vec::new();
    if wants("User") {
        users(&mut tx, &cx, &mut all).await?;
    }
    if wants("Group") {
        groups(&mut tx, &cx, &mut all).await?;
    }
    if wants("Role") {
        roles(&iam, &mut tx, &cx, &mut all).await?;
    }
    if wants("LocalManagedPolicy") {
        own_policies(&mut tx, &cx, &mut all).await?;
    }
    if wants("AWSManagedPolicy") {
        aws_policies(&mut tx, &cx, &mut all).await?;
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let scope = filter.join(",");
    let listing = "GetAccountAuthorizationDetails";
    let wanted = Wanted::new(&cx, listing, &[&scope], input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(all, |(place, _)| place)?;

    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (_, detail) in page.items {
        match detail {
            Detail::User(user) => users.push(*user),
            Detail::Group(group) => groups.push(*group),
            Detail::Role(role) => roles.push(*role),
            Detail::Policy(policy) => policies.push(*policy),
        }
    }
    Ok(GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(users),
        group_detail_list: Some(groups),
        role_detail_list: Some(roles),
        policies: Some(policies),
        is_truncated: Some(page.marker.is_some()),
        marker: page.marker,
    })
}

type All = Vec<(String, Detail)>;

async fn users(tx: &mut Tx, cx: &Cx, all: &mut All) -> Result<(), Failure> {
    for (_, row) in tx.peek_scan(&USERS, &key!(cx.account), Scan::all()).await? {
        let (inline, attached) = lists(cx, &row.grants);
        let groups = row.groups.clone();
        let user = shape::user(cx.partition(), row);
        let detail = api::UserDetail {
            path: user.path,
            user_name: user.user_name.clone(),
            user_id: Some(user.user_id),
            arn: Some(user.arn),
            create_date: Some(user.create_date),
            user_policy_list: inline,
            group_list: Some(groups),
            attached_managed_policies: attached,
            permissions_boundary: user.permissions_boundary,
            tags: user.tags,
        };
        all.push((format!("1/{}", user.user_name.unwrap_or_default()), Detail::User(Box::new(detail))));
    }
    Ok(())
}

async fn groups(tx: &mut Tx, cx: &Cx, all: &mut All) -> Result<(), Failure> {
    for (_, row) in tx.peek_scan(&GROUPS, &key!(cx.account), Scan::all()).await? {
        let (group_policy_list, attached_managed_policies) = lists(cx, &row.grants);
        let group = shape::group(cx.partition(), row);
        let place = format!("2/{}", group.group_name);
        let detail = api::GroupDetail {
            path: Some(group.path),
            group_name: Some(group.group_name),
            group_id: Some(group.group_id),
            arn: Some(group.arn),
            create_date: Some(group.create_date),
            group_policy_list,
            attached_managed_policies,
        };
        all.push((place, Detail::Group(Box::new(detail))));
    }
    Ok(())
}

async fn roles(iam: &Iam, tx: &mut Tx, cx: &Cx, all: &mut All) -> Result<(), Failure> {
    for (_, mut row) in tx.peek_scan(&ROLES, &key!(cx.account), Scan::all()).await? {
        row.trust = shown_trust(tx, &row).await?;
        let (role_policy_list, attached_managed_policies) = lists(cx, &row.grants);
        let mut profiles = Vec::new();
        for name in &row.profiles {
            if let Some(profile) = InstanceProfile::find(tx, cx.account, name).await? {
                profiles.push(profile_shape(tx, cx, profile, false).await?);
            }
        }
        let role_last_used = role_last_used(iam, tx, cx, &row).await?;
        let role = shape::role(cx.partition(), row);
        let place = format!("3/{}", role.role_name);
        let detail = api::RoleDetail {
            path: Some(role.path),
            role_name: Some(role.role_name),
            role_id: Some(role.role_id),
            arn: Some(role.arn),
            create_date: Some(role.create_date),
            assume_role_policy_document: role.assume_role_policy_document,
            instance_profile_list: Some(profiles),
            role_policy_list,
            attached_managed_policies,
            permissions_boundary: role.permissions_boundary,
            tags: role.tags,
            role_last_used: Some(role_last_used),
        };
        all.push((place, Detail::Role(Box::new(detail))));
    }
    Ok(())
}

async fn own_policies(tx: &mut Tx, cx: &Cx, all: &mut All) -> Result<(), Failure> {
    for (_, row) in tx.peek_scan(&POLICIES, &key!(cx.account), Scan::all()).await? {
        let versions = row.versions.iter().rev().map(|version| version_shape(version, &row, true)).collect();
        let place = format!("4/{}", row.name);
        let policy = customer_shape(tx, cx, row).await?;
        all.push((place, Detail::Policy(Box::new(detail(policy, versions)))));
    }
    Ok(())
}

async fn aws_policies(tx: &mut Tx, cx: &Cx, all: &mut All) -> Result<(), Failure> {
    for policy in managed::all() {
        let version = api::PolicyVersion {
            document: Some(encoded(policy.document)),
            version_id: Some(version_id(1)),
            is_default_version: Some(true),
            create_date: Some(AWS_CREATED),
        };
        let shown = aws_shape(tx, cx, policy).await?;
        all.push((format!("5/{}", policy.name), Detail::Policy(Box::new(detail(shown, vec![version])))));
    }
    Ok(())
}

fn detail(policy: api::Policy, versions: Vec<api::PolicyVersion>) -> api::ManagedPolicyDetail {
    api::ManagedPolicyDetail {
        policy_name: policy.policy_name,
        policy_id: policy.policy_id,
        arn: policy.arn,
        path: policy.path,
        default_version_id: policy.default_version_id,
        attachment_count: policy.attachment_count,
        permissions_boundary_usage_count: policy.permissions_boundary_usage_count,
        is_attachable: policy.is_attachable,
        description: policy.description,
        create_date: policy.create_date,
        update_date: policy.update_date,
        policy_version_list: Some(versions),
    }
}

/// The inline and the attached policies.
fn lists(cx: &Cx, grants: &Grants) -> (Option<Vec<api::PolicyDetail>>, Option<Vec<api::AttachedPolicy>>) {
    let inline = grants.inline.iter().map(|(name, document)| api::PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(encoded(document)),
    });
    let attached = grants.attached.iter().map(|arn| api::AttachedPolicy {
        policy_name: arn.rsplit('/').next().map(str::to_owned),
        policy_arn: Some(shown(cx.partition(), arn.clone())),
    });
    (Some(inline.collect()), Some(attached.collect()))
}
