//! `DeactivateMFADevice`: takes a second factor from a user. None can be made in Gantry, so none is there.

use gantry_api_iam::DeactivateMFADeviceRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeactivateMFADeviceRequest) -> Result<Unit, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:DeactivateMFADevice", &owner).await?;
    Err(no_such_entity(format!("VirtualMFADevice with serial number {} doesn't exist.", input.serial_number)))
}
