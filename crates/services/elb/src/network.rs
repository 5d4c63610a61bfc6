//! What ELB asks EC2: subnets, security groups, VPCs. It asks for itself, as AWS's service-linked role does.

use std::net::IpAddr;

use gantry_api_ec2 as ec2;
use gantry_service::balancers::{Instance, InstancesOf};
use gantry_service::{Cx, Failure};

use crate::Elb;
use crate::error::ElbError;

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    pub id: String,
    pub vpc_id: String,
    pub zone: String,
    /// `172.31.0.0/20`
    pub cidr: String,
    /// How many addresses it has left.
    pub free: i32,
}

pub(crate) fn filter(name: &str, value: &str) -> ec2::Filter {
    ec2::Filter { name: Some(name.to_owned()), values: Some(vec![value.to_owned()]) }
}

fn subnet(given: ec2::Subnet) -> Option<Subnet> {
    Some(Subnet {
        id: given.subnet_id?,
        vpc_id: given.vpc_id?,
        zone: given.availability_zone?,
        cidr: given.cidr_block.unwrap_or_default(),
        free: given.available_ip_address_count.unwrap_or_default(),
    })
}

/// The subnets with these ids, in that order.
pub async fn subnets(elb: &Elb, cx: &Cx, ids: &[String]) -> Result<Vec<Subnet>, Failure> {
    if let Some(bad) = ids.iter().find(|id| !id.starts_with("subnet-")) {
        return Err(ElbError::new("InvalidSubnet", format!("The subnet ID '{bad}' is not valid")).into());
    }
    let input = ec2::DescribeSubnetsRequest { subnet_ids: Some(ids.to_vec()), ..Default::default() };
    let found = match cx.siblings.call::<ec2::DescribeSubnets>(&elb.as_service(cx), input).await {
        Ok(found) => found.subnets.unwrap_or_default(),
        Err(Failure::Answer(error)) => return Err(ElbError::new("SubnetNotFound", error.message).into()),
        Err(other) => return Err(other),
    };
    let mut found: Vec<Subnet> = found.into_iter().filter_map(subnet).collect();
    found.sort_by_key(|subnet| ids.iter().position(|id| *id == subnet.id));
    Ok(found)
}

/// The subnets of a VPC.
pub async fn subnets_of_vpc(elb: &Elb, cx: &Cx, vpc_id: &str) -> Result<Vec<Subnet>, Failure> {
    let input =
        ec2::DescribeSubnetsRequest { filters: Some(vec![filter("vpc-id", vpc_id)]), ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeSubnets>(&elb.as_service(cx), input).await?;
    Ok(found.subnets.unwrap_or_default().into_iter().filter_map(subnet).collect())
}

/// Whether a VPC has an internet gateway.
pub async fn has_gateway(elb: &Elb, cx: &Cx, vpc_id: &str) -> Result<bool, Failure> {
    let filters = Some(vec![filter("attachment.vpc-id", vpc_id)]);
    let input = ec2::DescribeInternetGatewaysRequest { filters, ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeInternetGateways>(&elb.as_service(cx), input).await?;
    Ok(!found.internet_gateways.unwrap_or_default().is_empty())
}

/// Checks groups of a VPC; its default group where none is named.
pub async fn security_groups(
    elb: &Elb,
    cx: &Cx,
    ids: &[String],
    vpc_id: &str,
) -> Result<Vec<String>, Failure> {
    let input = match ids {
        [] => ec2::DescribeSecurityGroupsRequest {
            filters: Some(vec![filter("vpc-id", vpc_id), filter("group-name", "default")]),
            ..Default::default()
        },
        ids => ec2::DescribeSecurityGroupsRequest { group_ids: Some(ids.to_vec()), ..Default::default() },
    };
    let found = match cx.siblings.call::<ec2::DescribeSecurityGroups>(&elb.as_service(cx), input).await {
        Ok(found) => found.security_groups.unwrap_or_default(),
        Err(Failure::Answer(error)) => {
            return Err(ElbError::new("InvalidSecurityGroup", error.message).into());
        }
        Err(other) => return Err(other),
    };
    if found.iter().any(|group| group.vpc_id.as_deref() != Some(vpc_id)) {
        return Err(ElbError::configuration("One or more security groups are invalid").into());
    }
    let mut groups: Vec<String> = found.into_iter().filter_map(|group| group.group_id).collect();
    groups.sort_by_key(|group| ids.iter().position(|id| id == group));
    Ok(groups)
}

/// The container instances of the call's account and region, which can be targets.
pub async fn instances(elb: &Elb, cx: &Cx) -> Result<Vec<Instance>, Failure> {
    cx.siblings.call_within::<InstancesOf>(&elb.as_service(cx), ()).await
}

/// Refuses a VPC that is not there.
pub async fn check_vpc(elb: &Elb, cx: &Cx, vpc_id: &str) -> Result<(), Failure> {
    let input = ec2::DescribeVpcsRequest { vpc_ids: Some(vec![vpc_id.to_owned()]), ..Default::default() };
    match cx.siblings.call::<ec2::DescribeVpcs>(&elb.as_service(cx), input).await {
        Ok(_) => Ok(()),
        Err(Failure::Answer(_)) => {
            Err(ElbError::validation(format!("The VPC ID '{vpc_id}' is not found")).into())
        }
        Err(other) => Err(other),
    }
}

/// The zone of the VPC's subnet that an address is in.
pub fn zone_of(subnets: &[Subnet], address: IpAddr) -> Option<String> {
    let holds = |subnet: &&Subnet| {
        gantry_elb_core::condition::cidr(&subnet.cidr)
            .is_some_and(|block| gantry_elb_core::condition::within(address, block))
    };
    subnets.iter().find(holds).map(|subnet| subnet.zone.clone())
}
