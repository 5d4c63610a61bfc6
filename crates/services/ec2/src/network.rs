//! Blocks of addresses, availability zones, and the names that follow from an address.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use gantry_base::Region;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A block of IPv4 addresses: `172.31.0.0/20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ipv4Block {
    base: Ipv4Addr,
    bits: u8,
}

impl Ipv4Block {
    /// The block that begins at `base`; bits of the base past the prefix are dropped.
    pub const fn new(base: Ipv4Addr, bits: u8) -> Ipv4Block {
        let bits = if bits > 32 { 32 } else { bits };
        let mask = if bits == 0 { 0 } else { u32::MAX << (32 - bits as u32) };
        Ipv4Block { base: Ipv4Addr::from_bits(base.to_bits() & mask), bits }
    }

    /// How many addresses it has.
    pub fn size(self) -> u64 {
        1 << (32 - self.bits)
    }

    /// The address at `offset`, which must be below [`Ipv4Block::size`].
    pub fn at(self, offset: u64) -> Ipv4Addr {
        debug_assert!(offset < self.size());
        Ipv4Addr::from_bits(self.base.to_bits() | offset as u32)
    }

    /// Where an address stands in the block; `None` where it lies outside.
    pub fn offset(self, address: Ipv4Addr) -> Option<u64> {
        let offset = u64::from(address.to_bits()).checked_sub(u64::from(self.base.to_bits()))?;
        (offset < self.size()).then_some(offset)
    }
}

impl Ipv4Block {
    /// All addresses there are.
    pub const ANYWHERE: Ipv4Block = Ipv4Block::new(Ipv4Addr::UNSPECIFIED, 0);

    /// The length of its prefix.
    pub fn bits(self) -> u8 {
        self.bits
    }

    /// Whether all of `other` lies in it.
    pub fn contains(self, other: Ipv4Block) -> bool {
        self.bits <= other.bits && self.offset(other.base).is_some()
    }

    /// Whether they share an address.
    pub fn overlaps(self, other: Ipv4Block) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl TryFrom<String> for Ipv4Block {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Ipv4Block> for String {
    fn from(block: Ipv4Block) -> String {
        block.to_string()
    }
}

impl fmt::Display for Ipv4Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl FromStr for Ipv4Block {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(base, bits)| {
            let bits: u8 = bits.parse().ok().filter(|bits| *bits <= 32)?;
            Some(Ipv4Block::new(base.parse().ok()?, bits))
        });
        parsed.ok_or_else(|| format!("{text:?} is not a block of addresses such as 198.51.100.0/24"))
    }
}

/// How many addresses at the beginning of a subnet are kept back: the network's own, the router's, the
/// resolver's and one for the future. The last one is kept back as well.
pub const RESERVED_AT_START: u64 = 4;

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// `us-east-1a`
    pub name: String,
    /// `use1-az1`
    pub id: String,
    /// From 1.
    pub number: usize,
}

/// The region's three zones.
pub fn zones(region: &Region) -> Vec<Zone> {
    let code = zone_id_code(region);
    let zone = |(index, name): (usize, String)| Zone {
        name,
        id: format!("{code}-az{}", index + 1),
        number: index + 1,
    };
    region.zones().into_iter().enumerate().map(zone).collect()
}

/// A region as zone ids abbreviate it: `us-east-1` is `use1`, `ap-southeast-2` is `apse2`.
fn zone_id_code(region: &Region) -> String {
    let words: Vec<&str> = region.as_str().split('-').collect();
    let last = words.len() - 1;
    let short = |(index, word): (usize, &&str)| match *word {
        word if index == 0 || index == last => word.to_owned(),
        "northeast" => "ne".into(),
        "northwest" => "nw".into(),
        "southeast" => "se".into(),
        "southwest" => "sw".into(),
        word => word.chars().take(1).collect(),
    };
    words.iter().enumerate().map(short).collect()
}

/// The MAC address of an address in a VPC. It is derived, so that it is unique in the VPC, and an address
/// that is handed out again keeps the MAC address that neighbours may still remember.
pub fn mac_address(vpc_id: &str, address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    let vpc = Sha256::digest(vpc_id)[0];
    format!("0a:{vpc:02x}:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// The domain of a region's private names.
pub fn internal_domain(region: &Region) -> String {
    match region.as_str() {
        "us-east-1" => "ec2.internal".into(),
        region => format!("{region}.compute.internal"),
    }
}

/// The name that the VPC's resolver gives to an address.
pub fn private_dns_name(region: &Region, address: Ipv4Addr) -> String {
    let host = address.to_string().replace('.', "-");
    format!("ip-{host}.{}", internal_domain(region))
}

/// The name of a public address.
pub fn public_dns_name(region: &Region, address: Ipv4Addr) -> String {
    let host = address.to_string().replace('.', "-");
    let domain = region.partition().domain();
    match region.as_str() {
        "us-east-1" => format!("ec2-{host}.compute-1.{domain}"),
        region => format!("ec2-{host}.{region}.compute.{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn zone_ids_are_abbreviated_as_in_aws() {
        for (name, id) in [
            ("us-east-1", "use1-az1"),
            ("eu-central-1", "euc1-az1"),
            ("ap-southeast-2", "apse2-az1"),
            ("us-gov-west-1", "usgw1-az1"),
            ("cn-northwest-1", "cnnw1-az1"),
            ("sa-east-1", "sae1-az1"),
        ] {
            assert_eq!(zones(&region(name))[0].id, id);
        }
        assert_eq!(
            zones(&region("us-west-2"))[2],
            Zone { name: "us-west-2c".into(), id: "usw2-az3".into(), number: 3 }
        );
    }

    #[test]
    fn names_and_mac_addresses_follow_the_address() {
        let address = Ipv4Addr::new(172, 31, 5, 9);
        assert_eq!(private_dns_name(&region("us-east-1"), address), "ip-172-31-5-9.ec2.internal");
        assert_eq!(
            private_dns_name(&region("eu-west-1"), address),
            "ip-172-31-5-9.eu-west-1.compute.internal"
        );
        assert_eq!(public_dns_name(&region("us-east-1"), address), "ec2-172-31-5-9.compute-1.amazonaws.com");
        let mac = mac_address("vpc-1", address);
        assert!(mac.starts_with("0a:") && mac.ends_with(":ac:1f:05:09"), "{mac}");
        assert_ne!(mac, mac_address("vpc-1", Ipv4Addr::new(172, 31, 5, 10)));
    }

    #[test]
    fn a_block_knows_its_addresses() {
        let block: Ipv4Block = "198.51.100.7/30".parse().unwrap();
        assert_eq!((block.to_string().as_str(), block.size()), ("198.51.100.4/30", 4));
        assert_eq!(block.offset(Ipv4Addr::new(198, 51, 100, 7)), Some(3));
        assert_eq!(block.offset(Ipv4Addr::new(198, 51, 100, 8)), None);
        assert_eq!(block.offset(Ipv4Addr::new(198, 51, 100, 3)), None);
        assert!("1.2.3.4/33".parse::<Ipv4Block>().is_err() && "1.2.3/8".parse::<Ipv4Block>().is_err());
    }
}
