//! DescribeNetworkInterfaceAttribute: one setting of an interface.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_network_interfaces::{Places, attachment, groups};
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::site::Site;
use crate::tables::network_interface::NetworkInterface;

/// Answers the one attribute that is asked for.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeNetworkInterfaceAttributeRequest,
) -> Result<api::DescribeNetworkInterfaceAttributeResult, Failure> {
    const ACTION: &str = "ec2:DescribeNetworkInterfaceAttribute";
    let mut site = Site::open(ec2, &cx).await?;
    let (interface, _) = site.allowed::<NetworkInterface>(&cx, ACTION, &input.network_interface_id).await?;
    end_dry_run(input.dry_run)?;
    let placed = Places::of(&mut site, &cx).await?.place(interface)?;
    let interface = &placed.interface;
    let mut answer = api::DescribeNetworkInterfaceAttributeResult {
        network_interface_id: Some(interface.id.clone()),
        ..Default::default()
    };
    match input.attribute.as_deref() {
        Some("description") => {
            answer.description = Some(api::AttributeValue { value: Some(interface.description.clone()) });
        }
        Some("groupSet") => answer.groups = Some(groups(&placed)),
        Some("sourceDestCheck") => {
            let value = Some(interface.source_dest_check);
            answer.source_dest_check = Some(api::AttributeBooleanValue { value });
        }
        Some("attachment") => answer.attachment = attachment(interface),
        Some("associatePublicIpAddress") => {
            answer.associate_public_ip_address = Some(interface.public_ip.is_some());
        }
        Some(other) => {
            let message = format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.");
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
        None => return Err(Ec2Error::MissingParameter("attribute").into()),
    }
    Ok(answer)
}
