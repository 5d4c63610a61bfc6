//! DescribeVpcAttribute: one setting of a VPC.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::vpc::Vpc;

/// Answers the one attribute that is asked for.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeVpcAttributeRequest,
) -> Result<api::DescribeVpcAttributeResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (vpc, _) = site.allowed::<Vpc>(&cx, "ec2:DescribeVpcAttribute", &input.vpc_id).await?;
    end_dry_run(input.dry_run)?;
    let flag = |value| Some(api::AttributeBooleanValue { value: Some(value) });
    let mut answer = api::DescribeVpcAttributeResult { vpc_id: Some(vpc.id), ..Default::default() };
    match input.attribute.as_str() {
        "enableDnsSupport" => answer.enable_dns_support = flag(vpc.dns_support),
        "enableDnsHostnames" => answer.enable_dns_hostnames = flag(vpc.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => {
            answer.enable_network_address_usage_metrics = flag(vpc.address_usage_metrics);
        }
        other => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
    }
    Ok(answer)
}
