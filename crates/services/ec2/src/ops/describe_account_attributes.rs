//! DescribeAccountAttributes: what the account may have in the region.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::default_vpc_of;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::listing::listing;
use crate::site::Site;

/// Answers the attributes that are named, or all.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeAccountAttributesRequest,
) -> Result<api::DescribeAccountAttributesResult, Failure> {
    cx.authorize(listing(&cx, "ec2:DescribeAccountAttributes"))?;
    let named = input.attribute_names.unwrap_or_default();
    end_dry_run(input.dry_run)?;
    let mut site = Site::open(ec2, &cx).await?;
    let default_vpc = default_vpc_of(&mut site).await?.map_or("none".to_owned(), |vpc| vpc.id);
    let all = [
        ("vpc-max-security-groups-per-interface", super::create_network_interface::MAX_GROUPS.to_string()),
        ("max-instances", "0".to_owned()),
        ("supported-platforms", "VPC".to_owned()),
        ("default-vpc", default_vpc),
        ("max-elastic-ips", "0".to_owned()),
        ("vpc-max-elastic-ips", "100".to_owned()),
    ];
    if let Some(unknown) = named.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        let message = format!("Value ({unknown}) for parameter attributeName is invalid. Unknown attribute.");
        return Err(Ec2Error::InvalidParameterValue(message).into());
    }
    let attributes =
        all.into_iter().filter(|(name, _)| named.is_empty() || named.iter().any(|one| one == name));
    let answer = |(name, value): (&str, String)| api::AccountAttribute {
        attribute_name: Some(name.to_owned()),
        attribute_values: Some(vec![api::AccountAttributeValue { attribute_value: Some(value) }]),
    };
    Ok(api::DescribeAccountAttributesResult { account_attributes: Some(attributes.map(answer).collect()) })
}
