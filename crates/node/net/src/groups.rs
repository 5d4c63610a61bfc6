//! Security groups as chains of nftables.

use std::collections::BTreeSet;

use crate::address::disjoint;
use crate::behalf::Marks;
use crate::rules::{join, push, traffic};
use crate::{Attachment, Direction, Rule, name};

/// The chain for a task's groups, named by what it says, so that tasks with the same groups share it.
/// Of what a load balancer sends on behalf of others, those
/// that have these marks.
pub(crate) fn chain(task: &Attachment, direction: Direction, marks: &Marks) -> (String, String) {
    let (letter, pass) = match direction {
        Direction::Ingress => ('i', "counter accept"),
        Direction::Egress => ('e', "counter goto ingress"),
    };
    let mut body = String::new();
    for group in &task.groups {
        let rules = match direction {
            Direction::Ingress => &group.ingress,
            Direction::Egress => &group.egress,
        };
        for it in rules {
            rule(&mut body, it, direction, pass, marks);
        }
    }
    body.push_str("  counter drop\n");
    let name = format!("{letter}_{}", name::hash(body.as_bytes(), 16));
    (name, body)
}

fn rule(text: &mut String, rule: &Rule, direction: Direction, pass: &str, marks: &Marks) {
    let peers = disjoint(&rule.peers);
    if peers.is_empty() {
        return;
    }
    if direction == Direction::Ingress {
        let alone = rule.peers.iter().filter(|peer| peer.prefix() == 32);
        let marks: BTreeSet<u32> = alone.filter_map(|peer| marks.get(&peer.address()).copied()).collect();
        if !marks.is_empty() {
            let marks: Vec<String> = marks.iter().map(u32::to_string).collect();
            push(text, format_args!("  ct mark {{ {} }} ", marks.join(", ")));
            traffic(text, rule.protocol);
            push(text, format_args!("{pass}\n"));
        }
    }
    text.push_str("  ");
    if !peers.iter().any(|peer| peer.prefix() == 0) {
        let side = match direction {
            Direction::Ingress => "saddr",
            Direction::Egress => "daddr",
        };
        push(text, format_args!("ip {side} {{ {} }} ", join(&peers)));
    }
    traffic(text, rule.protocol);
    push(text, format_args!("{pass}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ports, Protocol};

    fn open(protocol: Protocol) -> Rule {
        Rule { protocol, peers: vec!["0.0.0.0/0".parse().unwrap()] }
    }

    fn lines(rule_: &Rule) -> String {
        let mut text = String::new();
        let marks = [([10, 0, 0, 1].into(), 7), ([10, 0, 0, 3].into(), 8)].into();
        rule(&mut text, rule_, Direction::Ingress, "accept", &marks);
        text.trim().to_owned()
    }

    #[test]
    fn rules_as_text() {
        let port = |from, to| Ports { from, to };
        let from = |protocol, peers: &[&str]| Rule {
            protocol,
            peers: peers.iter().map(|it| it.parse().unwrap()).collect(),
        };
        let cases = [
            (open(Protocol::Any), "accept"),
            (open(Protocol::Tcp(Ports::ALL)), "meta l4proto tcp accept"),
            (open(Protocol::Tcp(port(80, 80))), "tcp dport 80 accept"),
            (open(Protocol::Udp(port(9, 7))), "udp dport 7-9 accept"),
            (open(Protocol::Icmp(Some((8, None)))), "icmp type 8 accept"),
            (open(Protocol::Number(50)), "meta l4proto 50 accept"),
            (
                from(Protocol::Any, &["10.0.0.2/32", "10.0.0.0/8", "9.9.9.9/32"]),
                "ip saddr { 9.9.9.9, 10.0.0.0/8 } accept",
            ),
            // The first is a load balancer, by itself and on behalf of others.
            (
                from(Protocol::Tcp(port(80, 80)), &["10.0.0.1/32", "10.0.0.2/32"]),
                "ct mark { 7 } tcp dport 80 accept\n  ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 80 accept",
            ),
            (from(Protocol::Any, &[]), ""),
        ];
        for (rule, wanted) in cases {
            assert_eq!(lines(&rule), wanted);
        }
    }
}
