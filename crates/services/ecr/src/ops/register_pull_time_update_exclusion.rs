//! RegisterPullTimeUpdateExclusion: pulls by that user or role no longer count as an image's last.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{EXCLUSIONS, EXCLUSIONS_AT_MOST, Exclusion, exclusion_key, repositories_of};

pub async fn register_pull_time_update_exclusion(
    ecr: &Ecr,
    cx: &Cx,
    input: api::RegisterPullTimeUpdateExclusionRequest,
) -> Result<api::RegisterPullTimeUpdateExclusionResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:RegisterPullTimeUpdateExclusion"))?;
    let arn = input.principal_arn;
    let mut tx = ecr.db.begin();
    let row = exclusion_key(cx.account, &cx.region, &arn);
    if tx.get(&EXCLUSIONS, &row).await?.is_some() {
        return Err(EcrError::ExclusionAlreadyExists { arn });
    }
    let all = repositories_of(cx.account, &cx.region);
    if tx.peek_scan(&EXCLUSIONS, &all, Scan::first(EXCLUSIONS_AT_MOST)).await?.len() >= EXCLUSIONS_AT_MOST {
        return Err(EcrError::LimitExceeded(format!(
            "A registry has at most {EXCLUSIONS_AT_MOST} pull time update exclusions"
        )));
    }
    tx.put(&EXCLUSIONS, &row, &Exclusion { arn: arn.clone(), created_at: cx.now });
    tx.commit(&permit).await?;
    Ok(api::RegisterPullTimeUpdateExclusionResponse { principal_arn: Some(arn), created_at: Some(cx.now) })
}
