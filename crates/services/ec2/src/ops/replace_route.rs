//! ReplaceRoute: a destination is reached by another target.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::create_route::{Asked, destination, target};
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::route_table::RouteTable;
use gantry_wire::Unit;

/// Changes the target of a route that is there.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::ReplaceRouteRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut table, permit) =
        site.allowed::<RouteTable>(&cx, "ec2:ReplaceRoute", &input.route_table_id).await?;
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    if input.local_target == Some(true) {
        return Err(Ec2Error::Unsupported("LocalTarget").into());
    }
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
    let route = table.routes.iter_mut().find(|route| route.destination == destination);
    let none = || {
        let message = format!(
            "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
        );
        Ec2Error::InvalidParameterValue(message)
    };
    route.ok_or_else(none)?.target = target;
    end_dry_run(input.dry_run)?;
    site.put(&table);
    site.commit(&permit).await?;
    Ok(Unit)
}
