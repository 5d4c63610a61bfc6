//! What on this host stands in the way, found by looking only.

use std::process::Command;

use crate::name::{self, Instance};
use crate::netlink::Netlink;
use crate::{Cidr, host};

/// One thing that keeps tasks from reaching other machines, or from working at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    pub remedy: String,
}

/// Firewalls of others that drop what the host passes on. A packet passes only if every table lets it, so Gantry's own
/// rules cannot undo this, and Gantry never changes foreign tables.
pub fn forward_blocked() -> Vec<Finding> {
    let mut findings = Vec::new();
    let nft = output("nft", &["list", "chains"]);
    for table in nft.as_deref().map(dropping_tables).unwrap_or_default() {
        let remedy = if table == "ip filter" {
            "start Gantry before Docker, or: iptables -I DOCKER-USER -s 100.64.0.0/10 -j ACCEPT; \
             iptables -I DOCKER-USER -d 100.64.0.0/10 -j ACCEPT"
                .to_owned()
        } else {
            format!("let 100.64.0.0/10 pass in the forward chain of table {table}")
        };
        findings.push(Finding {
            what: format!("nftables table {table} drops forwarded packets by default"),
            remedy,
        });
    }
    let legacy = output("iptables-legacy", &["-S", "FORWARD"]);
    if legacy.is_some_and(|text| text.lines().any(|line| line == "-P FORWARD DROP")) {
        findings.push(Finding {
            what: "the legacy iptables policy of FORWARD is DROP".to_owned(),
            remedy: "iptables-legacy -I FORWARD -s 100.64.0.0/10 -j ACCEPT; \
                     iptables-legacy -I FORWARD -d 100.64.0.0/10 -j ACCEPT"
                .to_owned(),
        });
    }
    findings
}

/// The host's route to a VPC's range when it belongs to somebody else: another Gantry, or a network of the user's own. The
/// host then reaches theirs, and not this instance's tasks, by private addresses.
pub fn range_taken(instance: &Instance, range: Cidr) -> Option<Finding> {
    let mut netlink = Netlink::open().ok()?;
    let ours = name::uplinks(instance);
    let (taken, by) = netlink.routes().ok()?.into_iter().find_map(|(to, out)| {
        let by = out.and_then(host::interface_name).unwrap_or_default();
        (to.prefix() > 0 && to.overlaps(range) && !by.starts_with(&ours)).then_some((to, by))
    })?;
    let whose = match name::is_uplink(&by) {
        true => "another Gantry",
        false => "another network",
    };
    Some(Finding {
        what: format!("this host routes {taken} to {whose} ({by})"),
        remedy: format!(
            "from this host, tasks in {range} are not reached by their private addresses; they reach each other, \
             Gantry and the world outside all the same. Stop the other one, or give tasks public addresses \
             (assignPublicIp=ENABLED) and use those"
        ),
    })
}

/// Tools that this crate runs and that are not there.
pub fn missing_tools() -> Vec<Finding> {
    match output("nft", &["--version"]) {
        Some(_) => Vec::new(),
        None => vec![Finding {
            what: "nft is not installed".to_owned(),
            remedy: "apt-get install nftables".to_owned(),
        }],
    }
}

/// What a command prints; `None` if it cannot be run or fails.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// From `nft list chains`: tables with a base chain on the forward hook whose policy is drop.
fn dropping_tables(listing: &str) -> Vec<String> {
    let mut table = "";
    let mut found = Vec::new();
    for line in listing.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("table ") {
            table = name.trim_end_matches('{').trim();
        } else if line.contains("hook forward") && line.contains("policy drop") {
            found.push(table.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropping_forward_chain_is_found() {
        let listing = "table ip nat {\n\tchain DOCKER {\n\t}\n}\ntable ip filter {\n\tchain FORWARD {\n\t\ttype filter hook \
                       forward priority filter; policy drop;\n\t}\n}\ntable inet x {\n\tchain f {\n\t\ttype filter hook \
                       forward priority filter; policy accept;\n\t}\n}\n";
        assert_eq!(dropping_tables(listing), ["ip filter"]);
    }
}
