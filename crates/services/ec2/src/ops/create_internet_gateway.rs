//! CreateInternetGateway: a gateway that is attached to no VPC yet.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_internet_gateways::answer;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making, new_id};
use crate::tables::internet_gateway::InternetGateway;

/// Makes a gateway.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateInternetGatewayRequest,
) -> Result<api::CreateInternetGatewayResult, Failure> {
    let Making { permit, tags } = allow_making(
        &cx,
        "CreateInternetGateway",
        "ec2:CreateInternetGateway",
        InternetGateway::KIND,
        input.tag_specifications,
    )?;
    let mut site = Site::open(ec2, &cx).await?;
    // As many as there may be VPCs.
    if site.all_guarded::<InternetGateway>().await?.len() >= super::create_vpc::MOST {
        let message = "The maximum number of internet gateways has been reached.";
        return Err(Ec2Error::InternetGatewayLimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    let gateway = InternetGateway { id: new_id::<InternetGateway>(&*ec2.ids), vpc_id: None, tags };
    site.put(&gateway);
    site.commit(&permit).await?;
    Ok(api::CreateInternetGatewayResult { internet_gateway: Some(answer(cx.account, &gateway)) })
}
