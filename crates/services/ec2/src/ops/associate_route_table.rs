//! AssociateRouteTable: a subnet uses a route table of its own.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_route_tables::associated;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, allow_on};
use crate::tables::route_table::{RouteAssociation, RouteTable};
use crate::tables::subnet::Subnet;

const ACTION: &str = "ec2:AssociateRouteTable";

/// Associates a subnet that has no table of its own.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::AssociateRouteTableRequest,
) -> Result<api::AssociateRouteTableResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let subnet: Option<Subnet> = match &input.subnet_id {
        None => None,
        Some(id) => {
            let found: Option<Subnet> = site.get(id).await?;
            allow_on(&cx, ACTION, id, found.as_ref())?;
            found
        }
    };
    let (mut table, permit) = site.allowed::<RouteTable>(&cx, ACTION, &input.route_table_id).await?;
    if input.gateway_id.is_some() {
        return Err(Ec2Error::Unsupported("A route table for a gateway").into());
    }
    let id = input.subnet_id.ok_or(Ec2Error::MissingParameter("subnetId"))?;
    let subnet = subnet.ok_or(Ec2Error::NotFound { kind: Subnet::KIND, id })?;
    check_same_vpc(&table, &subnet)?;
    let found = |id: String| api::AssociateRouteTableResult {
        association_id: Some(id),
        association_state: Some(associated()),
    };
    let all = site.all_guarded::<RouteTable>().await?;
    if let Some(other) = all.iter().find(|one| one.is_of(&subnet.id)) {
        let there = other.associations.iter().find(|one| one.subnet_id.as_ref() == Some(&subnet.id));
        return match there.filter(|_| other.id == table.id) {
            Some(there) => Ok(found(there.id.clone())),
            None => {
                let message = format!(
                    "the specified association for route table {} conflicts with an existing association",
                    table.id
                );
                Err(Ec2Error::ResourceAlreadyAssociated(message).into())
            }
        };
    }
    end_dry_run(input.dry_run)?;
    let association = RouteAssociation { id: ec2.ids.ec2("rtbassoc"), subnet_id: Some(subnet.id) };
    table.associations.push(association.clone());
    site.put(&table);
    site.commit(&permit).await?;
    Ok(found(association.id))
}

/// A subnet uses tables of its own VPC only.
pub(super) fn check_same_vpc(table: &RouteTable, subnet: &Subnet) -> Result<(), Ec2Error> {
    if table.vpc_id == subnet.vpc_id {
        return Ok(());
    }
    let message = format!("Route table {} and subnet {} belong to different networks", table.id, subnet.id);
    Err(Ec2Error::InvalidParameterValue(message))
}
