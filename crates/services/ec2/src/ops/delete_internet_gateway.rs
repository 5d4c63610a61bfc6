//! DeleteInternetGateway: a gateway that is attached to no VPC goes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::internet_gateway::InternetGateway;

/// Deletes a gateway; routes to it lead nowhere from then on.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteInternetGatewayRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (gateway, permit) =
        site.allowed::<InternetGateway>(&cx, "ec2:DeleteInternetGateway", &input.internet_gateway_id).await?;
    if gateway.vpc_id.is_some() {
        return Err(Ec2Error::depended_on("internetGateway", &gateway.id).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&gateway);
    site.commit(&permit).await?;
    Ok(Unit)
}
