//! ListPullTimeUpdateExclusions: whose pulls do not count.

use gantry_api_ecr as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Permission};
use gantry_store::Scan;

use super::parameter;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{EXCLUSIONS, exclusion_key, repositories_of};

pub async fn list_pull_time_update_exclusions(
    ecr: &Ecr,
    cx: &Cx,
    input: api::ListPullTimeUpdateExclusionsRequest,
) -> Result<api::ListPullTimeUpdateExclusionsResponse, EcrError> {
    cx.authorize(Permission::of("ecr:ListPullTimeUpdateExclusions"))?;
    let scope = format!("ListPullTimeUpdateExclusions/{}/{}", cx.account, cx.region);
    let after = parameter::resume(&scope, input.next_token.as_deref())?;
    let after = after.map(|arn| exclusion_key(cx.account, &cx.region, &arn));
    let limit = parameter::page_size(input.max_results);
    let all = repositories_of(cx.account, &cx.region);
    let rows = ecr.db.begin().scan(&EXCLUSIONS, &all, Scan::first(limit + 1).after(after)).await?;
    let more = rows.len() > limit;
    let arns: Vec<String> = rows.into_iter().take(limit).map(|(_, exclusion)| exclusion.arn).collect();
    let next_token = arns.last().filter(|_| more).map(|last| PageToken::encode(&scope, last));
    Ok(api::ListPullTimeUpdateExclusionsResponse { pull_time_update_exclusions: Some(arns), next_token })
}
