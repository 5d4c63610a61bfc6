//! VPCs over several nodes, as the network takes them.

use gantry_net::{Overlay, OverlayNode, OverlayTask, Vpc};
use gantry_node_proto::{VXLAN_PORT, v1};
use tracing::error;

type Parsed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What can be read of them; one that can't is told of and passed over.
pub fn parse(sent: &[v1::Overlay]) -> Vec<Overlay> {
    let read = |one: &v1::Overlay| match overlay(one) {
        Ok(overlay) => Some(overlay),
        Err(error) => {
            error!(vpc = one.vpc_id, %error, "a VPC over several nodes can't be read");
            None
        }
    };
    sent.iter().filter_map(read).collect()
}

fn overlay(sent: &v1::Overlay) -> Parsed<Overlay> {
    Ok(Overlay {
        vpc: Vpc { id: sent.vpc_id.parse()?, cidr: sent.vpc_cidr.parse()? },
        vni: sent.vni,
        port: VXLAN_PORT,
        own: sent.own_ipv4.parse()?,
        wanted: sent.wanted,
        nodes: sent.nodes.iter().map(node).collect::<Parsed<_>>()?,
    })
}

fn node(sent: &v1::OverlayNode) -> Parsed<OverlayNode> {
    Ok(OverlayNode {
        address: sent.address.parse()?,
        own: sent.own_ipv4.parse()?,
        tasks: sent.tasks.iter().map(task).collect::<Parsed<_>>()?,
    })
}

fn task(sent: &v1::OverlayTask) -> Parsed<OverlayTask> {
    let public = Some(&sent.public_ipv4).filter(|address| !address.is_empty());
    Ok(OverlayTask {
        private_ipv4: sent.private_ipv4.parse()?,
        public_ipv4: public.map(|address| address.parse()).transpose()?,
        open: sent.open,
        balances: sent.balances,
    })
}
