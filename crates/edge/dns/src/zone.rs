//! A zone: all names below its own, and what is said of each.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::names::plain;

/// Most records of a set in one answer.
const MOST: usize = 8;

/// A zone's names. What is not in it does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// For how long it may be remembered that a name is not there.
    pub(crate) negative_ttl_seconds: u32,
    sets: HashMap<String, Vec<RecordSet>>,
    /// Names that are there only because something is below them.
    above: HashSet<String>,
}

/// All records of one type under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    pub ttl_seconds: u32,
    /// An answer has one of them, drawn anew each time; otherwise up to eight.
    pub one: bool,
    pub records: Records,
}

/// What a set of records says. Names are without the last dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    A(Vec<Ipv4Addr>),
    Aaaa(Vec<Ipv6Addr>),
    Cname(Vec<String>),
    /// Ports, and the names that they are of. Priority and weight are 1.
    Srv(Vec<(u16, String)>),
}

impl Zone {
    /// A zone without names. For so long it may be remembered that one is not there.
    pub fn new(negative_ttl_seconds: u32) -> Self {
        Self { negative_ttl_seconds, ..Self::default() }
    }

    /// Adds a set to a name, which is in the zone.
    pub fn add(&mut self, name: &str, set: RecordSet) {
        let name = plain(name);
        let mut rest = name.as_str();
        while let Some((_, above)) = rest.split_once('.') {
            self.above.insert(above.to_owned());
            rest = above;
        }
        self.sets.entry(name).or_default().push(set);
    }

    /// The sets of a name; none if the name is not there. The zone's own name always is.
    pub(crate) fn find(&self, zone: &str, name: &str) -> Option<&[RecordSet]> {
        match self.sets.get(name) {
            Some(sets) => Some(sets),
            None if name == zone || self.above.contains(name) => Some(&[]),
            None => None,
        }
    }
}

/// Which of so many records an answer has, in what order: drawn by a number that the client made up.
pub(crate) fn drawn(count: usize, one: bool, number: u16) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for at in (1..count).rev() {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let drawn = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        order.swap(at, (drawn % (at as u64 + 1)) as usize);
    }
    order.truncate(if one { 1 } else { MOST });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_has_eight_or_one_and_each_comes_up() {
        assert_eq!(drawn(3, false, 7).len(), 3);
        assert_eq!(drawn(0, true, 7), Vec::<usize>::new());
        for one in [false, true] {
            let mut seen = [0; 20];
            for number in 0..2000 {
                let order = drawn(20, one, number);
                assert_eq!(order.len(), if one { 1 } else { 8 });
                assert_eq!(order.iter().collect::<HashSet<_>>().len(), order.len());
                order.iter().for_each(|at| seen[*at] += 1);
            }
            assert!(seen.iter().all(|count| *count > 40), "{seen:?}");
        }
    }

    #[test]
    fn a_name_above_another_is_there_and_empty() {
        let mut zone = Zone::default();
        let a = Records::A(vec![Ipv4Addr::LOCALHOST]);
        zone.add("i.web.example.local", RecordSet { ttl_seconds: 1, one: false, records: a });
        let find = |name| zone.find("example.local", name).map(<[_]>::len);
        assert_eq!(find("i.web.example.local"), Some(1));
        assert_eq!(find("web.example.local"), Some(0));
        assert_eq!(find("example.local"), Some(0));
        assert_eq!(find("other.example.local"), None);
    }
}
