//! A node says who it is.

use std::collections::{BTreeMap, HashSet};

use gantry_ecs_core::spec::Protocol;
use gantry_node_proto::v1;
use gantry_store::{Scan, StoreError, Tx, key};

use super::{NodeAuthority, SESSION_WAKE};
use crate::Ecs;
use crate::loops::PLACEMENT_LOOP;
use crate::membership;
use crate::tables::enrolment::ENROLMENTS;
use crate::tables::node::{MOST_NODES, NODES, Node};

const MIB: u64 = 1024 * 1024;

/// Writes what the node says of itself, and wakes placement.
pub(super) async fn register(ecs: &Ecs, hello: v1::Hello) -> Result<(), StoreError> {
    let now = ecs.clock.now();
    let key = key!(hello.node_id);
    let capacity = hello.capacity.unwrap_or_default();
    let ports = |protocol, ports: &[u32]| -> Vec<(Protocol, u16)> {
        ports.iter().filter_map(|&port| Some((protocol, u16::try_from(port).ok()?))).collect()
    };
    let mut reserved = ports(Protocol::Tcp, &capacity.reserved_tcp_ports);
    reserved.extend(ports(Protocol::Udp, &capacity.reserved_udp_ports));
    loop {
        let mut tx = ecs.db.begin();
        let before = tx.get(&NODES, &key).await?;
        let enrolment = tx.get(&ENROLMENTS, &key).await?;
        let terms = enrolment.map(|one| one.terms);
        if terms.is_none() && membership::is_joined(&hello.node_id) {
            // It was removed this moment, and is told so when it tries again.
            return Err(StoreError::Conflict);
        }
        let mut attributes: BTreeMap<String, String> = hello.attributes.clone().into_iter().collect();
        if let Some(terms) = &terms {
            attributes.insert("ecs.availability-zone".to_owned(), terms.zone.clone());
            attributes.extend(terms.attributes.clone());
        }
        let ordinal = match before.as_ref().map_or(0, |one| one.ordinal) {
            0 => free_ordinal(&mut tx).await?,
            known => known,
        };
        let node = Node {
            hostname: hello.hostname.clone(),
            address: hello.address.clone(),
            cpu_units: capacity.cpu_units,
            memory_mib: u32::try_from(capacity.memory_bytes / MIB).unwrap_or(u32::MAX),
            reserved_ports: reserved.clone(),
            attributes,
            versions: hello.versions.clone().into_iter().collect(),
            first_seen: before.as_ref().map_or(now, |one| one.first_seen),
            connected_at: now,
            instance_id: before.as_ref().map_or_else(|| ecs.ids.hex(32), |one| one.instance_id.clone()),
            draining: before.as_ref().is_some_and(|one| one.draining),
            launch: terms.as_ref().map(|terms| terms.launch),
            ordinal,
        };
        tx.put(&NODES, &key, &node);
        if let Some(terms) = &terms {
            membership::enlist(&mut tx, &hello.node_id, &node.instance_id, terms, now).await?;
        }
        // Others reach it at the address that it has now.
        tx.wake(SESSION_WAKE);
        tx.wake(PLACEMENT_LOOP);
        match tx.commit(&NodeAuthority(&hello.node_id)).await {
            Err(StoreError::Conflict) => {}
            ended => return ended.map(|_| ()),
        }
    }
}

/// The first number that no node has. Nodes that come at once see each other's.
async fn free_ordinal(tx: &mut Tx) -> Result<u16, StoreError> {
    let taken: HashSet<u16> =
        tx.scan(&NODES, &key!(), Scan::all()).await?.iter().map(|(_, node)| node.ordinal).collect();
    Ok((1..=MOST_NODES).find(|ordinal| !taken.contains(ordinal)).unwrap_or(MOST_NODES))
}
