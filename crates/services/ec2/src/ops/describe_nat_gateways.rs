//! DescribeNatGateways: the account's NAT gateways in the region, and for an hour those that were deleted.

use std::time::Duration;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::nat_gateway::NatGateway;
use crate::{Ec2, tags};

/// How long a deleted one is shown.
pub(super) const SHOWN: Duration = Duration::from_secs(60 * 60);

const ATTRIBUTES: &[Attribute<Owned<NatGateway>>] = &[
    ("connectivity-type", |row| vec![row.connectivity().into()]),
    ("nat-gateway-id", |row| vec![row.id.clone()]),
    ("state", |row| vec![row.state().into()]),
    ("subnet-id", |row| vec![row.subnet_id.clone()]),
    ("vpc-id", |row| vec![row.vpc_id.clone()]),
];

/// Lists NAT gateways by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeNatGatewaysRequest,
) -> Result<api::DescribeNatGatewaysResult, Failure> {
    let asked = Asked {
        ids: ("natGatewayIds", input.nat_gateway_ids),
        filters: input.filter,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeNatGateways", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let mut rows: Vec<Owned<NatGateway>> = owned(&mut site, &cx).await?;
    rows.retain(|row| row.deleted_at.is_none_or(|at| cx.now.since(at) < SHOWN));
    let (rows, next_token) = wanted.select(rows)?;
    let gateways = rows.iter().map(|row| answer(row, row.state())).collect();
    Ok(api::DescribeNatGatewaysResult { nat_gateways: Some(gateways), next_token })
}

/// A NAT gateway as answers show it, in that state.
pub(super) fn answer(nat: &NatGateway, state: &str) -> api::NatGateway {
    let public = nat.public.as_ref();
    let gone = nat.deleted_at.is_some();
    let status = if gone { "disassociating" } else { "succeeded" };
    let address = api::NatGatewayAddress {
        allocation_id: public.map(|public| public.allocation_id.clone()),
        network_interface_id: Some(nat.network_interface_id.clone()),
        private_ip: Some(nat.private_ip.to_string()),
        public_ip: public.map(|public| public.address.to_string()),
        association_id: public.map(|public| public.association_id.clone()),
        is_primary: Some(true),
        status: Some(status.into()),
        ..Default::default()
    };
    api::NatGateway {
        create_time: Some(nat.created_at),
        delete_time: nat.deleted_at,
        nat_gateway_addresses: Some(vec![address]),
        nat_gateway_id: Some(nat.id.clone()),
        state: Some(state.into()),
        subnet_id: Some(nat.subnet_id.clone()),
        vpc_id: Some(nat.vpc_id.clone()),
        tags: Some(tags::answer(&nat.tags)),
        connectivity_type: Some(nat.connectivity().into()),
        availability_mode: Some("zonal".into()),
        attached_appliances: Some(Vec::new()),
        ..Default::default()
    }
}
