//! DescribeVpcPeeringConnections: there are no peerings.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;

/// Answers none; one that is named is not there.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeVpcPeeringConnectionsRequest,
) -> Result<api::DescribeVpcPeeringConnectionsResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeVpcPeeringConnections"))?;
    end_dry_run(input.dry_run)?;
    if let Some(id) = input.vpc_peering_connection_ids.unwrap_or_default().first() {
        let message = format!("The vpcPeeringConnection ID '{id}' does not exist");
        return Err(Ec2Error::InvalidPeeringNotFound(message).into());
    }
    Ok(api::DescribeVpcPeeringConnectionsResult {
        vpc_peering_connections: Some(Vec::new()),
        ..Default::default()
    })
}
