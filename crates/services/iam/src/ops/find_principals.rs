//! `FindPrincipals`: whom the policies of the other services' resources name.

use gantry_service::Failure;
use gantry_service::principals::PrincipalsFound;

use crate::document;
use crate::iam::Iam;

/// In development, where keys are let in whose users nobody made, policies may name such users too.
pub(crate) async fn run(iam: &Iam, arns: &[String]) -> Result<PrincipalsFound, Failure> {
    let mut tx = iam.db.begin();
    let mut found = document::find_principals(&mut tx, arns.iter().map(String::as_str)).await?;
    if iam.development {
        found.unknown = None;
    }
    Ok(found)
}
