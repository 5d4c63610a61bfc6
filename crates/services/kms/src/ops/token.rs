//! Grant tokens: texts that name a grant, which nobody else can make up.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_service::Failure;

use crate::Kms;
use crate::error::KmsError;
use crate::tables::KeyRow;

const CONTEXT: &str = "kms/grant-token";

/// The token of a grant.
pub fn make(kms: &Kms, key: &KeyRow, grant: &str) -> Result<String, Failure> {
    let plain = format!("{} {grant}", key.arn());
    Ok(BASE64.encode(kms.sealer.seal(plain.as_bytes(), CONTEXT)))
}

/// The key's ARN and the grant's id that a token names.
pub fn read(kms: &Kms, token: &str) -> Result<(String, String), KmsError> {
    let sealed = BASE64.decode(token).map_err(|_| KmsError::InvalidGrantToken)?;
    let plain = kms.sealer.open(&sealed, CONTEXT).map_err(|_| KmsError::InvalidGrantToken)?;
    let plain = String::from_utf8(plain).map_err(|_| KmsError::InvalidGrantToken)?;
    let (key, grant) = plain.split_once(' ').ok_or(KmsError::InvalidGrantToken)?;
    Ok((key.to_owned(), grant.to_owned()))
}
