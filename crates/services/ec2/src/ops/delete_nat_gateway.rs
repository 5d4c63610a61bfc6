//! DeleteNatGateway: the gateway goes; its elastic address stays with the account.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::Site;
use crate::tables::elastic_address::ElasticAddress;
use crate::tables::nat_gateway::NatGateway;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::subnet::Subnet;

/// Deletes a gateway with its interface; routes to it lead nowhere from then on.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DeleteNatGatewayRequest,
) -> Result<api::DeleteNatGatewayResult, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut nat, permit) =
        site.allowed::<NatGateway>(&cx, "ec2:DeleteNatGateway", &input.nat_gateway_id).await?;
    if nat.deleted_at.is_some() {
        return Err(Ec2Error::NotFound { kind: NatGateway::KIND, id: nat.id }.into());
    }
    end_dry_run(input.dry_run)?;
    if let Some(interface) = site.get::<NetworkInterface>(&nat.network_interface_id).await? {
        site.delete(&interface);
    }
    if let Some(subnet) = site.get::<Subnet>(&nat.subnet_id).await? {
        site.private_addresses(&subnet).give_back(&mut site.tx, nat.private_ip, cx.now);
    }
    if let Some(public) = &nat.public
        && let Some(mut elastic) = site.get::<ElasticAddress>(&public.allocation_id).await?
    {
        elastic.association = None;
        site.put(&elastic);
    }
    nat.deleted_at = Some(cx.now);
    site.put(&nat);
    site.commit(&permit).await?;
    Ok(api::DeleteNatGatewayResult { nat_gateway_id: Some(nat.id) })
}
