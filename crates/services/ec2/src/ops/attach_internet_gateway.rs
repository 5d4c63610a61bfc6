//! AttachInternetGateway: a VPC gets its way to the internet.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:AttachInternetGateway";

/// Attaches a gateway to a VPC that has none.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::AttachInternetGatewayRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let vpc: Option<Vpc> = site.get(&input.vpc_id).await?;
    allow(&cx, ACTION, Vpc::KIND, &input.vpc_id, vpc.as_ref().map(Vpc::tags))?;
    let (mut gateway, permit) =
        site.allowed::<InternetGateway>(&cx, ACTION, &input.internet_gateway_id).await?;
    let vpc = vpc.ok_or_else(|| Ec2Error::NotFound { kind: Vpc::KIND, id: input.vpc_id.clone() })?;
    if let Some(other) = &gateway.vpc_id {
        let message = format!("resource {} is already attached to network {other}", gateway.id);
        return Err(Ec2Error::ResourceAlreadyAssociated(message).into());
    }
    let all = site.all_guarded::<InternetGateway>().await?;
    if all.iter().any(|one| one.vpc_id.as_ref() == Some(&vpc.id)) {
        let message = format!("Network {} already has an internet gateway attached", vpc.id);
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    end_dry_run(input.dry_run)?;
    gateway.vpc_id = Some(vpc.id);
    site.put(&gateway);
    site.commit(&permit).await?;
    Ok(Unit)
}
