//! Attributes of instances: the ones that AWS gives a meaning, and the user's own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::CloudMapError;
use crate::tables::{RecordType, Service};

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
    let own = given.keys().filter(|key| !is_known(key)).count();
    if own > MOST {
        return Err(CloudMapError::invalid(format!(
            "An instance can have at most {MOST} custom attributes, and {own} are given."
        )));
    }
    let characters: usize =
        given.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    if characters > MOST_CHARACTERS {
        return Err(CloudMapError::invalid(format!(
            "The attributes of an instance can have at most {MOST_CHARACTERS} characters, and have {characters}."
        )));
    }
    if given.contains_key(ALIAS) {
        return Err(CloudMapError::invalid(format!(
            "Gantry has no alias records: {ALIAS} is not supported."
        )));
    }
    if given.contains_key(EC2_INSTANCE) {
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
            RecordType::A => needs(given, &[IPV4], kind.as_str())?,
            RecordType::Aaaa => needs(given, &[IPV6], kind.as_str())?,
            RecordType::Cname => needs(given, &[CNAME], kind.as_str())?,
            RecordType::Srv => {
                needs(given, &[PORT], kind.as_str())?;
                needs(given, &[IPV4, IPV6], kind.as_str())?;
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
        Some(other) => Err(unreadable(INITIAL_HEALTH, other)),
    }
}

fn is_known(key: &str) -> bool {
    [IPV4, IPV6, PORT, CNAME, ALIAS, EC2_INSTANCE, INITIAL_HEALTH].contains(&key)
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

/// At least one of these must be there.
fn needs(given: &BTreeMap<String, String>, keys: &[&str], kind: &str) -> Result<(), CloudMapError> {
    if keys.iter().any(|key| given.contains_key(*key)) {
        return Ok(());
    }
    Err(CloudMapError::invalid(format!(
        "The attribute {} is required for a service with a DNS record of type {kind}.",
        keys.join(" or ")
    )))
}
