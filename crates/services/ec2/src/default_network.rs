//! What a VPC comes with, and the default VPC.
//!
//! AWS describes it in <https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html>.

use std::net::Ipv4Addr;

use gantry_base::{AccountId, Region, Tags};
use sha2::{Digest, Sha256};

use crate::network::{Ipv4Block, Zone, zones};
use crate::tables::dhcp_options::DhcpOptions;
use crate::tables::internet_gateway::InternetGateway;
use crate::tables::network_acl::{AclAssociation, AclEntry, NetworkAcl};
use crate::tables::route_table::{Route, RouteAssociation, RouteTable, Target};
use crate::tables::security_group::{Peer, Rule, SecurityGroup, Traffic};
use crate::tables::subnet::Subnet;
use crate::tables::vpc::{BlockAssociation, Vpc};

/// A VPC with what it comes with.
pub struct Network {
    pub vpc: Vpc,
    pub subnets: Vec<Subnet>,
    pub group: SecurityGroup,
    pub acl: NetworkAcl,
    pub route_table: RouteTable,
    pub gateway: Option<InternetGateway>,
    pub dhcp_options: Option<DhcpOptions>,
}

/// The range of every default VPC.
pub fn default_vpc_block() -> Ipv4Block {
    Ipv4Block::new(Ipv4Addr::new(172, 31, 0, 0), 16)
}

/// The default VPC of an account in a region, before anything was changed.
pub fn derived(account: AccountId, region: &Region) -> Network {
    let mut counts = std::collections::BTreeMap::new();
    let id = |prefix: &str| {
        let which = counts.entry(prefix.to_owned()).or_insert(0_usize);
        let id = derived_id(account, region, prefix, *which);
        *which += 1;
        id
    };
    let options = dhcp_options_id(account, region);
    let mut network = default_vpc(region, options.clone(), id);
    network.dhcp_options = Some(DhcpOptions {
        id: options,
        configurations: vec![
            ("domain-name".into(), vec![crate::network::internal_domain(region)]),
            ("domain-name-servers".into(), vec!["AmazonProvidedDNS".into()]),
        ],
        tags: Tags::default(),
    });
    network
}

/// The id of the DHCP options that every VPC of the region begins with.
pub fn dhcp_options_id(account: AccountId, region: &Region) -> String {
    derived_id(account, region, "dopt", 0)
}

/// A default VPC with a subnet in each zone and a way out; `id` makes an id from a prefix.
pub fn default_vpc(region: &Region, dhcp_options_id: String, mut id: impl FnMut(&str) -> String) -> Network {
    let mut network = with_vpc(default_vpc_block(), dhcp_options_id, &mut id);
    network.vpc.is_default = true;
    network.vpc.dns_hostnames = true;
    let vpc_id = network.vpc.id.clone();
    network.group.description = "default VPC security group".into();
    network.subnets = zones(region)
        .into_iter()
        .enumerate()
        .map(|(index, zone)| default_subnet(id("subnet"), &vpc_id, zone, default_block(index)))
        .collect();
    network.acl.associations = network
        .subnets
        .iter()
        .map(|subnet| AclAssociation { id: id("aclassoc"), subnet_id: subnet.id.clone() })
        .collect();
    let gateway = InternetGateway { id: id("igw"), vpc_id: Some(vpc_id), tags: Tags::default() };
    network.route_table.routes.push(Route {
        destination: Ipv4Block::ANYWHERE,
        target: Target::InternetGateway(gateway.id.clone()),
    });
    network.gateway = Some(gateway);
    network
}

/// The block of a default VPC's subnet in a zone, counted from 0.
fn default_block(index: usize) -> Ipv4Block {
    Ipv4Block::new(Ipv4Addr::new(172, 31, 16 * index as u8, 0), 20)
}

/// A zone's default subnet.
pub fn default_subnet(id: String, vpc_id: &str, zone: Zone, block: Ipv4Block) -> Subnet {
    Subnet { is_default: true, map_public_ip: true, ..subnet(id, vpc_id, zone, block) }
}

