//! DescribeEgressOnlyInternetGateways: there are none: VPCs have IPv4 only.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;

/// Answers none; one that is named is not there.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeEgressOnlyInternetGatewaysRequest,
) -> Result<api::DescribeEgressOnlyInternetGatewaysResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeEgressOnlyInternetGateways"))?;
    end_dry_run(input.dry_run)?;
    if let Some(id) = input.egress_only_internet_gateway_ids.unwrap_or_default().first() {
        let message = format!("The eigw ID '{id}' does not exist");
        return Err(Ec2Error::InvalidEgressGatewayNotFound(message).into());
    }
    Ok(api::DescribeEgressOnlyInternetGatewaysResult {
        egress_only_internet_gateways: Some(Vec::new()),
        ..Default::default()
    })
}
