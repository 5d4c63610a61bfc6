//! DescribeSecurityGroupReferences: which VPCs on the other side of a peering name a group. There are no peerings.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::end_dry_run;
use crate::listing::listing;
use crate::site::Site;
use crate::tables::security_group::SecurityGroup;

/// Answers none for groups that exist.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeSecurityGroupReferencesRequest,
) -> Result<api::DescribeSecurityGroupReferencesResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeSecurityGroupReferences"))?;
    let mut site = Site::open(ec2, &cx).await?;
    for id in &input.group_id {
        site.find::<SecurityGroup>(id).await?;
    }
    end_dry_run(input.dry_run)?;
    Ok(api::DescribeSecurityGroupReferencesResult { security_group_reference_set: Some(Vec::new()) })
}
