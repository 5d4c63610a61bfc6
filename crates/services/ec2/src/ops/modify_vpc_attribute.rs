//! ModifyVpcAttribute: one setting of a VPC is changed.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::Ec2Error;
use crate::site::Site;
use crate::tables::vpc::Vpc;

/// Changes one attribute; AWS takes no more at a time.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::ModifyVpcAttributeRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (mut vpc, permit) = site.allowed::<Vpc>(&cx, "ec2:ModifyVpcAttribute", &input.vpc_id).await?;
    let value = |flag: Option<api::AttributeBooleanValue>| flag.map(|flag| flag.value.unwrap_or(false));
    let given = (
        value(input.enable_dns_support),
        value(input.enable_dns_hostnames),
        value(input.enable_network_address_usage_metrics),
    );
    match given {
        (Some(on), None, None) => vpc.dns_support = on,
        (None, Some(on), None) => vpc.dns_hostnames = on,
        (None, None, Some(on)) => vpc.address_usage_metrics = on,
        (None, None, None) => return Err(Ec2Error::MissingParameter("attribute").into()),
        _ => {
            let message = "Fields for multiple attribute types specified";
            return Err(Ec2Error::InvalidParameterCombination(message.into()).into());
        }
    }
    site.put(&vpc);
    site.commit(&permit).await?;
    Ok(Unit)
}
