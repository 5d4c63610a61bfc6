//! Ranges and hardware addresses, parsed once.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not {wanted}")]
pub struct ParseError {
    text: String,
    wanted: &'static str,
}

impl ParseError {
    pub(crate) fn new(text: &str, wanted: &'static str) -> Self {
        Self { text: text.to_owned(), wanted }
    }
}

/// An IPv4 range: the address may be any in the range, as in "172.31.3.4/20".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    address: Ipv4Addr,
    prefix: u8,
}

impl Cidr {
    /// `prefix` above 32 counts as 32.
    pub fn new(address: Ipv4Addr, prefix: u8) -> Self {
        Self { address, prefix: prefix.min(32) }
    }

    pub fn host(address: Ipv4Addr) -> Self {
        Self::new(address, 32)
    }

    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    fn mask(&self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0)
    }

    /// The first address of the range.
    pub fn base(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) & self.mask())
    }

    /// The `n`th address of the range, counted from 0.
    pub fn nth(&self, n: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.base()).wrapping_add(n))
    }

    /// The same range written with its first address.
    pub fn network(&self) -> Self {
        Self::new(self.base(), self.prefix)
    }

    pub fn contains(&self, other: Cidr) -> bool {
        self.prefix <= other.prefix && u32::from(other.address) & self.mask() == u32::from(self.base())
    }

    pub fn overlaps(&self, other: Cidr) -> bool {
        self.contains(other) || other.contains(*self)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Cidr {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let bad = || ParseError::new(text, "an IPv4 range like 172.31.0.0/16");
        let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
        let prefix: u8 = prefix.parse().map_err(|_| bad())?;
        if prefix > 32 {
            return Err(bad());
        }
        Ok(Self::new(address.parse().map_err(|_| bad())?, prefix))
    }
}

/// Sorted, without a range that lies in another: an nftables set refuses overlaps.
pub(crate) fn disjoint(ranges: &[Cidr]) -> Vec<Cidr> {
    let mut sorted: Vec<Cidr> = ranges.iter().map(Cidr::network).collect();
    sorted.sort_by_key(|range| (range.base(), range.prefix()));
    let mut kept: Vec<Cidr> = Vec::new();
    for range in sorted {
        if !kept.last().is_some_and(|last| last.contains(range)) {
            kept.push(range);
        }
    }
    kept
}

/// A hardware address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Mac {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let bad = || ParseError::new(text, "a unicast MAC address like 02:1a:2b:3c:4d:5e");
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().ok_or_else(bad)?;
            if part.len() != 2 {
                return Err(bad());
            }
            *byte = u8::from_str_radix(part, 16).map_err(|_| bad())?;
        }
        if parts.next().is_some() || bytes[0] & 1 == 1 || bytes == [0; 6] {
            return Err(bad());
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_contain_and_overlap() {
        let vpc = cidr("172.31.0.0/16");
        assert!(vpc.contains(cidr("172.31.255.255/32")));
        assert!(!vpc.contains(cidr("172.32.0.0/32")));
        assert!(cidr("0.0.0.0/0").contains(vpc));
        assert!(!vpc.contains(cidr("0.0.0.0/0")));
        assert!(vpc.overlaps(cidr("172.0.0.0/8")));
        assert!(!vpc.overlaps(cidr("172.30.0.0/16")));
        assert_eq!(cidr("172.31.17.9/20").base(), Ipv4Addr::new(172, 31, 16, 0));
        assert_eq!(vpc.nth(2), Ipv4Addr::new(172, 31, 0, 2));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "1.2.3.4", "1.2.3.4/33", "1.2.3/8", "a/8", "::/0", "1.2.3.4/-1"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
        for text in [
            "",
            "02:00:00:00:00",
            "01:00:00:00:00:01",
            "00:00:00:00:00:00",
            "2:0:0:0:0:1",
            "02:00:00:00:00:00:01",
        ] {
            assert!(text.parse::<Mac>().is_err(), "{text}");
        }
        assert_eq!("02:1a:2b:3c:4D:5e".parse::<Mac>().unwrap().to_string(), "02:1a:2b:3c:4d:5e");
    }
}
