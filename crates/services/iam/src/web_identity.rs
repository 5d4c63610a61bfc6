//! Tokens of other identity providers: whether one is genuine, and what it says.
//!
//! A token is a JWT signed by an issuer whose provider the role's account has. The issuer's keys are fetched as
//! [OpenID Connect Discovery](https://openid.net/specs/openid-connect-discovery-1_0.html) has it, over HTTPS.
//!
//! Read in this order: `token` (what a token says, unverified), `keys` (an issuer's keys, and whether one signed),
//! `issuers` (fetching and remembering keys), `trust` (whom Gantry takes for the issuer).

mod issuers;
mod keys;
mod token;
mod trust;

pub use issuers::Issuers;
pub(crate) use token::{SessionTags, Token};

use gantry_service::Failure;
use gantry_wire::ApiError;

/// The token is no token, or not one that counts here.
pub(crate) fn invalid_token(message: impl Into<String>) -> Failure {
    ApiError::new("InvalidIdentityToken", message).with_status(400).into()
}

/// The issuer can't be reached.
fn unreachable(message: impl Into<String>) -> Failure {
    ApiError::new("IDPCommunicationError", message).with_status(400).into()
}

/// The issuer was reached, and has nothing to verify the token with.
fn no_key() -> Failure {
    invalid_token(
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    )
}
