//! Container instances as ELB knows them, which takes them for targets.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use gantry_service::balancers::Instance;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, key};

use crate::Ecs;
use crate::members::zone_of;
use crate::ops::shared::place;
use crate::tables::container_instance::CONTAINER_INSTANCES;
use crate::tables::node::{NODES, Node};

/// The machines of an account in a region that are container instances of any cluster of its.
pub(crate) async fn of(ecs: &Ecs, cx: Cx) -> Result<Vec<Instance>, Failure> {
    cx.authorize(Permission::of("ecs:DescribeContainerInstances"))?;
    let place = place(&cx);
    let mut tx = ecs.db.begin();
    let nodes = tx.peek_scan(&NODES, &key!(), Scan::all()).await?;
    let nodes: HashMap<String, Node> =
        nodes.into_iter().filter_map(|(key, node)| Some((key.parts().pop()?, node))).collect();
    let rows = tx.peek_scan(&CONTAINER_INSTANCES, &key!(cx.account, cx.region), Scan::all()).await?;
    let mut all = BTreeMap::new();
    for (_, row) in rows.into_iter().filter(|(_, row)| row.is_registered()) {
        let node = row.node.as_ref().and_then(|node| nodes.get(node));
        let (Some(id), Some(node)) = (row.ec2_instance_id, node) else { continue };
        let Ok(address) = node.address.parse::<IpAddr>() else { continue };
        let zone = zone_of(&place, node);
        all.insert(id.clone(), Instance { id, address, zone });
    }
    Ok(all.into_values().collect())
}
