//! `ListInstanceProfilesForRole`: the profiles that hold a role.

use gantry_api_iam::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_role};
use crate::page::Wanted;
use crate::profiles::profile_shape;
use crate::tables::instance_profile::InstanceProfile;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:ListInstanceProfilesForRole", &input.role_name);
    let (role, _) = permitted_role(&mut tx, &cx, wish).await?;

    let filters = [input.role_name.as_str()];
    let listing = "ListInstanceProfilesForRole";
    let wanted = Wanted::new(&cx, listing, &filters, input.marker.as_deref(), input.max_items);
    let page = wanted.of_list(role.profiles, String::as_str)?;
    let is_truncated = page.is_truncated();
    let mut instance_profiles = Vec::with_capacity(page.items.len());
    for name in page.items {
        if let Some(profile) = InstanceProfile::find(&mut tx, cx.account, &name).await? {
            instance_profiles.push(profile_shape(&mut tx, &cx, profile, false).await?);
        }
    }
    Ok(ListInstanceProfilesForRoleResponse { instance_profiles, is_truncated, marker: page.marker })
}
