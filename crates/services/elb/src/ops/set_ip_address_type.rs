//! SetIpAddressType: `ipv4`, the one that there is.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::ElbError;
use crate::tables::LOAD_BALANCERS;
use crate::{Elb, find};

/// Sets the type of a load balancer's addresses.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::SetIpAddressTypeInput,
) -> Result<api::SetIpAddressTypeOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:SetIpAddressType", &arn, tags)?;
    let row = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    match input.ip_address_type.as_str() {
        "ipv4" => {}
        "dualstack" if row.internal => {
            return Err(ElbError::configuration(
                "Internal load balancers can't have an IP address type of 'dualstack' here",
            )
            .into());
        }
        other => return Err(ElbError::not_served(format_args!("The IP address type '{other}'")).into()),
    }
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.commit(&permit).await?;
    Ok(api::SetIpAddressTypeOutput { ip_address_type: Some(row.ip_address_type) })
}