/// A subnet as users make them.
pub fn subnet(id: String, vpc_id: &str, zone: Zone, block: Ipv4Block) -> Subnet {
    Subnet {
        id,
        vpc_id: vpc_id.to_owned(),
        block,
        zone,
        is_default: false,
        map_public_ip: false,
        resource_name_dns: false,
        hostname_type: "ip-name".into(),
        tags: Tags::default(),
    }
}

/// A VPC as users make them, with its security group, its ACL and its main route table.
pub fn with_vpc(block: Ipv4Block, dhcp_options_id: String, id: &mut impl FnMut(&str) -> String) -> Network {
    let vpc_id = id("vpc");
    let association = BlockAssociation { id: id("vpc-cidr-assoc"), block };
    let main = RouteAssociation { id: id("rtbassoc"), subnet_id: None };
    Network {
        group: default_group(&vpc_id, id),
        acl: NetworkAcl {
            id: id("acl"),
            vpc_id: vpc_id.clone(),
            is_default: true,
            entries: vec![AclEntry::open(false), AclEntry::open(true)],
            associations: Vec::new(),
            tags: Tags::default(),
            made_by: None,
        },
        route_table: RouteTable {
            id: id("rtb"),
            vpc_id: vpc_id.clone(),
            associations: vec![main],
            routes: Vec::new(),
            tags: Tags::default(),
            made_by: None,
        },
        vpc: Vpc {
            id: vpc_id,
            blocks: vec![association],
            is_default: false,
            dhcp_options_id,
            dns_support: true,
            dns_hostnames: false,
            address_usage_metrics: false,
            tags: Tags::default(),
        },
        subnets: Vec::new(),
        gateway: None,
        dhcp_options: None,
    }
}

fn default_group(vpc_id: &str, id: &mut impl FnMut(&str) -> String) -> SecurityGroup {
    let group = id("sg");
    let itself = Rule {
        id: id("sgr"),
        egress: false,
        traffic: Traffic::all(),
        peer: Peer::Group(group.clone()),
        description: None,
        tags: Tags::default(),
    };
    SecurityGroup {
        id: group,
        vpc_id: vpc_id.to_owned(),
        name: "default".into(),
        description: "default VPC security group".into(),
        rules: vec![itself, everything_out(id("sgr"))],
        tags: Tags::default(),
    }
}

/// The rule that every new group begins with.
pub fn everything_out(id: String) -> Rule {
    Rule {
        id,
        egress: true,
        traffic: Traffic::all(),
        peer: Peer::Ipv4(Ipv4Block::ANYWHERE),
        description: None,
        tags: Tags::default(),
    }
}

/// An id that is the same each time: EC2's form, its digits a hash of what it names.
fn derived_id(account: AccountId, region: &Region, prefix: &str, which: usize) -> String {
    let hash = Sha256::digest(format!("{account}/{region}/{prefix}/{which}"));
    let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}-0{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn the_default_vpc_is_the_same_each_time_and_another_one_elsewhere() {
        let account: AccountId = "123456789012".parse().unwrap();
        let (east, west) = (region("us-east-1"), region("us-west-2"));
        let network = derived(account, &east);
        assert_eq!(network.vpc, derived(account, &east).vpc);
        assert_eq!(network.vpc.id.len(), "vpc-".len() + 17);
        let mut all: Vec<String> = Vec::new();
        for network in [network, derived(account, &west), derived(AccountId::DEFAULT, &east)] {
            all.extend([network.vpc.id, network.group.id, network.vpc.dhcp_options_id, network.acl.id]);
            all.extend(network.group.rules.into_iter().map(|rule| rule.id));
            all.extend(network.subnets.into_iter().map(|subnet| subnet.id));
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn subnets_lie_in_the_vpc_and_apart() {
        let network = derived(AccountId::DEFAULT, &Region::default());
        for (index, subnet) in network.subnets.iter().enumerate() {
            assert!(network.vpc.contains(subnet.block));
            assert_eq!(subnet.capacity(), 4091);
            assert!(network.subnets.iter().skip(index + 1).all(|other| !other.block.overlaps(subnet.block)));
        }
    }
}
