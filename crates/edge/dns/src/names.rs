//! The names that are answered here.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use crate::zone::{RecordSet, Zone};

/// A table of names. Names are compared without regard to case, and given without the last dot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    addresses: HashMap<String, Entry>,
    reverse: HashMap<Ipv4Addr, String>,
    zones: HashMap<String, Zone>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub ipv4: Vec<Ipv4Addr>,
    pub ttl_seconds: u32,
}

/// What is known of a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    Addresses(&'a Entry),
    /// In a zone of ours.
    InZone(InZone<'a>),
    /// Not ours to say.
    Elsewhere,
}

/// What a zone knows of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InZone<'a> {
    /// The zone's name.
    pub name: &'a str,
    pub zone: &'a Zone,
    /// None if the name is not there.
    pub sets: Option<&'a [RecordSet]>,
}

impl Names {
    /// Adds addresses to a name. A name that begins with `*.` stands for all below it that have no entry themselves.
    pub fn add(&mut self, name: &str, ipv4: impl IntoIterator<Item = Ipv4Addr>, ttl_seconds: u32) {
        let entry = self.addresses.entry(plain(name)).or_default();
        entry.ipv4.extend(ipv4);
        entry.ttl_seconds = ttl_seconds;
    }

    /// A name with its one address, found in both directions.
    pub fn add_host(&mut self, name: &str, ipv4: Ipv4Addr, ttl_seconds: u32) {
        self.add(name, [ipv4], ttl_seconds);
        self.reverse.insert(ipv4, plain(name));
    }

    /// Everything below a zone's name that is neither in it nor an address of this table does not exist. Of zones within
    /// each other the innermost counts.
    pub fn add_zone(&mut self, name: &str, zone: Zone) {
        self.zones.insert(plain(name), zone);
    }

    pub(crate) fn find(&self, name: &str) -> Known<'_> {
        let name = plain(name);
        if let Some(entry) = self.addresses.get(&name) {
            return Known::Addresses(entry);
        }
        for above in each_above(&name) {
            if let Some((of, zone)) = self.zones.get_key_value(above) {
                return Known::InZone(InZone { name: of, zone, sets: zone.find(of, &name) });
            }
            if above != name
                && let Some(entry) = self.addresses.get(&format!("*.{above}"))
            {
                return Known::Addresses(entry);
            }
        }
        Known::Elsewhere
    }

    pub(crate) fn name_of(&self, address: Ipv4Addr) -> Option<&str> {
        self.reverse.get(&address).map(String::as_str)
    }
}

/// A name, and all names above it, upwards.
fn each_above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |rest| rest.split_once('.').map(|(_, above)| above))
}

pub(crate) fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_entry_wins() {
        let mut names = Names::default();
        let at = |last| Ipv4Addr::new(10, 0, 0, last);
        names.add("*.example.test", [at(1)], 5);
        names.add("a.example.test", [at(2)], 5);
        names.add("A.example.test.", [at(3)], 5);
        names.add_zone("ec2.internal", Zone::default());
        let found = |name| match names.find(name) {
            Known::Addresses(entry) => entry.ipv4.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(found("a.EXAMPLE.test."), [at(2), at(3)]);
        assert_eq!(found("b.example.test"), [at(1)]);
        assert_eq!(found("c.b.example.test"), [at(1)]);
        assert_eq!(names.find("example.test"), Known::Elsewhere);
        let sets = |name| match names.find(name) {
            Known::InZone(found) => found.sets.map(<[_]>::len),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(sets("ip-10-0-0-9.ec2.internal"), None);
        assert_eq!(sets("ec2.internal"), Some(0));
        assert_eq!(names.find("xec2.internal"), Known::Elsewhere);
    }
}
