//! DescribeStaleSecurityGroups: groups with rules that name groups of a peering that has ended. There are no
//! peerings.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::end_dry_run;
use crate::listing::listing;
use crate::site::Site;
use crate::tables::vpc::Vpc;

/// Answers none for a VPC that exists.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeStaleSecurityGroupsRequest,
) -> Result<api::DescribeStaleSecurityGroupsResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeStaleSecurityGroups"))?;
    let mut site = Site::open(ec2, &cx).await?;
    site.find::<Vpc>(&input.vpc_id).await?;
    end_dry_run(input.dry_run)?;
    Ok(api::DescribeStaleSecurityGroupsResult {
        next_token: None,
        stale_security_group_set: Some(Vec::new()),
    })
}
