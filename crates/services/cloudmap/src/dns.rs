//! What of a service is answered by DNS: checks of its configuration, and its shapes.

use gantry_api_servicediscovery as api;

use crate::error::CloudMapError;
use crate::tables::{Dns, RecordType, Routing, Service};

/// Checks a configuration by AWS's rules
/// ([AWS](https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html)).
pub fn parse(given: &api::DnsConfig) -> Result<Dns, CloudMapError> {
    let records = records(&given.dns_records)?;
    let routing = match given.routing_policy.as_deref() {
        None | Some("MULTIVALUE") => Routing::Multivalue,
        Some(_) => Routing::Weighted,
    };
    let has = |wanted| records.iter().any(|(kind, _)| *kind == wanted);
    if has(RecordType::Cname) {
        if records.len() > 1 {
            return Err(CloudMapError::invalid("DnsRecord Type CNAME cannot be combined with other types"));
        }
        if routing != Routing::Weighted {
            return Err(CloudMapError::invalid(
                "WEIGHTED routing policy must be used with DNS Record Type CNAME",
            ));
        }
    }
    Ok(Dns { routing, records })
}

/// Types and times; each type once.
pub fn records(given: &[api::DnsRecord]) -> Result<Vec<(RecordType, u32)>, CloudMapError> {
    if given.is_empty() {
        return Err(CloudMapError::invalid("At least one DNS record must be specified."));
    }
    let mut records = Vec::new();
    for one in given {
        let kind = RecordType::parse(&one.r#type)
            .ok_or_else(|| CloudMapError::invalid(format!("Invalid DNS record type: {}", one.r#type)))?;
        if records.iter().any(|(known, _)| *known == kind) {
            // Without spaces, as AWS says it.
            return Err(CloudMapError::invalid(format!(
                "Duplicate resource record type{}in DNS config is not expected",
                kind.as_str()
            )));
        }
        let ttl = u32::try_from(one.ttl)
            .map_err(|_| CloudMapError::invalid(format!("Invalid TTL of a DNS record: {}", one.ttl)))?;
        records.push((kind, ttl));
    }
    Ok(records)
}

/// A configuration as AWS shows it; a listing does not name the namespace.
pub fn answer(service: &Service, with_namespace: bool) -> Option<api::DnsConfig> {
    let dns = service.dns.as_ref()?;
    let record = |(kind, ttl): &(RecordType, u32)| api::DnsRecord {
        r#type: kind.as_str().to_owned(),
        ttl: i64::from(*ttl),
    };
    Some(api::DnsConfig {
        namespace_id: with_namespace.then(|| service.namespace_id.clone()),
        routing_policy: Some(dns.routing.as_str().to_owned()),
        dns_records: dns.records.iter().map(record).collect(),
    })
}

/// Whether a service's name can be a part of a name of DNS: labels of letters, digits, hyphens and underscores.
pub fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        let bytes = label.as_bytes();
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
        let outer = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(inner)
            && outer(bytes.first())
            && outer(bytes.last())
            && label != "_"
    };
    name.len() <= 127 && name.split('.').all(label)
}

/// Whether a namespace's name can be a zone's.
pub fn is_zone_name(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(inner)
    };
    name.len() <= 253 && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}
