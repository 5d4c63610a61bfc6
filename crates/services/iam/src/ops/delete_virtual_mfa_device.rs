//! `DeleteVirtualMFADevice`: ends a virtual second factor. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteVirtualMFADeviceRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::{Iam, arn};

pub(crate) async fn run(_: Iam, cx: Cx, input: DeleteVirtualMFADeviceRequest) -> Result<Unit, Failure> {
    let serial = input.serial_number;
    let named = serial.parse().unwrap_or_else(|_| arn(&cx, format_args!("mfa/{serial}")));
    cx.authorize(Permission::on("iam:DeleteVirtualMFADevice", &named))?;
    Err(no_such_entity(format!("VirtualMFADevice with serial number {serial} doesn't exist.")))
}
