//! VPCs over several nodes: which address is where, as each node is told it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::Ipv4Addr;

use gantry_node_proto::v1;
use gantry_service::Failure;
use gantry_store::{Scan, key};
use sha2::{Digest, Sha256};

use super::balancers::Balancers;
use super::subnets;
use crate::Ecs;
use crate::names::{Place, TaskName};
use crate::tables::enrolment::ENROLMENTS;
use crate::tables::node::{INTERFACES, Interface, NODES, Node};

/// The interface of a task or of a load balancer, and the node that has it.
struct Placed {
    node: String,
    place: Place,
    interface: Interface,
    /// It is a load balancer's.
    balances: bool,
}

/// What the node is told; nothing where there is one node alone.
pub(super) async fn of(ecs: &Ecs, node: &str, balancers: &Balancers) -> Result<Vec<v1::Overlay>, Failure> {
    let mut tx = ecs.db.begin();
    if tx.peek_scan(&ENROLMENTS, &key!(), Scan::first(1)).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx.peek_scan(&NODES, &key!(), Scan::all()).await?;
    let nodes: BTreeMap<String, Node> =
        rows.into_iter().filter_map(|(key, row)| Some((key.parts().pop()?, row))).collect();
    let Some(own) = nodes.get(node) else { return Ok(Vec::new()) };
    let rows = tx.peek_scan(&INTERFACES, &key!(), Scan::all()).await?;
    let placed = rows.into_iter().filter_map(|(key, interface)| {
        let place = TaskName::of_key(&key)?.place;
        let node = key.parts().first()?.to_string();
        Some(Placed { node, place, interface, balances: false })
    });
    let mut placed: Vec<Placed> = placed.collect();
    // Those of load balancers are where the control plane is.
    if let Some((id, _)) = nodes.iter().find(|(_, one)| one.launch.is_none()) {
        let of = |(place, interface)| Placed { node: id.clone(), place, interface, balances: true };
        placed.extend(balancers.placed().map(of));
    }
    // Load balancers are where the control plane is: that node reaches into every VPC, and no other needs to.
    let open = match own.launch {
        None => open(ecs, &placed).await?,
        Some(_) => HashSet::new(),
    };
    Ok(plan(node, &nodes, &placed, &open))
}

async fn open(ecs: &Ecs, placed: &[Placed]) -> Result<HashSet<String>, Failure> {
    let mut wanted: BTreeMap<Place, BTreeSet<(String, String)>> = BTreeMap::new();
    for Placed { place, interface, .. } in placed {
        let at = (interface.vpc_id.clone(), interface.subnet_id.clone());
        wanted.entry(place.clone()).or_default().insert(at);
    }
    subnets::open(ecs, &wanted).await
}

fn plan(
    node: &str,
    nodes: &BTreeMap<String, Node>,
    placed: &[Placed],
    open: &HashSet<String>,
) -> Vec<v1::Overlay> {
    let Some(own) = nodes.get(node) else { return Vec::new() };
    let mut vpcs: BTreeMap<&str, Vec<&Placed>> = BTreeMap::new();
    for one in placed {
        vpcs.entry(&one.interface.vpc_id).or_default().push(one);
    }
    let mut overlays = Vec::new();
    for (vpc, placed) in vpcs {
        let reaches_all = own.launch.is_none();
        if !reaches_all && placed.iter().all(|one| one.node != node) {
            continue;
        }
        let mut tasks: HashMap<&str, Vec<v1::OverlayTask>> = HashMap::new();
        for one in &placed {
            tasks.entry(&one.node).or_default().push(v1::OverlayTask {
                private_ipv4: one.interface.private_ipv4.clone(),
                public_ipv4: one.interface.public_ipv4.clone(),
                open: open.contains(&one.interface.subnet_id),
                balances: one.balances,
            });
        }
        let mut others = Vec::new();
        for (id, other) in nodes.iter().filter(|(id, _)| *id != node) {
            let tasks = tasks.remove(id.as_str()).unwrap_or_default();
            // One whose address is loopback is found by nobody.
            let reachable = other.address.parse::<Ipv4Addr>().is_ok_and(|address| !address.is_loopback());
            if reachable && (!tasks.is_empty() || other.launch.is_none()) {
                others.push(v1::OverlayNode {
                    address: other.address.clone(),
                    own_ipv4: other.overlay_ipv4().to_string(),
                    tasks,
                });
            }
        }
        if others.is_empty() {
            continue;
        }
        overlays.push(v1::Overlay {
            vpc_id: vpc.to_owned(),
            vpc_cidr: placed.first().map(|one| one.interface.vpc_cidr.clone()).unwrap_or_default(),
            vni: vni(vpc),
            own_ipv4: own.overlay_ipv4().to_string(),
            wanted: reaches_all,
            nodes: others,
        });
    }
    overlays
}

