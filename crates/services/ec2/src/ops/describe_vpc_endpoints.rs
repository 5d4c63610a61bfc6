//! DescribeVpcEndpoints: there are no endpoints: a VPC reaches Gantry without them.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;

/// Answers none; one that is named is not there.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeVpcEndpointsRequest,
) -> Result<api::DescribeVpcEndpointsResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeVpcEndpoints"))?;
    end_dry_run(input.dry_run)?;
    if let Some(id) = input.vpc_endpoint_ids.unwrap_or_default().first() {
        let message = format!("The Vpc Endpoint Id '{id}' does not exist");
        return Err(Ec2Error::InvalidVpcEndpointNotFound(message).into());
    }
    Ok(api::DescribeVpcEndpointsResult { vpc_endpoints: Some(Vec::new()), ..Default::default() })
}
