//! From rows to what the data plane is handed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use gantry_base::Arn;
use gantry_elb_core::access_log::AccessLog;
use gantry_elb_core::attributes::{self, RESPONSE_HEADERS};
use gantry_elb_core::choose::Algorithm;
use gantry_elb_core::condition::cidr;
use gantry_elb_core::configuration::{
    Certificate, Configuration, Desync, ForwardedFor, HealthCheck, Interface, Listener, LoadBalancer,
    Options, Protocol, Stickiness, Target, TargetGroup, Tls, Version, Way,
};
use gantry_elb_core::health::Health;
use gantry_elb_core::matcher::Matcher;
use gantry_elb_core::name::Kind;
use gantry_elb_core::rule::Rule;
use gantry_elb_core::ssl_policy;
use gantry_service::{Certificates, Failure};
use gantry_store::Key;

use crate::find::groups;
use crate::tables;

/// All rows.
pub struct World {
    pub load_balancers: Vec<(Key, tables::LoadBalancer)>,
    pub listeners: Vec<(Key, tables::Listener)>,
    pub rules: Vec<(Key, tables::Rule)>,
    pub target_groups: Vec<(Key, tables::TargetGroup)>,
    pub targets: Vec<(Key, tables::Target)>,
    pub health: Vec<(Key, Health)>,
    pub interfaces: Vec<(Key, tables::Interface)>,
    /// Where container instances are that are targets.
    pub instances: HashMap<String, IpAddr>,
}

impl World {
    /// What is known of targets of groups that nobody uses: nobody checks them, so it is true no more.
    pub fn stale(&self) -> Vec<Key> {
        let of_listeners = self.listeners.iter().flat_map(|(_, listener)| groups(&listener.actions));
        let of_rules = self.rules.iter().flat_map(|(_, rule)| groups(&rule.actions));
        let used: HashSet<&str> = of_listeners.chain(of_rules).collect();
        let unused = self.target_groups.iter().filter(|(_, group)| !used.contains(group.arn().as_str()));
        let ids: HashSet<&str> = unused.map(|(_, group)| group.id.as_str()).collect();
        let keys = self.health.iter().map(|(key, _)| key);
        keys.filter(|key| ids.contains(part(key, 2).as_str())).cloned().collect()
    }
}

/// What is to be, with generation 0.
pub async fn configuration(
    world: World,
    domain: &str,
    certificates: &dyn Certificates,
) -> Result<Configuration, Failure> {
    let mut rules: HashMap<String, Vec<tables::Rule>> = HashMap::new();
    for (key, rule) in world.rules {
        rules.entry(part(&key, 3)).or_default().push(rule);
    }
    let mut listeners: HashMap<String, Vec<tables::Listener>> = HashMap::new();
    for (key, listener) in world.listeners {
        listeners.entry(part(&key, 2)).or_default().push(listener);
    }
    let mut interfaces: HashMap<String, Vec<tables::Interface>> = HashMap::new();
    for (key, interface) in world.interfaces {
        interfaces.entry(part(&key, 2)).or_default().push(interface);
    }
    let mut wanted = Configuration::default();
    let mut used = BTreeSet::new();
    for (_, row) in world.load_balancers {
        let mut of = load_balancer(&row, domain);
        of.way = Arc::new(way(&row, &interfaces.remove(&row.id).unwrap_or_default()));
        of.access_log = access_log(&row, &of.way);
        for listener in listeners.remove(&row.id).unwrap_or_default() {
            let rules = rules.remove(&listener.id).unwrap_or_default();
            used.extend(groups(&listener.actions).map(str::to_owned));
            rules.iter().for_each(|rule| used.extend(groups(&rule.actions).map(str::to_owned)));
            of.listeners.extend(self::listener(&row, listener, rules, certificates).await?);
        }
        wanted.load_balancers.push(of);
    }
    let mut targets: HashMap<String, Vec<(Key, tables::Target)>> = HashMap::new();
    for (key, target) in world.targets {
        targets.entry(part(&key, 2)).or_default().push((key, target));
    }
    let health: BTreeMap<Key, Health> = world.health.into_iter().collect();
    for (_, row) in world.target_groups {
        let arn = row.arn().to_string();
        if used.contains(&arn) {
            let targets = targets.remove(&row.id).unwrap_or_default();
            if let Some(group) = target_group(&row, &arn, targets, &health, &world.instances) {
                wanted.target_groups.insert(arn, Arc::new(group));
            }
        }
    }
    Ok(wanted)
}

fn part(key: &Key, at: usize) -> String {
    key.parts().into_iter().nth(at).unwrap_or_default()
}

