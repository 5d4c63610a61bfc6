//! Instance profiles, to be looked at or changed.

use gantry_api_iam as api;
use gantry_base::AccountId;
use gantry_service::{Cx, Failure, Permit};
use gantry_store::Tx;

use crate::error::no_such_entity;
use crate::iam::{Wish, arn, tagged};
use crate::shape;
use crate::tables::instance_profile::{InstanceProfile, PROFILES};
use crate::tables::role::Role;

/// The profile, and the proof that the caller may do with it what it wishes.
pub(crate) async fn permitted_profile(
    tx: &mut Tx,
    cx: &Cx,
    wish: Wish<'_>,
) -> Result<(InstanceProfile, Permit), Failure> {
    let name = wish.name;
    match InstanceProfile::find(tx, cx.account, name).await? {
        Some(profile) => {
            let named = profile.arn.in_partition(cx.partition());
            let permit = cx.authorize(tagged(wish.on(&named), &profile.tags))?;
            Ok((profile, permit))
        }
        None => {
            cx.authorize(wish.on(&arn(cx, format_args!("instance-profile/{name}"))))?;
            Err(no_such_entity(format!("Instance Profile {name} cannot be found.")))
        }
    }
}

/// Writes a profile back.
pub(crate) fn put_profile(tx: &mut Tx, account: AccountId, profile: &InstanceProfile) {
    tx.put(&PROFILES, &InstanceProfile::key(account, &profile.name), profile);
}

/// The profile with its role, as AWS shows it; tags only where asked for.
pub(crate) async fn profile_shape(
    tx: &mut Tx,
    cx: &Cx,
    profile: InstanceProfile,
    with_tags: bool,
) -> Result<api::InstanceProfile, Failure> {
    let mut roles = Vec::new();
    if let Some(name) = &profile.role
        && let Some(role) = Role::find(tx, cx.account, name).await?
    {
        roles.push(api::Role { tags: None, max_session_duration: None, ..shape::role(cx.partition(), role) });
    }
    Ok(api::InstanceProfile {
        path: profile.path,
        instance_profile_name: profile.name,
        instance_profile_id: profile.id,
        arn: profile.arn.in_partition(cx.partition()).to_string(),
        create_date: profile.created,
        roles,
        tags: if with_tags { shape::tags(&profile.tags) } else { None },
    })
}
