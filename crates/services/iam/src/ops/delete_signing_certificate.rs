//! `DeleteSigningCertificate`: ends a user's certificate. None can be made in Gantry, so none is there.

use gantry_api_iam::DeleteSigningCertificateRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::iam::Iam;
use crate::owner::{KeyRing, key_owner};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteSigningCertificateRequest) -> Result<Unit, Failure> {
    let owner = key_owner(&cx, input.user_name)?;
    KeyRing::permitted(&mut iam.db.begin(), &cx, "iam:DeleteSigningCertificate", &owner).await?;
    Err(no_such_entity(format!("The Certificate with id {} cannot be found.", input.certificate_id)))
}
