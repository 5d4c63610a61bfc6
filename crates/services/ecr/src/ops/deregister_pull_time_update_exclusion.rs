//! DeregisterPullTimeUpdateExclusion: pulls by that user or role count again.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{EXCLUSIONS, exclusion_key};

pub async fn deregister_pull_time_update_exclusion(
    ecr: &Ecr,
    cx: &Cx,
    input: api::DeregisterPullTimeUpdateExclusionRequest,
) -> Result<api::DeregisterPullTimeUpdateExclusionResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:DeregisterPullTimeUpdateExclusion"))?;
    let arn = input.principal_arn;
    let mut tx = ecr.db.begin();
    let row = exclusion_key(cx.account, &cx.region, &arn);
    if tx.get(&EXCLUSIONS, &row).await?.is_none() {
        return Err(EcrError::ExclusionNotFound { arn });
    }
    tx.delete(&EXCLUSIONS, &row);
    tx.commit(&permit).await?;
    Ok(api::DeregisterPullTimeUpdateExclusionResponse { principal_arn: Some(arn) })
}
