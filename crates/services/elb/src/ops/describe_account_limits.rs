//! DescribeAccountLimits: how many there may be of what.

use gantry_api_elbv2 as api;
use gantry_elb_core::limits::ACCOUNT;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::{Elb, page};

/// Lists quotas.
pub async fn run(
    _elb: &Elb,
    cx: Cx,
    input: api::DescribeAccountLimitsInput,
) -> Result<api::DescribeAccountLimitsOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeAccountLimits")?;
    let limit = |(name, max): &(&str, usize)| api::Limit {
        name: Some((*name).to_owned()),
        max: Some(max.to_string()),
    };
    let all: Vec<api::Limit> = ACCOUNT.iter().map(limit).collect();
    let id = |limit: &api::Limit| limit.name.clone().unwrap_or_default();
    let marker = input.marker.as_deref();
    let (page, next) = page::cut(&cx, "DescribeAccountLimits", marker, input.page_size, all, id)?;
    Ok(api::DescribeAccountLimitsOutput { limits: Some(page), next_marker: next })
}
