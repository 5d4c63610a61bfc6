//! `DeleteInstanceProfile`: removes a profile that holds no role any more.

use gantry_api_iam::DeleteInstanceProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::iam::{Iam, Wish};
use crate::profiles::permitted_profile;
use crate::tables::instance_profile::{InstanceProfile, PROFILES};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteInstanceProfileRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteInstanceProfile", &input.instance_profile_name);
    let (profile, permit) = permitted_profile(&mut tx, &cx, wish).await?;
    if profile.role.is_some() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    tx.delete(&PROFILES, &InstanceProfile::key(cx.account, &profile.name));
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
