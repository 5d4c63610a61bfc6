//! `ListSigningCertificates`: a user's certificates. None can be made in Gantry, so there are none.

use gantry_api_iam::{ListSigningCertificatesRequest, ListSigningCertificatesResponse};
use gantry_service::{Cx, Failure};

use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: ListSigningCertificatesRequest,
) -> Result<ListSigningCertificatesResponse, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:ListSigningCertificates", &owner).await?;
    Ok(ListSigningCertificatesResponse { certificates: Vec::new(), is_truncated: Some(false), marker: None })
}
