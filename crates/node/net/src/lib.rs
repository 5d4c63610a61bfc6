//! Network namespaces, interfaces and nftables of one Gantry on one host.
//!
//! Each VPC has a *router*: a network namespace with the gateway and resolver addresses of the VPC and an uplink to
//! the host. Each task has a namespace of its own with one `eth0`, whose other end is in the router. Nothing is
//! bridged: a task sends everything, also what goes to its own subnet, to the gateway, as in a real VPC. So the router
//! sees every packet once, and holds security groups where no task can reach them.
//!
//! ```text
//!   task netns            router netns (one per VPC)                host
//!   eth0 172.31.0.9 ----- t<hash>   lo: 172.31.0.1, 172.31.0.2      g<instance>v<vpc>  100.64.x.1/30
//!   lo 169.254.170.2                up0 100.64.x.2/30 -------------+  masquerade
//! ```
//!
//! Other nodes have routers of the same VPC; between them its packets go in VXLAN ([`Overlay`]).
//!
//! A load balancer's interface is as a task's, and may send on behalf of others ([`behalf`]).
//!
//! A container of a task without an interface of its own has a namespace of its own too, and is on the *bridge* of the
//! host, as Docker has it ([`bridge`]).
//!
//! Invariants:
//! - Every name on the host (interface, nft table, file) carries the instance, and no other is ever changed: two
//!   Gantries live side by side, and foreign firewall tables are never touched. The one setting of the host that is
//!   changed is `net.ipv4.ip_forward`.
//! - Everything is idempotent: attaching what is attached and detaching what is gone are successes. What really is
//!   there is read from the kernel, never from memory of an earlier run; but which ports of the host lead where is in
//!   files, which are written before the rules.
//! - Inbound is denied until the rules of a task are in force, and each change of rules is one transaction.
//! - No thread of the caller ever changes its namespace: that is done on threads that end with it.
//!
//! Read in this order: [`Attachment`] (what is asked for), [`Net`] (the door), `router`, `task`, `rules` (pure), and
//! below them `namespace`, `netlink`, `firewall`.

mod acl;
mod address;
mod attachment;
mod behalf;
mod bridge;
mod bridged;
mod clear;
pub mod doctor;
mod error;
mod firewall;
mod groups;
mod host;
mod name;
mod namespace;
mod net;
mod netlink;
mod opener;
mod overlay;
mod router;
mod rules;
mod spread;
mod task;

pub use address::{Cidr, Mac, ParseError};
pub use attachment::{Acl, AclEntry, Attachment, Direction, Group, Ports, Protocol, Route, Rule, Vpc, Way};
pub use bridge::{Binding, Publish, Transport};
pub use clear::{clear, left};
pub use error::NetError;
pub use host::free_public_range;
pub use name::{Instance, Label};
pub use net::{Config, Net};
pub use overlay::{Overlay, OverlayNode, OverlayTask};

/// Where the agent serves metadata and credentials, and forwards to Gantry's endpoint, in each task's namespace.
pub const TASK_ENDPOINT: std::net::Ipv4Addr = std::net::Ipv4Addr::new(169, 254, 170, 2);

/// A port of [`TASK_ENDPOINT`] as containers know it, and the one behind it that the agent really takes. All ports of
/// a namespace are its containers' own, but these, which AWS's agent keeps to itself on its hosts as well: a
/// container that listens on port 80 of every address must not find it taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointPort {
    pub known: u16,
    pub taken: u16,
}

/// Metadata and credentials.
pub const METADATA: EndpointPort = EndpointPort { known: 80, taken: 51679 };

/// Gantry's endpoint.
pub const GANTRY: EndpointPort = EndpointPort { known: 4566, taken: 51680 };

/// Where names of Service Connect are, in each task's namespace: one address of its loopback for each, and all their ports
/// lead to the one that the agent takes.
pub const CONNECT_RANGE: &str = "127.255.0.0/24";

/// What the agent takes of [`CONNECT_RANGE`].
pub const CONNECT: std::net::SocketAddrV4 =
    std::net::SocketAddrV4::new(std::net::Ipv4Addr::new(127, 255, 0, 254), 51681);

/// The resolver's second address, the same in every VPC.
pub const LINK_LOCAL_RESOLVER: std::net::Ipv4Addr = std::net::Ipv4Addr::new(169, 254, 169, 253);
