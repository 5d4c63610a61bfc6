//! What can be asked of the kernel: interfaces, addresses, routes, rules and neighbours, made and removed.
//!
//! Each is one message. Errors that say that it is done already are no errors.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

use rtnetlink::packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use rtnetlink::packet_route::link::{
    InfoBridgePort, InfoData, InfoPortData, InfoPortKind, InfoVeth, InfoVxlan,
};
use rtnetlink::packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState,
};
use rtnetlink::packet_route::route::{RouteMessage, RouteScope, RouteType};
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};
use rtnetlink::{LinkBridge, LinkUnspec, LinkVeth, LinkVxlan, RouteMessageBuilder};

use crate::{Cidr, Mac};

/// One change, and whether it being done already counts as success.
pub(crate) struct Change {
    pub(super) what: String,
    pub(super) flags: u16,
    pub(super) message: RouteNetlinkMessage,
    pub(super) fine: &'static [i32],
}

/// One end of a veth pair.
pub(crate) struct End<'a> {
    pub name: &'a str,
    pub mac: Option<Mac>,
}

/// Where rules are: behind the addresses of the namespace itself, before its main table.
const RULES: u32 = 1000;

impl<'a> End<'a> {
    /// The kernel chooses the hardware address.
    pub fn new(name: &'a str) -> Self {
        Self { name, mac: None }
    }
}

impl Change {
    fn add(what: String, message: RouteNetlinkMessage) -> Self {
        Self { what, flags: NLM_F_CREATE | NLM_F_EXCL, message, fine: &[libc::EEXIST] }
    }

    /// A veth pair, `near` up and `far` in the namespace `fd` and down: it has no other end yet when it is made. That
    /// `near` exists already is an error.
    pub fn veth(near: End<'_>, far: End<'_>, fd: BorrowedFd<'_>, mtu: u32) -> Self {
        let mut peer = LinkUnspec::new_with_name(far.name).mtu(mtu).setns_by_fd(fd.as_raw_fd());
        if let Some(mac) = far.mac {
            peer = peer.address(mac.0.to_vec());
        }
        let mut link = LinkVeth::new(near.name, far.name)
            .set_info_data(InfoData::Veth(InfoVeth::Peer(peer.build())))
            .up()
            .mtu(mtu);
        if let Some(mac) = near.mac {
            link = link.address(mac.0.to_vec());
        }
        Self {
            fine: &[],
            ..Self::add(format!("make interface {}", near.name), RouteNetlinkMessage::NewLink(link.build()))
        }
    }

    /// An end of VXLAN in the namespace `fd`, whose packets go over the namespace of the socket. It learns nothing,
    /// and carries the low 16 bits of marks.
    pub fn vxlan(name: &str, fd: BorrowedFd<'_>, vni: u32, port: u16, mac: Mac, mtu: u32) -> Self {
        let link = LinkVxlan::new(name, vni)
            .port(port)
            .learning(false)
            .append_info_data(InfoVxlan::Gbp(true))
            .mtu(mtu)
            .address(mac.0.to_vec())
            .setns_by_fd(fd.as_raw_fd());
        Self {
            fine: &[],
            ..Self::add(
                format!("make interface {name} of VXLAN {vni}"),
                RouteNetlinkMessage::NewLink(link.build()),
            )
        }
    }

    pub fn up(index: u32) -> Self {
        Self {
            what: format!("bring interface {index} up"),
            flags: 0,
            message: RouteNetlinkMessage::SetLink(LinkUnspec::new_with_index(index).up().build()),
            fine: &[],
        }
    }

    pub fn bridge(name: &str) -> Self {
        Self::add(
            format!("make bridge {name}"),
            RouteNetlinkMessage::NewLink(LinkBridge::new(name).up().build()),
        )
    }

    /// Gives the interface a hardware address to keep.
    pub fn hardware(index: u32, mac: Mac) -> Self {
        Self {
            what: format!("give interface {index} its hardware address"),
            flags: 0,
            message: RouteNetlinkMessage::SetLink(
                LinkUnspec::new_with_index(index).address(mac.0.to_vec()).build(),
            ),
            fine: &[],
        }
    }

    /// Makes the interface a port of the bridge.
    pub fn join(index: u32, bridge: u32) -> Self {
        Self {
            what: format!("make interface {index} a port of {bridge}"),
            flags: 0,
            message: RouteNetlinkMessage::SetLink(
                LinkUnspec::new_with_index(index).controller(bridge).build(),
            ),
            fine: &[],
        }
    }

    /// Has a bridge give back what comes by a port over the same port.
    pub fn hairpin(index: u32) -> Self {
        let data = InfoPortData::BridgePort(vec![InfoBridgePort::HairpinMode(true)]);
        let link = LinkUnspec::new_with_index(index).set_port_kind(InfoPortKind::Bridge).set_port_data(data);
        Self {
            what: format!("have port {index} of its bridge give back what comes by it"),
            flags: 0,
            // The kernel takes what is said of a port with this request alone.
            message: RouteNetlinkMessage::NewLink(link.build()),
            fine: &[],
        }
    }

    pub fn delete_link(name: &str) -> Self {
        Self {
            what: format!("remove interface {name}"),
            flags: 0,
            message: RouteNetlinkMessage::DelLink(LinkUnspec::new_with_name(name).build()),
            fine: &[libc::ENODEV],
        }
    }

