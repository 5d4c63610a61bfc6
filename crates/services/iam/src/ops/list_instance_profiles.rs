//! `ListInstanceProfiles`: the account's profiles, under a path where one is given.

use gantry_api_iam::{ListInstanceProfilesRequest, ListInstanceProfilesResponse};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::iam::{Iam, arn};
use crate::page::Wanted;
use crate::profiles::profile_shape;
use crate::tables::instance_profile::{InstanceProfile, PROFILES};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListInstanceProfilesRequest,
) -> Result<ListInstanceProfilesResponse, Failure> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    cx.authorize(Permission::on(
        "iam:ListInstanceProfiles",
        &arn(&cx, format_args!("instance-profile{prefix}")),
    ))?;
    let wanted =
        Wanted::new(&cx, "ListInstanceProfiles", &[prefix], input.marker.as_deref(), input.max_items);
    let mut tx = iam.db.begin();
    let pick = |profile: InstanceProfile| profile.path.starts_with(prefix).then_some(profile);
    let page = wanted.of_table(&mut tx, &PROFILES, &key!(cx.account), pick).await?;
    let is_truncated = page.is_truncated();
    let mut instance_profiles = Vec::with_capacity(page.items.len());
    for profile in page.items {
        instance_profiles.push(profile_shape(&mut tx, &cx, profile, false).await?);
    }
    Ok(ListInstanceProfilesResponse { instance_profiles, is_truncated, marker: page.marker })
}
