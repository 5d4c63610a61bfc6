//! Attributes of instances: the ones that AWS gives a meaning, and the user's own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::CloudMapError;
use crate::tables::{RecordType, Routing, Service};

pub const IPV4: &str = "AWS_INSTANCE_IPV4";
pub const IPV6: &str = "AWS_INSTANCE_IPV6";
pub const PORT: &str = "AWS_INSTANCE_PORT";
pub const CNAME: &str = "AWS_INSTANCE_CNAME";
pub const ALIAS: &str = "AWS_ALIAS_DNS_NAME";
pub const EC2_INSTANCE: &str = "AWS_EC2_INSTANCE_ID";
pub const INITIAL_HEALTH: &str = "AWS_INIT_HEALTH_STATUS";

/// Most attributes of the user's own, and how long all names and values may be together, as in AWS.
const MOST: usize = 30;
const MOST_CHARACTERS: usize = 5000;

/// Checks the attributes of an instance against what its service answers by DNS; whether it begins healthy.
pub fn check(service: &Service, given: &BTreeMap<String, String>) -> Result<bool, CloudMapError> {
    let own: Vec<&str> = given.keys().map(String::as_str).filter(|key| !is_known(key)).collect();
    if let Some(reserved) = own.iter().find(|key| is_reserved(key)) {
        return Err(CloudMapError::invalid(format!(
            "Invalid attribute: [{reserved}]. [aws_] prefix is reserved for AWS attributes."
        )));
    }
    if own.len() > MOST {
        return Err(CloudMapError::invalid(format!(
            "Too many attributes provided: [{}]. The current limit is {MOST}",
            own.join(", ")
        )));
    }
    let characters: usize =
        given.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    if characters > MOST_CHARACTERS {
        return Err(CloudMapError::invalid(format!(
            "Instance attributes too large. Maximum allowed size of all attributes is {MOST_CHARACTERS} characters."
        )));
    }
    if given.contains_key(ALIAS) {
        if service.dns.as_ref().is_some_and(|dns| dns.routing != Routing::Weighted) {
            return Err(CloudMapError::invalid(
                "ALIAS instance can be registered only in services with WEIGHTED routing policy",
            ));
        }
        return Err(CloudMapError::invalid(format!(
            "Gantry has no alias records: {ALIAS} is not supported."
        )));
    }
    if given.contains_key(EC2_INSTANCE) {
        let beside = [IPV4, IPV6, PORT, CNAME, ALIAS].into_iter().filter(|key| given.contains_key(*key));
        let beside: Vec<&str> = beside.collect();
        if !beside.is_empty() {
            return Err(CloudMapError::invalid(format!(
                "Invalid combination of attributes received. {EC2_INSTANCE} is not supported with [{}].",
                beside.join(", ")
            )));
        }
        return Err(CloudMapError::invalid(format!(
            "Gantry has no EC2 instances: {EC2_INSTANCE} is not supported."
        )));
    }
    reads::<Ipv4Addr>(given, IPV4)?;
    reads::<Ipv6Addr>(given, IPV6)?;
    if given.get(PORT).is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port == 0)) {
        return Err(unreadable(PORT, "0"));
    }
    reads::<u16>(given, PORT)?;
    let dns = service.dns.iter().filter(|_| !service.http);
    for (kind, _) in dns.flat_map(|dns| &dns.records) {
        match kind {
            RecordType::A => needs(given, IPV4)?,
            RecordType::Aaaa => needs(given, IPV6)?,
            RecordType::Cname => needs(given, CNAME)?,
            RecordType::Srv => {
                needs(given, PORT)?;
                if !given.contains_key(IPV4) && !given.contains_key(IPV6) {
                    return Err(CloudMapError::invalid(format!(
                        "At least one of {IPV4} {IPV6} is required."
                    )));
                }
            }
        }
    }
    match given.get(INITIAL_HEALTH).map(String::as_str) {
        None => Ok(true),
        Some(_) if service.custom_health.is_none() => Err(CloudMapError::invalid(format!(
            "{INITIAL_HEALTH} can only be specified for a service with HealthCheckCustomConfig."
        ))),
        Some("HEALTHY") => Ok(true),
        Some("UNHEALTHY") => Ok(false),
        // AWS says it so.
        Some(other) => Err(CloudMapError::invalid(format!(
            "No enum constant com.amazon.route53.autonaming.model.InitHealthStatus.{other}"
        ))),
    }
}

fn is_known(key: &str) -> bool {
    [IPV4, IPV6, PORT, CNAME, ALIAS, EC2_INSTANCE, INITIAL_HEALTH].contains(&key)
}

/// Names with AWS's prefix that AWS does not know are nobody's.
fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws_"))
}

fn unreadable(key: &str, value: &str) -> CloudMapError {
    CloudMapError::invalid(format!("Invalid value for attribute {key}: {value}"))
}

fn reads<T: std::str::FromStr>(given: &BTreeMap<String, String>, key: &str) -> Result<(), CloudMapError> {
    match given.get(key) {
        Some(value) if value.parse::<T>().is_err() => Err(unreadable(key, value)),
        _ => Ok(()),
    }
}

/// A record of DNS can't be made without it.
fn needs(given: &BTreeMap<String, String>, key: &str) -> Result<(), CloudMapError> {
    if given.contains_key(key) {
        return Ok(());
    }
    Err(CloudMapError::invalid(format!("Required attribute(s) {key} are missing.")))
}
