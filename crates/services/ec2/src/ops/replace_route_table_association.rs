//! ReplaceRouteTableAssociation: a subnet uses another route table, or the VPC gets another main one.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::associate_route_table::check_same_vpc;
use super::describe_route_tables::associated;
use super::disassociate_route_table::{no_association, table_of_association};
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::route_table::{RouteAssociation, RouteTable};
use crate::tables::subnet::Subnet;

/// Moves an association to another table, under a new id.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::ReplaceRouteTableAssociationRequest,
) -> Result<api::ReplaceRouteTableAssociationResult, Failure> {
    const ACTION: &str = "ec2:ReplaceRouteTableAssociation";
    let id = input.association_id;
    let mut site = Site::open(ec2, &cx).await?;
    let (mut to, permit) = site.allowed::<RouteTable>(&cx, ACTION, &input.route_table_id).await?;
    let mut from = table_of_association(&mut site, &id).await?.ok_or_else(|| no_association(&id))?;
    let moved = from.associations.iter().find(|one| one.id == id).cloned();
    let moved = moved.ok_or_else(|| no_association(&id))?;
    match &moved.subnet_id {
        Some(subnet) => check_same_vpc(&to, &site.find::<Subnet>(subnet).await?)?,
        None if from.vpc_id != to.vpc_id => {
            let message =
                format!("Route table {} and network {} belong to different networks", to.id, from.vpc_id);
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
        None => {}
    }
    end_dry_run(input.dry_run)?;
    let new = RouteAssociation { id: ec2.ids.ec2("rtbassoc"), subnet_id: moved.subnet_id };
    if from.id == to.id {
        to = from;
        to.associations.retain(|one| one.id != id);
    } else {
        from.associations.retain(|one| one.id != id);
        site.put(&from);
    }
    to.associations.push(new.clone());
    site.put(&to);
    site.commit(&permit).await?;
    Ok(api::ReplaceRouteTableAssociationResult {
        new_association_id: Some(new.id),
        association_state: Some(associated()),
    })
}
