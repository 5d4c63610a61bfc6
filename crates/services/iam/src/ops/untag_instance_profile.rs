//! `UntagInstanceProfile`: takes tags off an instance profile.

use gantry_api_iam::UntagInstanceProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::profiles::{permitted_profile, put_profile};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UntagInstanceProfileRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UntagInstanceProfile", &input.instance_profile_name).untagging(&input.tag_keys);
    let (mut profile, permit) = permitted_profile(&mut tx, &cx, wish).await?;
    profile.tags = profile.tags.without(input.tag_keys.iter().map(String::as_str));
    put_profile(&mut tx, cx.account, &profile);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
