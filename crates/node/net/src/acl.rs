//! Network ACLs as chains of nftables.

use crate::rules::{push, traffic};
use crate::{Acl, Cidr, Direction, Protocol};

/// The chain of one direction for the tasks of a subnet; none where everything passes. It returns what passes, and
/// drops the rest.
pub(crate) fn chain(acl: &Acl, subnet: Cidr, direction: Direction) -> Option<String> {
    let (entries, side) = match direction {
        Direction::Ingress => (&acl.ingress, "saddr"),
        Direction::Egress => (&acl.egress, "daddr"),
    };
    if entries
        .first()
        .is_some_and(|first| first.allow && first.protocol == Protocol::Any && first.peer.prefix() == 0)
    {
        return None;
    }
    let mut body = String::new();
    push(&mut body, format_args!("  ip {side} {} return\n", subnet.network()));
    for entry in entries {
        body.push_str("  ");
        if entry.peer.prefix() > 0 {
            push(&mut body, format_args!("ip {side} {} ", entry.peer.network()));
        }
        traffic(&mut body, entry.protocol);
        body.push_str(if entry.allow { "return\n" } else { "counter drop\n" });
    }
    body.push_str("  counter drop\n");
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AclEntry, Ports};

    #[test]
    fn the_first_entry_that_fits_decides_but_within_the_subnet() {
        let everyone: Cidr = "0.0.0.0/0".parse().unwrap();
        let entry = |allow, protocol, peer| AclEntry { allow, protocol, peer };
        let web = Protocol::Tcp(Ports { from: 80, to: 80 });
        let acl = Acl {
            ingress: vec![
                entry(false, Protocol::Any, "10.9.0.0/16".parse().unwrap()),
                entry(true, web, everyone),
            ],
            egress: vec![entry(true, Protocol::Any, everyone)],
        };
        let subnet = "10.0.1.0/24".parse().unwrap();
        assert_eq!(
            chain(&acl, subnet, Direction::Ingress).unwrap(),
            "  ip saddr 10.0.1.0/24 return\n  ip saddr 10.9.0.0/16 counter drop\n  tcp dport 80 return\n  \
             counter drop\n"
        );
        assert_eq!(chain(&acl, subnet, Direction::Egress), None);
    }
}
