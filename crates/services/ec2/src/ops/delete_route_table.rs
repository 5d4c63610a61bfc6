//! DeleteRouteTable: a table that nobody uses goes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::route_table::RouteTable;

/// Deletes a table without associations; so never a main one.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteRouteTableRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (table, permit) =
        site.allowed::<RouteTable>(&cx, "ec2:DeleteRouteTable", &input.route_table_id).await?;
    if !table.associations.is_empty() {
        return Err(Ec2Error::depended_on("routeTable", &table.id).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&table);
    site.commit(&permit).await?;
    Ok(Unit)
}
