//! DescribeParameters: all about parameters but their values.

use gantry_api_ssm as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Secrets;
use crate::ssm::answer;
use crate::ssm::error::ParameterError;
use crate::ssm::filter::{self, Listing};
use crate::ssm::table::{PARAMETERS, parameter_key, parameters_key};

const LARGEST_PAGE: usize = 50;
const DEFAULT_PAGE: usize = 10;

/// How many rows are read from the store at once.
const BATCH: usize = 500;

/// Lists parameters by filter.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DescribeParametersRequest,
) -> Result<api::DescribeParametersResult, Failure> {
    cx.authorize(Permission::of("ssm:DescribeParameters"))?;
    if input.filters.is_some() && input.parameter_filters.is_some() {
        let message = "You can use either Filters or ParameterFilters in a single request.";
        return Err(ParameterError::Validation(message.into()).into());
    }
    let mut filters = filter::parse(Listing::Describe, input.parameter_filters)?;
    filters.extend(filter::parse_old(input.filters));
    let scope = format!("DescribeParameters/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token));
    let after = after.transpose().map_err(|_| ParameterError::InvalidNextToken)?;
    let size = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(DEFAULT_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    if input.shared == Some(true) {
        // Nothing is shared from other accounts.
        return Ok(api::DescribeParametersResult { parameters: Some(Vec::new()), next_token: None });
    }

    let prefix = parameters_key(cx.account, &cx.region);
    let mut after = after.map(|name| parameter_key(cx.account, &cx.region, &name));
    let mut tx = secrets.db.begin();
    let mut page: Vec<api::ParameterMetadata> = Vec::new();
    loop {
        let rows = tx.peek_scan(&PARAMETERS, &prefix, Scan::first(BATCH).after(after)).await?;
        after = rows.last().map(|(key, _)| key.clone());
        let ended = rows.len() < BATCH;
        for (_, parameter) in rows {
            if !filters.iter().all(|filter| filter.passes(&parameter)) {
                continue;
            }
            if page.len() == size {
                let last = page.last().and_then(|last| last.name.as_deref());
                let next_token = last.map(|name| PageToken::encode(&scope, name));
                return Ok(api::DescribeParametersResult { parameters: Some(page), next_token });
            }
            page.push(answer::metadata(&cx, parameter));
        }
        if ended {
            return Ok(api::DescribeParametersResult { parameters: Some(page), next_token: None });
        }
    }
}
