//! DescribeInstances: there are no instances here: tasks run on Gantry's own nodes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;

/// Answers none; one that is named is not there.
pub async fn run(
    _: &Ec2,
    cx: Cx,
    input: api::DescribeInstancesRequest,
) -> Result<api::DescribeInstancesResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeInstances"))?;
    end_dry_run(input.dry_run)?;
    if let Some(id) = input.instance_ids.unwrap_or_default().first() {
        let message = format!("The instance ID '{id}' does not exist");
        return Err(Ec2Error::InvalidInstanceNotFound(message).into());
    }
    Ok(api::DescribeInstancesResult { reservations: Some(Vec::new()), ..Default::default() })
}
