//! What GenerateMac and VerifyMac share.

use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::tables::KeyRow;
use crate::{Kms, answer, cipher};

/// What a request says.
pub struct Asked<'a> {
    pub action: &'static str,
    pub operation: &'static str,
    pub key_id: &'a str,
    pub algorithm: &'a str,
    pub message: &'a [u8],
    pub dry_run: Option<bool>,
}

/// The code of the message, for who may have it.
pub async fn code(kms: &Kms, cx: &Cx, asked: Asked<'_>) -> Result<(KeyRow, Vec<u8>), Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, cx, asked.action, asked.key_id, Managed::MustBeThere).await?;
    let wish = Wish::to(asked.action).key("kms:MacAlgorithm", [asked.algorithm]);
    allow_found(&mut tx, cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "GENERATE_VERIFY_MAC", asked.operation)?;
    if found.key.spec.mac_algorithm() != Some(asked.algorithm) {
        return Err(KmsError::InvalidKeyUsage {
            arn: found.key.arn().to_string(),
            usage: found.key.spec.mac_algorithm().unwrap_or_default(),
            operation: "this MAC algorithm",
        }
        .into());
    }
    answer::dry_run(asked.dry_run)?;
    let code = cipher::mac(kms, &mut tx, &found.key, asked.message).await?;
    Ok((found.key, code))
}
