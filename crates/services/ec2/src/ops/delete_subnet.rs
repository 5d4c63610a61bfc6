//! DeleteSubnet: a subnet without interfaces goes, with its associations.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_acl::NetworkAcl;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::route_table::RouteTable;
use crate::tables::subnet::Subnet;

/// Deletes a subnet that nothing is in.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteSubnetRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (subnet, permit) = site.allowed::<Subnet>(&cx, "ec2:DeleteSubnet", &input.subnet_id).await?;
    let interfaces = site.all_guarded::<NetworkInterface>().await?;
    let nats = site.all_guarded::<NatGateway>().await?;
    if interfaces.iter().any(|one| one.subnet_id == subnet.id)
        || nats.iter().any(|one| one.subnet_id == subnet.id && one.deleted_at.is_none())
    {
        return Err(Ec2Error::depended_on("subnet", &subnet.id).into());
    }
    end_dry_run(input.dry_run)?;
    for mut table in site.all::<RouteTable>().await? {
        if table.is_of(&subnet.id) {
            table.associations.retain(|one| one.subnet_id.as_ref() != Some(&subnet.id));
            site.put(&table);
        }
    }
    for mut acl in site.all::<NetworkAcl>().await? {
        if acl.associations.iter().any(|one| one.subnet_id == subnet.id) {
            acl.associations.retain(|one| one.subnet_id != subnet.id);
            site.put(&acl);
        }
    }
    site.delete(&subnet);
    site.commit(&permit).await?;
    Ok(Unit)
}