/// How a load balancer is in its VPC: by its interfaces in the subnets that it has now.
fn way(row: &tables::LoadBalancer, interfaces: &[tables::Interface]) -> Way {
    let blocks = interfaces.first().map(|one| one.vpc_cidrs.as_slice()).unwrap_or_default();
    let wanted = |one: &&tables::Interface| row.zones.iter().any(|zone| zone.subnet_id == one.subnet_id);
    let interface = |one: &tables::Interface| {
        let (id, address) = (one.eni_id.clone(), one.private_ipv4.into());
        Some(Interface { id, address, block: cidr(&one.subnet_cidr)? })
    };
    Way {
        blocks: blocks.iter().filter_map(|block| cidr(block)).collect(),
        interfaces: interfaces.iter().filter(wanted).filter_map(interface).collect(),
    }
}

/// Where its access log goes, if it keeps one. The file's name has the address by which targets know it.
fn access_log(row: &tables::LoadBalancer, way: &Way) -> Option<Arc<AccessLog>> {
    let known = attributes::of_load_balancer(row.kind);
    let value = |key: &str| attributes::value(known, &row.attributes, key).to_owned();
    attributes::flag(known, &row.attributes, attributes::ACCESS_LOGS).then(|| {
        Arc::new(AccessLog {
            bucket: value(attributes::ACCESS_LOGS_BUCKET),
            prefix: value(attributes::ACCESS_LOGS_PREFIX),
            account: row.account.to_string(),
            region: row.region.to_string(),
            balancer: row.path(),
            address: way.interfaces.first().map_or(row.address, |one| one.address),
        })
    })
}

