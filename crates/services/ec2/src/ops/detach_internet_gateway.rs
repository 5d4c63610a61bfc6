//! DetachInternetGateway: a VPC loses its way to the internet.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::network_interface::NetworkInterface;
use crate::tables::subnet::Subnet;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:DetachInternetGateway";

/// Detaches a gateway from a VPC in which nothing has a public address.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DetachInternetGatewayRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let vpc: Option<Vpc> = site.get(&input.vpc_id).await?;
    allow(&cx, ACTION, Vpc::KIND, &input.vpc_id, vpc.as_ref().map(Vpc::tags))?;
    let (mut gateway, permit) =
        site.allowed::<InternetGateway>(&cx, ACTION, &input.internet_gateway_id).await?;
    // Also where the VPC is gone: then the gateway was detached before, and clients take this error for that.
    if gateway.vpc_id.as_ref() != Some(&input.vpc_id) {
        let message = format!("resource {} is not attached to network {}", gateway.id, input.vpc_id);
        return Err(Ec2Error::GatewayNotAttached(message).into());
    }
    let vpc = vpc.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: input.vpc_id.clone() })?;
    let subnets = site.all::<Subnet>().await?;
    let in_vpc = |id: &str| subnets.iter().any(|subnet| subnet.id == id && subnet.vpc_id == vpc.id);
    let interfaces = site.all_guarded::<NetworkInterface>().await?;
    if interfaces.iter().any(|one| one.public_ip.is_some() && in_vpc(&one.subnet_id)) {
        let message = format!(
            "Network {} has some mapped public address(es). Please unmap those public address(es) before detaching \
             the gateway.",
            vpc.id
        );
        return Err(Ec2Error::DependencyViolation(message).into());
    }
    end_dry_run(input.dry_run)?;
    gateway.vpc_id = None;
    site.put(&gateway);
    site.commit(&permit).await?;
    Ok(Unit)
}
