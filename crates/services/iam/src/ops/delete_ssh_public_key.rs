//! `DeleteSSHPublicKey`: ends a user's key for SSH. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteSSHPublicKeyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteSSHPublicKeyRequest) -> Result<Unit, Failure> {
    let owner = key_owner(&cx, Some(input.user_name))?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:DeleteSSHPublicKey", &owner).await?;
    Err(no_such_entity(format!("The Public Key with id {} cannot be found.", input.ssh_public_key_id)))
}
