//! `ListSSHPublicKeys`: a user's keys for SSH. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListSSHPublicKeysRequest, ListSSHPublicKeysResponse};
use gantry_service::{Cx, Failure};

use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListSSHPublicKeysRequest,
) -> Result<ListSSHPublicKeysResponse, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:ListSSHPublicKeys", &owner).await?;
    Ok(ListSSHPublicKeysResponse {
        ssh_public_keys: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
