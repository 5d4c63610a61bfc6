//! CreateRoute: a way out of a VPC for those who use a route table.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::route_table::{Route, RouteTable, Target};
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

/// AWS's quota of routes in a table.
const MOST: usize = 500;

/// Adds a route to a destination that has none.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateRouteRequest,
) -> Result<api::CreateRouteResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut table, permit) =
        site.allowed::<RouteTable>(&cx, "ec2:CreateRoute", &input.route_table_id).await?;
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let asked = Asked {
        gateway: input.gateway_id,
        nat_gateway: input.nat_gateway_id,
        network_interface: input.network_interface_id,
        instance: input.instance_id,
        others: [
            input.vpc_endpoint_id,
            input.transit_gateway_id,
            input.local_gateway_id,
            input.carrier_gateway_id,
            input.core_network_arn,
            input.odb_network_arn,
            input.egress_only_internet_gateway_id,
            input.vpc_peering_connection_id,
        ],
    };
    let target = target(&mut site, &table, asked).await?;
    let vpc: Vpc = site.find(&table.vpc_id).await?;
    check_not_local(&vpc, destination)?;
    if let Some(there) = table.routes.iter().find(|route| route.destination == destination) {
        // The same once more is no error.
        if there.target == target {
            return Ok(api::CreateRouteResult { r#return: Some(true) });
        }
        let message = format!("The route identified by {destination} already exists.");
        return Err(Ec2Error::RouteAlreadyExists(message).into());
    }
    if table.routes.len() >= MOST {
        let message = "The maximum number of routes has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    table.routes.push(Route { destination, target });
    site.put(&table);
    site.commit(&permit).await?;
    Ok(api::CreateRouteResult { r#return: Some(true) })
}

/// The destination of a route, which a request names in one of three ways.
pub(super) fn destination(
    v4: Option<&str>,
    v6: Option<&str>,
    list: Option<&str>,
) -> Result<Ipv4Block, Ec2Error> {
    if v6.is_some() {
        return Err(Ec2Error::Unsupported("A route for IPv6"));
    }
    if let Some(id) = list {
        let message = format!("The prefix list ID '{id}' does not exist");
        return Err(Ec2Error::InvalidPrefixListNotFound(message));
    }
    let text = v4.ok_or(Ec2Error::MissingParameter("destinationCidrBlock"))?;
    text.parse().map_err(|_| {
        let message = format!(
            "Value ({text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
        );
        Ec2Error::InvalidParameterValue(message)
    })
}

/// Within a VPC nothing leads elsewhere than there.
pub(super) fn check_not_local(vpc: &Vpc, destination: Ipv4Block) -> Result<(), Ec2Error> {
    if vpc.blocks.iter().any(|own| own.block == destination) {
        let message = format!("The route identified by {destination} already exists.");
        return Err(Ec2Error::RouteAlreadyExists(message));
    }
    if vpc.contains(destination) {
        return Err(Ec2Error::Unsupported("A route for a part of the VPC's own addresses"));
    }
    Ok(())
}

/// Where a request lets a route lead.
pub(super) struct Asked {
    pub gateway: Option<String>,
    pub nat_gateway: Option<String>,
    pub network_interface: Option<String>,
    pub instance: Option<String>,
    /// Targets of kinds that there are none of.
    pub others: [Option<String>; 8],
}

/// The one target of a request, which must be there and fit the table's VPC.
pub(super) async fn target(site: &mut Site, table: &RouteTable, asked: Asked) -> Result<Target, Failure> {
    let given = [&asked.gateway, &asked.nat_gateway, &asked.network_interface, &asked.instance];
    let count = given.into_iter().chain(&asked.others).flatten().count();
    if count != 1 {
        let members = "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, \
                       natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, \
                       transitGatewayId, vpcEndpointId, coreNetworkArn or instanceId";
        return Err(Ec2Error::InvalidParameterCombination(members.into()).into());
    }
    if asked.others.iter().any(Option::is_some) {
        return Err(Ec2Error::Unsupported(
            "A route to anything but an internet gateway, a NAT gateway or a network interface",
        )
        .into());
    }
    if let Some(id) = asked.instance {
        let message = format!("The instance ID '{id}' does not exist");
        return Err(Ec2Error::InvalidInstanceNotFound(message).into());
    }
    let foreign = |what: &str, id: &str| {
        let message = format!("route table {} and {what} {id} belong to different networks", table.id);
        Ec2Error::InvalidParameterValue(message)
    };
    if let Some(id) = asked.gateway {
        let gateway: InternetGateway = site.find(&id).await?;
        return match gateway.vpc_id.as_ref() == Some(&table.vpc_id) {
            true => Ok(Target::InternetGateway(id)),
            false => Err(foreign("network gateway", &id).into()),
        };
    }
    if let Some(id) = asked.nat_gateway {
        let nat: NatGateway = site.find(&id).await?;
        if nat.deleted_at.is_some() {
            return Err(
                Ec2Error::NotFound { kind: <NatGateway as crate::resource::Resource>::KIND, id }.into()
            );
        }
        return match nat.vpc_id == table.vpc_id {
            true => Ok(Target::NatGateway(id)),
            false => Err(foreign("NAT gateway", &id).into()),
        };
    }
    let id = asked.network_interface.unwrap_or_default();
    let interface: NetworkInterface = site.find(&id).await?;
    let subnet: Subnet = site.find(&interface.subnet_id).await?;
    match subnet.vpc_id == table.vpc_id {
        true => Ok(Target::NetworkInterface(id)),
        false => Err(foreign("interface", &id).into()),
    }
}
