//! CreateDhcpOptions: a set of options that no VPC uses yet.

use std::net::IpAddr;

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use super::describe_dhcp_options::answer;
use crate::Ec2;
use crate::error::{Ec2Error, end_dry_run};
use crate::resource::Resource;
use crate::site::{Making, Site, allow_making, new_id};
use crate::tables::dhcp_options::DhcpOptions;

/// AWS's quota for a region.
const MOST: usize = 1000;

const KEYS: [&str; 6] = [
    "domain-name",
    "domain-name-servers",
    "ipv6-address-preferred-lease-time",
    "netbios-name-servers",
    "netbios-node-type",
    "ntp-servers",
];

/// Options whose values are addresses.
const SERVERS: [&str; 3] = ["domain-name-servers", "netbios-name-servers", "ntp-servers"];

fn check_servers(key: &str, values: &[String]) -> Result<(), Ec2Error> {
    const MOST_SERVERS: usize = 4;
    if values.len() > MOST_SERVERS {
        let message = format!(
            "Value ({}) for parameter value is invalid. Invalid DHCP option value.",
            values.join(", ")
        );
        return Err(Ec2Error::InvalidParameterValue(message));
    }
    let own = |value: &str| key == "domain-name-servers" && value == "AmazonProvidedDNS";
    match values.iter().find(|value| !own(value) && value.parse::<IpAddr>().is_err()) {
        None => Ok(()),
        Some(value) => Err(Ec2Error::InvalidParameterValue(format!(
            "Value ({value}) for parameter {key} is invalid. Invalid IP address"
        ))),
    }
}

/// Makes a set of options.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::CreateDhcpOptionsRequest,
) -> Result<api::CreateDhcpOptionsResult, Failure> {
    let Making { permit, tags } = allow_making(
        &cx,
        "CreateDhcpOptions",
        "ec2:CreateDhcpOptions",
        DhcpOptions::KIND,
        input.tag_specifications,
    )?;
    let mut configurations = Vec::new();
    for configuration in input.dhcp_configurations {
        let key = configuration.key.unwrap_or_default();
        let values = configuration.values.unwrap_or_default();
        if !KEYS.contains(&key.as_str()) {
            let message = format!("Value ({key}) for parameter name is invalid. Unknown DHCP option");
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
        let node_type = key == "netbios-node-type";
        if node_type && !values.iter().all(|value| matches!(value.as_str(), "1" | "2" | "4" | "8")) {
            let message = format!(
                "Value ({}) for parameter netbios-node-type is invalid. Must be 1, 2, 4 or 8",
                values.join(",")
            );
            return Err(Ec2Error::InvalidParameterValue(message).into());
        }
        if SERVERS.contains(&key.as_str()) {
            check_servers(&key, &values)?;
        }
        configurations.push((key, values));
    }
    let mut site = Site::open(ec2, &cx).await?;
    if site.all_guarded::<DhcpOptions>().await?.len() >= MOST {
        let message = "The maximum number of sets of DHCP options has been reached.";
        return Err(Ec2Error::LimitExceeded(message.into()).into());
    }
    end_dry_run(input.dry_run)?;
    let options = DhcpOptions { id: new_id::<DhcpOptions>(&*ec2.ids), configurations, tags };
    site.put(&options);
    site.commit(&permit).await?;
    Ok(api::CreateDhcpOptionsResult { dhcp_options: Some(answer(cx.account, &options)) })
}
