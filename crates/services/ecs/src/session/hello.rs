//! A node says who it is.

use gantry_ecs_core::spec::Protocol;
use gantry_node_proto::v1;
use gantry_store::{StoreError, key};

use super::NodeAuthority;
use crate::Ecs;
use crate::loops::PLACEMENT_LOOP;
use crate::tables::node::{NODES, Node};

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
        let node = Node {
            hostname: hello.hostname.clone(),
            address: hello.address.clone(),
            cpu_units: capacity.cpu_units,
            memory_mib: u32::try_from(capacity.memory_bytes / MIB).unwrap_or(u32::MAX),
            reserved_ports: reserved.clone(),
            attributes: hello.attributes.clone().into_iter().collect(),
            versions: hello.versions.clone().into_iter().collect(),
            first_seen: before.as_ref().map_or(now, |one| one.first_seen),
            connected_at: now,
            instance_id: before.as_ref().map_or_else(|| ecs.ids.hex(32), |one| one.instance_id.clone()),
            draining: before.as_ref().is_some_and(|one| one.draining),
        };
        tx.put(&NODES, &key, &node);
        tx.wake(PLACEMENT_LOOP);
        match tx.commit(&NodeAuthority(&hello.node_id)).await {
            Err(StoreError::Conflict) => {}
            ended => return ended.map(|_| ()),
        }
    }
}
