//! DeleteDhcpOptions: a set of options that no VPC uses goes.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::dhcp_options::DhcpOptions;
use crate::tables::vpc::Vpc;

/// Deletes a set of options.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::DeleteDhcpOptionsRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let (options, permit) =
        site.allowed::<DhcpOptions>(&cx, "ec2:DeleteDhcpOptions", &input.dhcp_options_id).await?;
    if site.all_guarded::<Vpc>().await?.iter().any(|vpc| vpc.dhcp_options_id == options.id) {
        return Err(Ec2Error::depended_on("dhcpOptions", &options.id).into());
    }
    end_dry_run(input.dry_run)?;
    site.delete(&options);
    site.commit(&permit).await?;
    Ok(Unit)
}
