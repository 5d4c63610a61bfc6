//! DescribeKey: all about a key but its material.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::key_id::{Managed, find};
use crate::{Kms, answer};

/// Describes a key; names of AWS managed keys bring them about.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::DescribeKeyRequest,
) -> Result<api::DescribeKeyResponse, Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, &cx, "kms:DescribeKey", &input.key_id, Managed::MakeAtFirstUse).await?;
    let permit = allow_found(&mut tx, &cx, &found, Wish::to("kms:DescribeKey")).await?;
    answer::keep(tx, &found, &permit).await?;
    Ok(api::DescribeKeyResponse { key_metadata: Some(answer::metadata(&found.key)) })
}
