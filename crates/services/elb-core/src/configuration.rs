//! What the control plane hands to the data plane: all load balancers as they are to be, with a generation; and what
//! the data plane says back.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::access_log::AccessLog;
use crate::choose::Algorithm;
use crate::condition::within;
use crate::health::Health;
use crate::matcher::Matcher;
use crate::name::Kind;
use crate::rule::Rule;
use crate::ssl_policy::SslPolicy;

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// Goes up with every change.
    pub generation: u64,
    pub load_balancers: Vec<LoadBalancer>,
    /// By ARN; those that a listener or rule refers to.
    pub target_groups: BTreeMap<String, Arc<TargetGroup>>,
}

/// A load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancer {
    pub arn: String,
    pub kind: Kind,
    /// Where it listens: an address of its own.
    pub address: IpAddr,
    pub dns_name: String,
    /// The names of its zones.
    pub zones: Vec<String>,
    /// How it is in its network.
    pub way: Arc<Way>,
    /// Where its access log goes, if it keeps one.
    pub access_log: Option<Arc<AccessLog>>,
    pub options: Options,
    pub listeners: Vec<Listener>,
}

/// How a load balancer is in a network, and reaches targets there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// The blocks of the network. What is not in them is reached from the host.
    pub blocks: Vec<Block>,
    /// One in each of its subnets. Clients within the network find it at their addresses, and its connections to targets
    /// come from them.
    pub interfaces: Vec<Interface>,
}

/// A block of addresses: its base and the bits of its prefix.
pub type Block = (IpAddr, u8);

/// An interface of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interface {
    /// The name of the network that it is in by itself.
    pub id: String,
    pub address: IpAddr,
    /// Its subnet's.
    pub block: Block,
}

impl Way {
    /// Whether an address is in the network. Others are reached from the host.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.blocks.iter().any(|block| within(address, *block))
    }

    /// The interface from which an address of the network is reached: one in the same subnet, or any.
    pub fn towards(&self, address: IpAddr) -> Option<&Interface> {
        let near = self.interfaces.iter().find(|one| within(address, one.block));
        near.or(self.interfaces.first())
    }
}

/// What attributes of a load balancer mean to the data plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub idle_timeout_seconds: u32,
    pub client_keep_alive_seconds: u32,
    pub http2: bool,
    pub drop_invalid_headers: bool,
    pub preserve_host: bool,
    pub forwarded_for: ForwardedFor,
    pub forwarded_for_port: bool,
    pub tls_headers: bool,
    pub desync: Desync,
    pub cross_zone: bool,
}

/// What happens to `X-Forwarded-For`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedFor {
    Append,
    Preserve,
    Remove,
}

/// How strictly requests are taken that two servers could read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desync {
    Monitor,
    Defensive,
    Strictest,
}

/// A listener.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    pub arn: String,
    pub protocol: Protocol,
    pub port: u16,
    /// With the default rule.
    pub rules: Vec<Rule>,
    pub tls: Option<Tls>,
    pub idle_timeout_seconds: u32,
    /// Whether the answer of the load balancer itself, or of a target without one, has a `Server`.
    pub server_header: bool,
    /// Headers that every answer gets.
    pub response_headers: Vec<(String, String)>,
}

/// What a listener or target group speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Https,
    Tcp,
    Tls,
    Udp,
    TcpUdp,
}

impl Protocol {
    /// From AWS's name.
    pub fn parse(text: &str) -> Option<Protocol> {
        Some(match text {
            "HTTP" => Protocol::Http,
            "HTTPS" => Protocol::Https,
            "TCP" => Protocol::Tcp,
            "TLS" => Protocol::Tls,
            "UDP" => Protocol::Udp,
            "TCP_UDP" => Protocol::TcpUdp,
            _ => return None,
        })
    }
}

/// Certificates and policy of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    pub policy: SslPolicy,
    /// The first is the default one.
    pub certificates: Vec<Certificate>,
    /// Names of protocols that may be agreed on; empty for none.
    pub alpn: Vec<String>,
}

/// A certificate with its key, in PEM. What is printed of it is its ARN.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    pub arn: String,
    /// The certificate, and the chain after it.
    pub chain_pem: String,
    pub key_pem: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.arn)
    }
}

/// A target group.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetGroup {
    pub arn: String,
    pub protocol: Protocol,
    pub version: Version,
    pub check: HealthCheck,
    pub algorithm: Algorithm,
    pub slow_start_seconds: u32,
    pub stickiness: Option<Stickiness>,
    /// Absent: as the load balancer has it.
    pub cross_zone: Option<bool>,
    pub proxy_protocol: bool,
    /// Targets see their clients' addresses.
    pub preserve_client: bool,
    /// Whether connections end with the deregistration delay.
    pub terminate_connections: bool,
    /// Targets are machines, which are reached from the host.
    pub of_instances: bool,
    /// How many targets must be healthy, and what part of all, or all of them are taken for healthy.
    pub minimum_healthy_count: u32,
    pub minimum_healthy_percentage: u32,
    pub targets: Vec<Target>,
}

/// The version of HTTP that targets speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Http1,
    Http2,
    Grpc,
}

/// How a client stays with its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stickiness {
    /// By a cookie of the load balancer's own, for so many seconds.
    LoadBalancerCookie { seconds: u32 },
    /// Since the target sets this cookie.
    ApplicationCookie { name: String, seconds: u32 },
    /// By the client's address.
    SourceIp,
}

/// How targets are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    pub enabled: bool,
    pub protocol: Protocol,
    /// Absent: the target's own.
    pub port: Option<u16>,
    pub path: String,
    pub interval_seconds: u32,
    pub timeout_seconds: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    pub matcher: Matcher,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it was registered as: an address, or the id of an instance.
    pub id: String,
    pub address: IpAddr,
    pub port: u16,
    /// `all` for one outside of the VPC.
    pub zone: String,
    /// Gets nothing new.
    pub draining: bool,
    /// What was known of it when this configuration was made.
    pub known: Health,
}

/// One target of one group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey {
    pub group: String,
    /// What it was registered as.
    pub id: String,
    pub port: u16,
}

/// What the data plane knows of all targets under check.
pub type Known = BTreeMap<TargetKey, Health>;