    /// The address with the range's length as its netmask, but no route of its own.
    pub fn address(index: u32, address: Cidr) -> Self {
        let ip = IpAddr::V4(address.address());
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.prefix_len = address.prefix();
        message.header.index = index;
        message.attributes = vec![
            AddressAttribute::Local(ip),
            AddressAttribute::Address(ip),
            AddressAttribute::Flags(AddressFlags::Noprefixroute),
        ];
        Self::add(format!("add address {address}"), RouteNetlinkMessage::NewAddress(message))
    }

    /// `via` absent: the range is on the link itself.
    pub fn route(index: u32, to: Cidr, via: Option<Ipv4Addr>) -> Self {
        Self::add(format!("add route to {to}"), RouteNetlinkMessage::NewRoute(route(index, to, via)))
    }

    pub fn delete_route(index: u32, to: Cidr, via: Option<Ipv4Addr>) -> Self {
        Self {
            what: format!("remove route to {to}"),
            flags: 0,
            message: RouteNetlinkMessage::DelRoute(route(index, to, via)),
            fine: &[libc::ESRCH],
        }
    }

    /// In a table of its own, everything goes this way.
    pub fn all_by(table: u32, index: u32, via: Ipv4Addr) -> Self {
        let all = RouteMessageBuilder::<Ipv4Addr>::new().output_interface(index).gateway(via);
        Self::add(
            format!("add a route by {via} to table {table}"),
            RouteNetlinkMessage::NewRoute(all.table_id(table).build()),
        )
    }

    /// In a table of its own, every address is this namespace's.
    pub fn all_here(table: u32, loopback: u32) -> Self {
        let all = RouteMessageBuilder::<Ipv4Addr>::new().output_interface(loopback);
        let all = all.table_id(table).kind(RouteType::Local).scope(RouteScope::Host);
        Self::add(format!("add all addresses to table {table}"), RouteNetlinkMessage::NewRoute(all.build()))
    }

    pub fn delete_all_by(table: u32, index: u32, via: Ipv4Addr) -> Self {
        let all = RouteMessageBuilder::<Ipv4Addr>::new().output_interface(index).gateway(via);
        Self {
            what: format!("remove the route by {via} from table {table}"),
            flags: 0,
            message: RouteNetlinkMessage::DelRoute(all.table_id(table).build()),
            fine: &[libc::ESRCH],
        }
    }

    /// What has this mark goes by this table.
    pub fn marked(mark: u32, table: u32) -> Self {
        Self::rule(RuleAttribute::FwMark(mark), table)
    }

    pub fn unmarked(mark: u32, table: u32) -> Self {
        Self {
            what: format!("remove the rule for mark {mark}"),
            flags: 0,
            message: RouteNetlinkMessage::DelRule(rule(RuleAttribute::FwMark(mark), table)),
            fine: &[libc::ENOENT],
        }
    }

    /// What comes from this interface goes by this table.
    pub fn from_interface(name: &str, table: u32) -> Self {
        Self::rule(RuleAttribute::Iifname(name.to_owned()), table)
    }

    fn rule(which: RuleAttribute, table: u32) -> Self {
        let message = RouteNetlinkMessage::NewRule(rule(which, table));
        Self::add(format!("add a rule for table {table}"), message)
    }

    /// What is for this hardware address goes to that address in VXLAN.
    pub fn tunnel(index: u32, mac: Mac, to: Ipv4Addr) -> Self {
        let mut message = neighbour(AddressFamily::Bridge, index, to, Some(mac));
        message.header.flags = NeighbourFlags::Own;
        Self {
            what: format!("lead {mac} to {to}"),
            flags: NLM_F_CREATE | NLM_F_REPLACE,
            message: RouteNetlinkMessage::NewNeighbour(message),
            fine: &[],
        }
    }

    pub fn delete_neighbour(index: u32, address: Ipv4Addr) -> Self {
        Self {
            what: format!("remove neighbour {address}"),
            flags: 0,
            message: RouteNetlinkMessage::DelNeighbour(neighbour(AddressFamily::Inet, index, address, None)),
            fine: &[libc::ENOENT],
        }
    }

    /// A neighbour that never has to be asked for.
    pub fn neighbour(index: u32, address: Ipv4Addr, mac: Mac) -> Self {
        let message = neighbour(AddressFamily::Inet, index, address, Some(mac));
        Self {
            what: format!("add neighbour {address}"),
            flags: NLM_F_CREATE | NLM_F_REPLACE,
            message: RouteNetlinkMessage::NewNeighbour(message),
            fine: &[],
        }
    }
}

fn rule(which: RuleAttribute, table: u32) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.action = RuleAction::ToTable;
    message.attributes = vec![which, RuleAttribute::Priority(RULES), RuleAttribute::Table(table)];
    message
}

fn neighbour(family: AddressFamily, index: u32, address: Ipv4Addr, mac: Option<Mac>) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family;
    message.header.ifindex = index;
    message.header.state = NeighbourState::Permanent;
    message.header.kind = RouteType::Unspec;
    message.attributes = vec![NeighbourAttribute::Destination(NeighbourAddress::Inet(address))];
    message.attributes.extend(mac.map(|mac| NeighbourAttribute::LinkLocalAddress(mac.0.to_vec())));
    message
}

fn route(index: u32, to: Cidr, via: Option<Ipv4Addr>) -> RouteMessage {
    let mut builder = RouteMessageBuilder::<Ipv4Addr>::new().output_interface(index);
    if to.prefix() > 0 {
        builder = builder.destination_prefix(to.base(), to.prefix());
    }
    match via {
        Some(gateway) => builder.gateway(gateway).build(),
        None => builder.scope(RouteScope::Link).build(),
    }
}