/// The number of a VPC's network follows from its id. Two VPCs of one node that have the same can't both be made there,
/// which the node says.
fn vni(vpc: &str) -> u32 {
    let digest = Sha256::digest(vpc);
    u32::from_be_bytes([0, digest[0], digest[1], digest[2]]).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::task::LaunchType;
    use gantry_base::Timestamp;

    fn node(ordinal: u16, launch: Option<LaunchType>) -> Node {
        Node {
            hostname: String::new(),
            address: format!("10.0.0.{ordinal}"),
            cpu_units: 0,
            memory_mib: 0,
            reserved_ports: Vec::new(),
            attributes: BTreeMap::new(),
            versions: BTreeMap::new(),
            first_seen: Timestamp::default(),
            connected_at: Timestamp::default(),
            instance_id: String::new(),
            draining: false,
            launch,
            ordinal,
        }
    }

    fn placed(node: &str, vpc: &str, address: &str) -> Placed {
        Placed {
            node: node.to_owned(),
            place: Place { account: "000000000000".parse().unwrap(), region: "us-east-1".parse().unwrap() },
            interface: Interface {
                vpc_id: vpc.to_owned(),
                vpc_cidr: "172.31.0.0/16".to_owned(),
                subnet_id: format!("subnet-of-{vpc}"),
                private_ipv4: address.to_owned(),
                public_ipv4: String::new(),
            },
            balances: false,
        }
    }

    #[test]
    fn a_node_is_told_of_its_own_vpcs_and_the_control_plane_s_of_all() {
        let ec2 = Some(LaunchType::Ec2);
        let nodes: BTreeMap<String, Node> =
            [("a", node(1, None)), ("b", node(2, ec2)), ("c", node(3, ec2)), ("d", node(4, ec2))]
                .map(|(id, node)| (id.to_owned(), node))
                .into();
        let all = [
            placed("b", "vpc-1", "172.31.0.4"),
            placed("c", "vpc-1", "172.31.0.5"),
            placed("c", "vpc-2", "10.1.0.4"),
        ];
        let told = |node: &str| plan(node, &nodes, &all, &["subnet-of-vpc-2".to_owned()].into());
        let of = |overlay: &v1::Overlay| -> Vec<String> {
            overlay.nodes.iter().flat_map(|node| &node.tasks).map(|task| task.private_ipv4.clone()).collect()
        };
        let a = told("a");
        assert_eq!(a.len(), 2);
        assert!(a.iter().all(|overlay| overlay.wanted && overlay.own_ipv4 == "169.254.128.1"));
        assert_eq!(of(&a[0]), ["172.31.0.4", "172.31.0.5"]);
        assert!(a[1].nodes[0].tasks[0].open && !a[0].nodes[0].tasks[0].open);
        let b = told("b");
        assert_eq!(b.len(), 1, "it has no task in the other");
        assert_eq!(of(&b[0]), ["172.31.0.5"]);
        let addresses: Vec<&str> = b[0].nodes.iter().map(|node| node.address.as_str()).collect();
        assert_eq!(addresses, ["10.0.0.1", "10.0.0.3"], "the control plane's answers by its own");
        assert_eq!(a[0].vni, b[0].vni);
        assert!(told("d").is_empty());
        let alone: BTreeMap<String, Node> = [("a".to_owned(), node(1, None))].into();
        assert!(plan("a", &alone, &[placed("a", "vpc-1", "172.31.0.4")], &HashSet::new()).is_empty());
    }
}
