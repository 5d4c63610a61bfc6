//! DescribeActivations: the activations of the account in the region, but their codes.

use gantry_api_ssm as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Secrets;
use crate::ssm::activation::{ACTIVATIONS, Activation, activations_key};
use crate::ssm::error::ParameterError;

const LARGEST_PAGE: usize = 50;

/// Lists activations by filter.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DescribeActivationsRequest,
) -> Result<api::DescribeActivationsResult, Failure> {
    cx.authorize(Permission::of("ssm:DescribeActivations"))?;
    let filters = input.filters.unwrap_or_default();
    let scope = format!("DescribeActivations/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| ParameterError::InvalidNextToken)?;
    let size = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let all = activations_key(cx.account, &cx.region);
    let start = after.map(|id| activations_key(cx.account, &cx.region).with(&id));
    let mut tx = secrets.db.begin();
    let rows = tx.peek_scan(&ACTIVATIONS, &all, Scan::all().after(start)).await?;
    let fits = |row: &Activation| filters.iter().all(|filter| passes(filter, row));
    let mut found = rows.into_iter().map(|(_, row)| row).filter(fits);
    let page: Vec<Activation> = found.by_ref().take(size).collect();
    let more = found.next().and(page.last());
    Ok(api::DescribeActivationsResult {
        next_token: more.map(|last| PageToken::encode(&scope, &last.id)),
        activation_list: Some(page.iter().map(|row| row.answer(cx.now)).collect()),
    })
}

/// Whether any of the filter's values is the row's. The model knows no other keys.
fn passes(filter: &api::DescribeActivationsFilter, row: &Activation) -> bool {
    let own = match filter.filter_key.as_deref() {
        Some("ActivationIds") => Some(row.id.as_str()),
        Some("DefaultInstanceName") => row.default_instance_name.as_deref(),
        Some("IamRole") => Some(row.iam_role.as_str()),
        _ => return true,
    };
    filter.filter_values.iter().flatten().any(|value| Some(value.as_str()) == own)
}
