//! `ListServiceSpecificCredentials`: a user's credentials for single services. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListServiceSpecificCredentialsRequest, ListServiceSpecificCredentialsResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListServiceSpecificCredentialsRequest,
) -> Result<ListServiceSpecificCredentialsResponse, Failure> {
    if input.all_users == Some(true) {
        cx.authorize(Permission::of("iam:ListServiceSpecificCredentials"))?;
    } else {
        let owner = key_owner(&cx, input.user_name)?;
        KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:ListServiceSpecificCredentials", &owner).await?;
    }
    Ok(ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
