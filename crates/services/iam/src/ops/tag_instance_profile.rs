//! `TagInstanceProfile`: hangs tags on an instance profile, in place of those with the same keys.

use gantry_api_iam::TagInstanceProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::profiles::{permitted_profile, put_profile};
use crate::shape::with_tags;

pub(crate) async fn run(iam: Iam, cx: Cx, input: TagInstanceProfileRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:TagInstanceProfile", &input.instance_profile_name).tagging(&input.tags);
    let (mut profile, permit) = permitted_profile(&mut tx, &cx, wish).await?;
    profile.tags = with_tags(&profile.tags, input.tags)?;
    put_profile(&mut tx, cx.account, &profile);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
