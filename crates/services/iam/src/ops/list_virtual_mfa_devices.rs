//! `ListVirtualMFADevices`: the account's virtual second factors. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::iam::Iam;

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    _: ListVirtualMFADevicesRequest,
) -> Result<ListVirtualMFADevicesResponse, Failure> {
    cx.authorize(Permission::of("iam:ListVirtualMFADevices"))?;
    Ok(ListVirtualMFADevicesResponse {
        virtual_mfa_devices: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
