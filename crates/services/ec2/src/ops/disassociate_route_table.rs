//! DisassociateRouteTable: a subnet uses the main route table again.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::{Site, allow_on};
use crate::tables::route_table::RouteTable;

/// Ends an association; the main one can only be replaced.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DisassociateRouteTableRequest) -> Result<Unit, Failure> {
    let id = input.association_id;
    let mut site = Site::open(ec2, &cx).await?;
    let found = table_of_association(&mut site, &id).await?;
    let table_id = found.as_ref().map_or("*", |table| &*table.id);
    let permit = allow_on(&cx, "ec2:DisassociateRouteTable", table_id, found.as_ref())?;
    let mut table = found.ok_or_else(|| no_association(&id))?;
    if table.associations.iter().any(|one| one.id == id && one.subnet_id.is_none()) {
        let message = format!("cannot disassociate the main route table association {id}");
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    end_dry_run(input.dry_run)?;
    table.associations.retain(|one| one.id != id);
    site.put(&table);
    site.commit(&permit).await?;
    Ok(Unit)
}

/// The table with an association of that id.
pub(super) async fn table_of_association(site: &mut Site, id: &str) -> Result<Option<RouteTable>, Failure> {
    let all = site.all::<RouteTable>().await?;
    Ok(all.into_iter().find(|table| table.associations.iter().any(|one| one.id == id)))
}

pub(super) fn no_association(id: &str) -> Ec2Error {
    Ec2Error::AssociationNotFound(format!("The association ID '{id}' does not exist"))
}
