//! DeleteVpc: the VPC goes with what it came with, if nothing else is in it.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_acl::NetworkAcl;
use crate::tables::route_table::RouteTable;
use crate::tables::security_group::SecurityGroup;
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

/// Deletes a VPC without subnets, gateways, and groups, tables and ACLs of the user's own.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteVpcRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (vpc, permit) = site.allowed::<Vpc>(&cx, "ec2:DeleteVpc", &input.vpc_id).await?;
    let subnets = site.all_guarded::<Subnet>().await?;
    let gateways = site.all_guarded::<InternetGateway>().await?;
    let nats = site.all_guarded::<NatGateway>().await?;
    let of_vpc = |id: &String| *id == vpc.id;
    let groups = of(site.all_guarded::<SecurityGroup>().await?, |one| of_vpc(&one.vpc_id));
    let acls = of(site.all_guarded::<NetworkAcl>().await?, |one| of_vpc(&one.vpc_id));
    let tables = of(site.all_guarded::<RouteTable>().await?, |one| of_vpc(&one.vpc_id));
    let in_use = subnets.iter().any(|one| of_vpc(&one.vpc_id))
        || gateways.iter().any(|one| one.vpc_id.as_ref().is_some_and(of_vpc))
        || nats.iter().any(|one| of_vpc(&one.vpc_id) && one.deleted_at.is_none())
        || groups.iter().any(|one| !one.is_default())
        || acls.iter().any(|one| !one.is_default)
        || tables.iter().any(|one| !one.is_main());
    if in_use {
        return Err(Ec2Error::depended_on("vpc", &vpc.id).into());
    }
    end_dry_run(input.dry_run)?;
    groups.iter().for_each(|one| site.delete(one));
    acls.iter().for_each(|one| site.delete(one));
    tables.iter().for_each(|one| site.delete(one));
    site.delete(&vpc);
    site.commit(&permit).await?;
    Ok(Unit)
}

fn of<R>(mut rows: Vec<R>, keep: impl Fn(&R) -> bool) -> Vec<R> {
    rows.retain(keep);
    rows
}
