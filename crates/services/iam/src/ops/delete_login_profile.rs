//! `DeleteLoginProfile`: ends a user's password. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteLoginProfileRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteLoginProfileRequest) -> Result<Unit, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    let (ring, _) = KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:DeleteLoginProfile", &owner).await?;
    Err(no_such_entity(format!("Login Profile for User {} cannot be found.", ring.name())))
}