fn load_balancer(row: &tables::LoadBalancer, domain: &str) -> LoadBalancer {
    let known = attributes::of_load_balancer(row.kind);
    let flag = |key: &str| attributes::flag(known, &row.attributes, key);
    let value = |key: &str| attributes::value(known, &row.attributes, key);
    let number = |key: &str| attributes::number(known, &row.attributes, key);
    LoadBalancer {
        arn: row.arn().to_string(),
        kind: row.kind,
        address: row.address,
        dns_name: row.dns_name(domain),
        zones: row.zones.iter().map(|zone| zone.name.clone()).collect(),
        way: Arc::default(),
        access_log: None,
        options: Options {
            idle_timeout_seconds: number("idle_timeout.timeout_seconds"),
            client_keep_alive_seconds: number("client_keep_alive.seconds"),
            http2: flag("routing.http2.enabled"),
            drop_invalid_headers: flag("routing.http.drop_invalid_header_fields.enabled"),
            preserve_host: flag("routing.http.preserve_host_header.enabled"),
            forwarded_for: match value("routing.http.xff_header_processing.mode") {
                "preserve" => ForwardedFor::Preserve,
                "remove" => ForwardedFor::Remove,
                _ => ForwardedFor::Append,
            },
            forwarded_for_port: flag("routing.http.xff_client_port.enabled"),
            tls_headers: flag("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
            desync: match value("routing.http.desync_mitigation_mode") {
                "monitor" => Desync::Monitor,
                "strictest" => Desync::Strictest,
                _ => Desync::Defensive,
            },
            cross_zone: flag("load_balancing.cross_zone.enabled"),
        },
        listeners: Vec::new(),
    }
}

async fn listener(
    of: &tables::LoadBalancer,
    row: tables::Listener,
    rules: Vec<tables::Rule>,
    certificates: &dyn Certificates,
) -> Result<Option<Listener>, Failure> {
    let Some(protocol) = Protocol::parse(&row.protocol) else { return Ok(None) };
    let known = attributes::of_listener(&row.protocol);
    let arn_of = |rule: &str| of.arn_of(row.rule_resource(rule)).to_string();
    let mut all: Vec<Rule> = rules
        .into_iter()
        .map(|rule| Rule {
            arn: arn_of(&rule.id),
            priority: Some(rule.priority),
            conditions: rule.conditions,
            actions: rule.actions,
            transforms: rule.transforms,
        })
        .collect();
    all.push(Rule {
        arn: arn_of(&row.default_rule_id),
        priority: None,
        conditions: Vec::new(),
        actions: row.actions.clone(),
        transforms: Vec::new(),
    });
    let tls = match protocol {
        Protocol::Https | Protocol::Tls => Some(tls(of, &row, certificates).await?),
        _ => None,
    };
    let header = |(key, name): &(&str, &str)| {
        let value = attributes::value(known, &row.attributes, key);
        (!value.is_empty()).then(|| ((*name).to_owned(), value.to_owned()))
    };
    let frame = ("routing.http.response.x_frame_options.header_value", "x-frame-options");
    Ok(Some(Listener {
        arn: of.arn_of(row.resource()).to_string(),
        protocol,
        port: row.port,
        rules: all,
        tls,
        idle_timeout_seconds: match protocol {
            Protocol::Udp => 120,
            _ => attributes::number(known, &row.attributes, "tcp.idle_timeout.seconds").max(60),
        },
        server_header: attributes::flag(known, &row.attributes, "routing.http.response.server.enabled"),
        response_headers: RESPONSE_HEADERS.iter().chain([&frame]).filter_map(header).collect(),
    }))
}

async fn tls(
    of: &tables::LoadBalancer,
    row: &tables::Listener,
    certificates: &dyn Certificates,
) -> Result<Tls, Failure> {
    let mut chain = Vec::new();
    for arn in &row.certificates {
        let Ok(parsed) = arn.parse::<Arn>() else { continue };
        // A certificate that is gone is left out; without any the listener refuses handshakes.
        if let Some(found) = certificates.certificate(&parsed).await? {
            chain.push(Certificate { arn: arn.clone(), chain_pem: found.chain_pem, key_pem: found.key_pem });
        }
    }
    let name = row.ssl_policy.as_deref().unwrap_or(ssl_policy::DEFAULT);
    let policy = ssl_policy::find(name).unwrap_or(ssl_policy::ALL[0]);
    let http2 =
        attributes::flag(attributes::of_load_balancer(of.kind), &of.attributes, "routing.http2.enabled");
    let alpn: &[&str] = match (of.kind, row.alpn_policy.as_deref()) {
        (Kind::Application, _) if http2 => &["h2", "http/1.1"],
        (Kind::Application, _) => &["http/1.1"],
        (Kind::Network, Some("HTTP1Only")) => &["http/1.1"],
        (Kind::Network, Some("HTTP2Only")) => &["h2"],
        (Kind::Network, Some("HTTP2Optional")) => &["http/1.1", "h2"],
        (Kind::Network, Some("HTTP2Preferred")) => &["h2", "http/1.1"],
        (Kind::Network, _) => &[],
    };
    Ok(Tls { policy, certificates: chain, alpn: alpn.iter().map(|name| (*name).to_owned()).collect() })
}

fn target_group(
    row: &tables::TargetGroup,
    arn: &str,
    targets: Vec<(Key, tables::Target)>,
    health: &BTreeMap<Key, Health>,
    instances: &HashMap<String, IpAddr>,
) -> Option<TargetGroup> {
    let known = attributes::of_target_group(&row.protocol, &row.target_type);
    let flag = |key: &str| attributes::flag(known, &row.attributes, key);
    let value = |key: &str| attributes::value(known, &row.attributes, key);
    let number = |key: &str| attributes::number(known, &row.attributes, key);
    let stickiness = flag("stickiness.enabled").then(|| match value("stickiness.type") {
        "app_cookie" => Stickiness::ApplicationCookie {
            name: value("stickiness.app_cookie.cookie_name").to_owned(),
            seconds: number("stickiness.app_cookie.duration_seconds"),
        },
        "source_ip" => Stickiness::SourceIp,
        _ => Stickiness::LoadBalancerCookie { seconds: number("stickiness.lb_cookie.duration_seconds") },
    });
    let address = |target: &tables::Target| {
        let now = target.instance.as_ref().and_then(|id| instances.get(id));
        now.copied().unwrap_or(target.address)
    };
    let target = |(key, target): (Key, tables::Target)| Target {
        id: target.id(),
        address: address(&target),
        port: target.port,
        zone: target.zone,
        draining: target.draining_until.is_some(),
        known: health.get(&key).cloned().unwrap_or_else(Health::registered),
    };
    Some(TargetGroup {
        arn: arn.to_owned(),
        protocol: Protocol::parse(&row.protocol)?,
        version: match row.protocol_version.as_deref() {
            Some("HTTP2") => Version::Http2,
            Some("GRPC") => Version::Grpc,
            _ => Version::Http1,
        },
        check: HealthCheck {
            enabled: row.check.enabled,
            protocol: Protocol::parse(&row.check.protocol)?,
            port: row.check.port.parse().ok(),
            path: row.check.path.clone().unwrap_or_else(|| "/".to_owned()),
            interval_seconds: row.check.interval_seconds,
            timeout_seconds: row.check.timeout_seconds,
            healthy_threshold: row.check.healthy_threshold,
            unhealthy_threshold: row.check.unhealthy_threshold,
            matcher: match &row.check.matcher {
                Some(matcher) => matcher.clone(),
                None => Matcher::parse("200-399", 0..=999).ok()?,
            },
        },
        algorithm: match value("load_balancing.algorithm.type") {
            "least_outstanding_requests" => Algorithm::LeastOutstandingRequests,
            "weighted_random" => Algorithm::WeightedRandom,
            _ => Algorithm::RoundRobin,
        },
        slow_start_seconds: number("slow_start.duration_seconds"),
        stickiness,
        cross_zone: match value("load_balancing.cross_zone.enabled") {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        proxy_protocol: flag("proxy_protocol_v2.enabled"),
        preserve_client: flag(attributes::PRESERVE_CLIENT_IP),
        terminate_connections: flag("deregistration_delay.connection_termination.enabled"),
        minimum_healthy_count: number(
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        ),
        minimum_healthy_percentage: number(
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        ),
        of_instances: row.target_type == "instance",
        targets: targets.into_iter().map(target).collect(),
    })
}
