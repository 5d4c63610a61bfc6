//! The names that are answered here.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;

/// A table of names. Names are compared without regard to case, and given without the last dot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    addresses: HashMap<String, Entry>,
    reverse: HashMap<Ipv4Addr, String>,
    zones: HashSet<String>,
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
    /// In a zone of ours, where this name is not.
    Absent,
    /// Not ours to say.
    Elsewhere,
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

    /// Everything below `zone` that is not in this table does not exist; other questions are passed on.
    pub fn add_zone(&mut self, zone: &str) {
        self.zones.insert(plain(zone));
    }

    pub(crate) fn find(&self, name: &str) -> Known<'_> {
        let name = plain(name);
        if let Some(entry) = self.addresses.get(&name) {
            return Known::Addresses(entry);
        }
        let mut rest = name.as_str();
        while let Some((_, above)) = rest.split_once('.') {
            if let Some(entry) = self.addresses.get(&format!("*.{above}")) {
                return Known::Addresses(entry);
            }
            rest = above;
        }
        let mut rest = name.as_str();
        loop {
            if self.zones.contains(rest) {
                return Known::Absent;
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => return Known::Elsewhere,
            }
        }
    }

    pub(crate) fn name_of(&self, address: Ipv4Addr) -> Option<&str> {
        self.reverse.get(&address).map(String::as_str)
    }
}

fn plain(name: &str) -> String {
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
        names.add_zone("ec2.internal");
        let found = |name| match names.find(name) {
            Known::Addresses(entry) => entry.ipv4.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(found("a.EXAMPLE.test."), [at(2), at(3)]);
        assert_eq!(found("b.example.test"), [at(1)]);
        assert_eq!(found("c.b.example.test"), [at(1)]);
        assert_eq!(names.find("example.test"), Known::Elsewhere);
        assert_eq!(names.find("ip-10-0-0-9.ec2.internal"), Known::Absent);
        assert_eq!(names.find("ec2.internal"), Known::Absent);
        assert_eq!(names.find("xec2.internal"), Known::Elsewhere);
    }
}
