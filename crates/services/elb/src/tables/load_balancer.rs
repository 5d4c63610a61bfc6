//! Load balancers.

use std::net::{IpAddr, Ipv4Addr};

use gantry_base::{AccountId, Arn, Region, Tags, Timestamp};
use gantry_elb_core::attributes::Set;
use gantry_elb_core::name::Kind;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and name.
pub const LOAD_BALANCERS: Table<LoadBalancer> = Table::new("elb.load_balancer", 1);

/// A load balancer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub name: String,
    /// Sixteen hexadecimal digits, as its ARN ends.
    pub id: String,
    /// What its DNS name has behind its name.
    pub dns_id: String,
    pub account: AccountId,
    pub region: Region,
    pub kind: Kind,
    pub internal: bool,
    /// `ipv4`, `dualstack`
    pub ip_address_type: String,
    pub vpc_id: String,
    /// At most one subnet of each zone.
    pub zones: Vec<Zone>,
    pub security_groups: Vec<String>,
    /// What was set; the rest has its default.
    pub attributes: Set,
    pub tags: Tags,
    pub created_at: Timestamp,
    /// Where it listens on this machine.
    pub address: IpAddr,
    /// Whether its groups hold for what comes by PrivateLink, which nothing does here: `on`, `off`, where that was set.
    #[serde(default)]
    pub private_link_rules: Option<String>,
}

/// A subnet that a load balancer is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Zone {
    pub subnet_id: String,
    /// `us-east-1a`
    pub name: String,
    /// The private address that its user chose.
    #[serde(default)]
    pub private_ipv4: Option<Ipv4Addr>,
    /// The elastic address that its user gave it.
    #[serde(default)]
    pub elastic: Option<Elastic>,
}

/// An elastic address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Elastic {
    pub allocation_id: String,
    pub address: Ipv4Addr,
}

impl LoadBalancer {
    /// `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID`
    pub fn arn(&self) -> Arn {
        self.arn_of(format_args!("loadbalancer/{}", self.path()))
    }

    /// `app/NAME/ID`
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.kind.short(), self.name, self.id)
    }

    /// The ARN of a resource beside it.
    pub fn arn_of(&self, resource: impl std::fmt::Display) -> Arn {
        Arn::regional("elasticloadbalancing", &self.region, self.account, resource)
    }

    /// Its key.
    pub fn key(&self) -> Key {
        load_balancer_key(self.account, &self.region, &self.name)
    }

    /// The name that it has for clients: AWS's form with Gantry's domain.
    pub fn dns_name(&self, domain: &str) -> String {
        let internal = if self.internal && self.kind == Kind::Application { "internal-" } else { "" };
        let (name, id, region) = (&self.name, &self.dns_id, &self.region);
        match self.kind {
            Kind::Application => format!("{internal}{name}-{id}.{region}.elb.{domain}"),
            Kind::Network => format!("{name}-{id}.elb.{region}.{domain}"),
        }
    }
}

/// The key of a load balancer.
pub fn load_balancer_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}
