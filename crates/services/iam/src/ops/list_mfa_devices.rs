//! `ListMFADevices`: a user's second factors. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListMFADevicesRequest, ListMFADevicesResponse};
use gantry_service::{Cx, Failure};

use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListMFADevicesRequest,
) -> Result<ListMFADevicesResponse, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:ListMFADevices", &owner).await?;
    Ok(ListMFADevicesResponse { mfa_devices: Vec::new(), is_truncated: Some(false), marker: None })
}
