//! CreateDefaultVpc: a default VPC for a region whose own was deleted.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_vpc::check_quota;
use super::default_vpc_of;
use super::describe_vpcs::answer;
use crate::Ec2;
use crate::default_network::{default_vpc, dhcp_options_id};
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making};
use crate::tables::vpc::Vpc;

/// Makes a default VPC with a subnet in each zone and an internet gateway, where there is none.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateDefaultVpcRequest,
) -> Result<api::CreateDefaultVpcResult, Failure> {
    let Making { permit, .. } =
        allow_making(&cx, "CreateDefaultVpc", "ec2:CreateDefaultVpc", Vpc::KIND, None)?;
    let mut site = Site::open(ec2, &cx).await?;
    check_quota(&mut site).await?;
    if default_vpc_of(&mut site).await?.is_some() {
        let message = "A Default VPC already exists for this account in this region.";
        return Err(Ec2Error::DefaultVpcAlreadyExists(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    let options = dhcp_options_id(cx.account, &cx.region);
    let network = default_vpc(&cx.region, options, |prefix| ec2.ids.ec2(prefix));
    site.put_network(&network);
    site.commit(&permit).await?;
    Ok(api::CreateDefaultVpcResult { vpc: Some(answer(cx.account, &network.vpc)) })
}
