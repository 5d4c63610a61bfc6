//! What resolvers inside VPCs answer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use gantry_service::names::{RecordSet, Records, Zone};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Key, Scan, StoreError, Tx};

use crate::CloudMap;
use crate::attributes;
use crate::tables::{
    INSTANCES, Instance, NAMESPACES, Namespace, NamespaceKind, RecordType, Routing, SERVICES, Service,
    namespaces_of_account,
};

/// How long it may be remembered that a name is not there, where the namespace does not say.
pub const NEGATIVE_TTL_SECONDS: u32 = 15;

/// The zones that are seen in these VPCs of the account.
pub async fn of_vpcs(service: &CloudMap, cx: Cx, vpc_ids: Vec<String>) -> Result<Vec<Zone>, Failure> {
    cx.authorize(Permission::of("servicediscovery:DiscoverInstances"))?;
    let mut tx = service.db.begin();
    let wanted: HashSet<&str> = vpc_ids.iter().map(String::as_str).collect();
    let all = tx.peek_scan(&NAMESPACES, &namespaces_of_account(cx.account), Scan::all()).await?;
    let mut zones = Vec::new();
    for (key, namespace) in all {
        let seen_in = match &namespace.kind {
            NamespaceKind::Http => continue,
            NamespaceKind::DnsPublic { .. } => vpc_ids.clone(),
            NamespaceKind::DnsPrivate { vpc_id, .. } if wanted.contains(vpc_id.as_str()) => {
                vec![vpc_id.clone()]
            }
            NamespaceKind::DnsPrivate { .. } => continue,
        };
        let Some(place) = place_of(&key) else { continue };
        zones.push(zone(&mut tx, &place, &namespace, seen_in).await?);
    }
    Ok(zones)
}

/// The prefix of everything in the namespace's account and region.
fn place_of(key: &Key) -> Option<Key> {
    let [account, region, _] = <[String; 3]>::try_from(key.parts()).ok()?;
    Some(Key::default().with(&account).with(&region))
}

async fn zone(
    tx: &mut Tx,
    place: &Key,
    namespace: &Namespace,
    vpc_ids: Vec<String>,
) -> Result<Zone, StoreError> {
    let name = plain(&namespace.name);
    let mut sets = Sets::default();
    for (_, service) in tx.peek_scan(&SERVICES, place, Scan::all()).await? {
        if service.namespace_id != namespace.id || service.http {
            continue;
        }
        let prefix = place.clone().with(&service.id);
        let instances = tx.peek_scan(&INSTANCES, &prefix, Scan::all()).await?;
        let instances: Vec<Instance> = instances.into_iter().map(|(_, instance)| instance).collect();
        sets.add_service(&name, &service, &instances);
    }
    let ttl = namespace.kind.zone().and_then(|(_, ttl)| ttl).unwrap_or(NEGATIVE_TTL_SECONDS);
    Ok(Zone { name, vpc_ids, negative_ttl_seconds: ttl, sets: sets.into_sets() })
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Sets of records, by name and type.
#[derive(Default)]
pub(crate) struct Sets(BTreeMap<(String, &'static str), RecordSet>);

impl Sets {
    /// The records of a service's healthy instances.
    pub(crate) fn add_service(&mut self, zone: &str, service: &Service, instances: &[Instance]) {
        let Some(dns) = &service.dns else { return };
        let name = format!("{}.{zone}", plain(&service.name));
        let one = dns.routing == Routing::Weighted;
        for instance in instances.iter().filter(|instance| instance.healthy) {
            let of = |key: &str| instance.attributes.get(key);
            let ipv4 = of(attributes::IPV4).and_then(|text| text.parse::<Ipv4Addr>().ok());
            let ipv6 = of(attributes::IPV6).and_then(|text| text.parse::<Ipv6Addr>().ok());
            for (kind, ttl) in &dns.records {
                match kind {
                    RecordType::A => self.add_v4(&name, *ttl, one, ipv4),
                    RecordType::Aaaa => self.add_v6(&name, *ttl, one, ipv6),
                    RecordType::Cname => self.add_alias(&name, *ttl, one, of(attributes::CNAME)),
                    RecordType::Srv => {
                        let Some(port) = of(attributes::PORT).and_then(|text| text.parse().ok()) else {
                            continue;
                        };
                        let host = format!("{}.{name}", instance.id.to_ascii_lowercase());
                        self.add_v4(&host, *ttl, false, ipv4);
                        self.add_v6(&host, *ttl, false, ipv6);
                        self.add_port(&name, *ttl, one, (port, host));
                    }
                }
            }
        }
    }

    fn set(&mut self, name: &str, kind: &'static str, ttl: u32, one: bool, empty: Records) -> &mut RecordSet {
        let new = || RecordSet { name: name.to_owned(), ttl_seconds: ttl, one, records: empty };
        self.0.entry((name.to_owned(), kind)).or_insert_with(new)
    }

    fn add_v4(&mut self, name: &str, ttl: u32, one: bool, address: Option<Ipv4Addr>) {
        let Some(address) = address else { return };
        if let Records::A(all) = &mut self.set(name, "A", ttl, one, Records::A(Vec::new())).records {
            push(all, address);
        }
    }

    fn add_v6(&mut self, name: &str, ttl: u32, one: bool, address: Option<Ipv6Addr>) {
        let Some(address) = address else { return };
        if let Records::Aaaa(all) = &mut self.set(name, "AAAA", ttl, one, Records::Aaaa(Vec::new())).records {
            push(all, address);
        }
    }

    fn add_alias(&mut self, name: &str, ttl: u32, one: bool, target: Option<&String>) {
        let Some(target) = target else { return };
        if let Records::Cname(all) =
            &mut self.set(name, "CNAME", ttl, one, Records::Cname(Vec::new())).records
        {
            push(all, plain(target));
        }
    }

    fn add_port(&mut self, name: &str, ttl: u32, one: bool, port: (u16, String)) {
        if let Records::Srv(all) = &mut self.set(name, "SRV", ttl, one, Records::Srv(Vec::new())).records {
            push(all, port);
        }
    }

    pub(crate) fn into_sets(self) -> Vec<RecordSet> {
        self.0.into_values().collect()
    }
}

fn push<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Services by their namespaces: how many each has.
pub async fn service_counts(tx: &mut Tx, cx: &Cx) -> Result<HashMap<String, i32>, StoreError> {
    let prefix = crate::tables::services_key(cx.account, &cx.region);
    let mut counts = HashMap::new();
    for (_, service) in tx.peek_scan(&SERVICES, &prefix, Scan::all()).await? {
        *counts.entry(service.namespace_id).or_insert(0) += 1;
    }
    Ok(counts)
}
