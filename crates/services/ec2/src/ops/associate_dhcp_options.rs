//! AssociateDhcpOptions: a VPC uses a set of options, or none.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Ec2;
use crate::error::end_dry_run;
use crate::resource::Resource;
use crate::site::{Site, allow};
use crate::tables::dhcp_options::DhcpOptions;
use crate::tables::vpc::Vpc;

const ACTION: &str = "ec2:AssociateDhcpOptions";

/// Associates a set of options with a VPC. Tasks use the VPC's own resolver and the region's domain all the same.
pub async fn run(ec2: &Ec2, cx: Cx, input: api::AssociateDhcpOptionsRequest) -> Result<Unit, Failure> {
    let mut site = Site::open(ec2, &cx).await?;
    let id = input.dhcp_options_id;
    let options: Option<DhcpOptions> = match id.as_str() {
        "default" => None,
        id => {
            let found = site.get(id).await?;
            allow(&cx, ACTION, DhcpOptions::KIND, id, found.as_ref().map(DhcpOptions::tags))?;
            found
        }
    };
    let (mut vpc, permit) = site.allowed::<Vpc>(&cx, ACTION, &input.vpc_id).await?;
    if id != "default" && options.is_none() {
        site.find::<DhcpOptions>(&id).await?;
    }
    end_dry_run(input.dry_run)?;
    vpc.dhcp_options_id = id;
    site.put(&vpc);
    site.commit(&permit).await?;
    Ok(Unit)
}
