//! `DeleteServiceSpecificCredential`: ends a user's credential for one service. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteServiceSpecificCredentialRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DeleteServiceSpecificCredentialRequest,
) -> Result<Unit, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:DeleteServiceSpecificCredential", &owner).await?;
    Err(no_such_entity(format!("No such credential {} exists", input.service_specific_credential_id)))
}
