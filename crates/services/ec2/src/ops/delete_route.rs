//! DeleteRoute: a way out of a VPC goes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use super::create_route::destination;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::network::Ipv4Block;
use crate::site::Site;
use crate::tables::route_table::RouteTable;
use crate::tables::vpc::Vpc;

/// Deletes a route that is not one of the VPC's own.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteRouteRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut table, permit) =
        site.allowed::<RouteTable>(&cx, "ec2:DeleteRoute", &input.route_table_id).await?;
    let destination = destination(
        input.destination_cidr_block.as_deref(),
        input.destination_ipv6_cidr_block.as_deref(),
        input.destination_prefix_list_id.as_deref(),
    )?;
    let vpc: Vpc = site.find(&table.vpc_id).await?;
    if vpc.blocks.iter().any(|own| own.block == destination) {
        let message = format!("cannot remove local route {destination} in route table {}", table.id);
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    let at = table.routes.iter().position(|route| route.destination == destination);
    table.routes.remove(at.ok_or_else(|| no_route(&table.id, destination))?);
    end_dry_run(input.dry_run)?;
    site.put(&table);
    site.commit(&permit).await?;
    Ok(Unit)
}

fn no_route(table: &str, destination: Ipv4Block) -> Ec2Error {
    let message = format!("no route with destination-cidr-block {destination} in route table {table}");
    Ec2Error::InvalidRouteNotFound(message)
}
