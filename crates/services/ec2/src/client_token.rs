//! Client tokens of what its operation looks through anyway: the token stands in the row, and goes with it.

use gantry_wire::{Put, Shape, to_json};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Ec2Error;

/// The request that made a resource, where it came with a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBy {
    pub token: String,
    /// A digest of all of the request but the token, which may not carry another one.
    pub request: String,
}

impl MadeBy {
    /// The request with this token; `rest` is all of it but the token and whether it is a dry run.
    pub fn of<T: Put + Shape>(token: Option<&str>, rest: &T) -> Option<MadeBy> {
        let token = token.filter(|token| !token.is_empty())?.to_owned();
        let digest = Sha256::digest(to_json(rest).to_string());
        Some(MadeBy { token, request: digest.iter().map(|byte| format!("{byte:02x}")).collect() })
    }
}

/// Which of the rows was made by this very request; another request under its token is refused.
pub fn made_before<'r, R>(
    rows: &'r [R],
    by: Option<&MadeBy>,
    of: impl Fn(&R) -> Option<&MadeBy>,
) -> Result<Option<&'r R>, Ec2Error> {
    let Some(by) = by else { return Ok(None) };
    let Some(made) = rows.iter().find(|row| of(row).is_some_and(|earlier| earlier.token == by.token)) else {
        return Ok(None);
    };
    match of(made).is_some_and(|earlier| earlier.request == by.request) {
        true => Ok(Some(made)),
        false => Err(Ec2Error::IdempotentParameterMismatch),
    }
}
