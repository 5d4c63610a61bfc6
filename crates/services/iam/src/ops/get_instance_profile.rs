//! `GetInstanceProfile`: a profile with its role.

use gantry_api_iam::{GetInstanceProfileRequest, GetInstanceProfileResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::profiles::{permitted_profile, profile_shape};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetInstanceProfileRequest,
) -> Result<GetInstanceProfileResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetInstanceProfile", &input.instance_profile_name);
    let (profile, _) = permitted_profile(&mut tx, &cx, wish).await?;
    let mut instance_profile = profile_shape(&mut tx, &cx, profile, true).await?;
    // As AWS does, the list of tags is shown also when it is empty.
    instance_profile.tags.get_or_insert_default();
    Ok(GetInstanceProfileResponse { instance_profile })
}
