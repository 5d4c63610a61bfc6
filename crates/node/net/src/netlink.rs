//! Requests to the kernel over one blocking route socket.
//!
//! A socket belongs to the namespace in which it was opened, wherever it is used.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

use rtnetlink::packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST, NetlinkHeader,
    NetlinkMessage, NetlinkPayload,
};
use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use rtnetlink::packet_route::link::{
    InfoBridgePort, InfoData, InfoPortData, InfoPortKind, InfoVeth, InfoVxlan, LinkAttribute, LinkInfo,
    LinkMessage,
};
use rtnetlink::packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState,
};
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteScope, RouteType,
};
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};
use rtnetlink::sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use rtnetlink::{LinkBridge, LinkUnspec, LinkVeth, LinkVxlan, RouteMessageBuilder};

use crate::{Cidr, Mac};

/// One change, and whether it being done already counts as success.
pub(crate) struct Change {
    what: String,
    flags: u16,
    message: RouteNetlinkMessage,
    fine: &'static [i32],
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

pub(crate) struct Address {
    pub index: u32,
    pub address: Cidr,
}

/// Where a table leads.
pub(crate) struct Leads {
    pub interface: u32,
    pub via: Option<Ipv4Addr>,
}

pub(crate) struct Netlink {
    socket: Socket,
    sequence: u32,
}

impl Netlink {
    /// Opens a socket in the namespace that the calling thread is in.
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        // The kernel answers at once; a lost answer must not hold a thread for ever.
        let wait = nix::sys::time::TimeVal::new(10, 0);
        nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::ReceiveTimeout, &wait)?;
        Ok(Self { socket, sequence: 0 })
    }

    /// Carries out the changes in order, in one send; the first that fails is the error, later ones are still tried.
    pub fn apply(&mut self, changes: Vec<Change>) -> crate::error::Result<()> {
        let first = self.sequence + 1;
        let mut out = Vec::new();
        let mut names = Vec::new();
        for change in changes {
            self.sequence += 1;
            push(&mut out, self.sequence, NLM_F_REQUEST | NLM_F_ACK | change.flags, change.message);
            names.push((change.what, change.fine));
        }
        if names.is_empty() {
            return Ok(());
        }
        let failed = |what: &str, error| Err(crate::NetError::kernel(what)(error));
        if let Err(error) = self.socket.send(&out, 0) {
            return failed(&names[0].0, error);
        }
        let mut result = Ok(());
        let mut open = names.len();
        while open > 0 {
            let (bytes, _) = match self.socket.recv_from_full() {
                Ok(got) => got,
                Err(error) => return failed(&names[0].0, error),
            };
            for (header, payload) in messages(&bytes) {
                let NetlinkPayload::Error(answer) = payload else {
                    continue;
                };
                let Some((what, fine)) =
                    header.sequence_number.checked_sub(first).and_then(|at| names.get(at as usize))
                else {
                    continue;
                };
                open -= 1;
                if answer.code.is_some() && !fine.contains(&-answer.raw_code()) && result.is_ok() {
                    result = failed(what, answer.to_io());
                }
            }
        }
        result
    }

    fn dump(&mut self, message: RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
        self.sequence += 1;
        let mut out = Vec::new();
        push(&mut out, self.sequence, NLM_F_REQUEST | NLM_F_DUMP, message);
        self.socket.send(&out, 0)?;
        let mut found = Vec::new();
        loop {
            let (bytes, _) = self.socket.recv_from_full()?;
            for (header, payload) in messages(&bytes) {
                if header.sequence_number != self.sequence {
                    continue;
                }
                match payload {
                    NetlinkPayload::Done(_) => return Ok(found),
                    NetlinkPayload::Error(error) => return Err(error.to_io()),
                    NetlinkPayload::InnerMessage(message) => found.push(message),
                    _ => {}
                }
            }
        }
    }

    /// The index of the interface of that name.
    pub fn index(&mut self, name: &str) -> crate::error::Result<Option<u32>> {
        let link = self.ask(name).map_err(crate::NetError::kernel(format!("find interface {name}")))?;
        Ok(link.map(|link| link.header.index))
    }

    fn ask(&mut self, name: &str) -> io::Result<Option<LinkMessage>> {
        self.sequence += 1;
        let mut out = Vec::new();
        push(
            &mut out,
            self.sequence,
            NLM_F_REQUEST,
            RouteNetlinkMessage::GetLink(LinkUnspec::new_with_name(name).build()),
        );
        self.socket.send(&out, 0)?;
        loop {
            let (bytes, _) = self.socket.recv_from_full()?;
            for (header, payload) in messages(&bytes) {
                if header.sequence_number != self.sequence {
                    continue;
                }
                match payload {
                    NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link)) => {
                        return Ok(Some(link));
                    }
                    NetlinkPayload::Error(error) if error.raw_code() == -libc::ENODEV => {
                        return Ok(None);
                    }
                    NetlinkPayload::Error(error) => return Err(error.to_io()),
                    _ => {}
                }
            }
        }
    }

    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        let mut query = AddressMessage::default();
        query.header.family = AddressFamily::Inet;
        let all = self.dump(RouteNetlinkMessage::GetAddress(query))?;
        Ok(all
            .into_iter()
            .filter_map(|message| {
                let RouteNetlinkMessage::NewAddress(it) = message else {
                    return None;
                };
                let local = it.attributes.iter().find_map(|attribute| match attribute {
                    AddressAttribute::Local(IpAddr::V4(ip)) => Some(*ip),
                    _ => None,
                })?;
                Some(Address { index: it.header.index, address: Cidr::new(local, it.header.prefix_len) })
            })
            .collect())
    }

    /// Where tables of our own lead.
    pub fn tables(&mut self) -> io::Result<Vec<(u32, Leads)>> {
        let mut query = RouteMessage::default();
        query.header.address_family = AddressFamily::Inet;
        let all = self.dump(RouteNetlinkMessage::GetRoute(query))?;
        let routes = all.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewRoute(it) => Some(it.attributes),
            _ => None,
        });
        Ok(routes
            .filter_map(|attributes| {
                let (mut table, mut interface, mut via) = (None, None, None);
                for attribute in attributes {
                    match attribute {
                        // Those of the system are named by a byte.
                        RouteAttribute::Table(number) if number > 0xff => table = Some(number),
                        RouteAttribute::Oif(index) => interface = Some(index),
                        RouteAttribute::Gateway(RouteAddress::Inet(address)) => via = Some(address),
                        _ => {}
                    }
                }
                Some((table?, Leads { interface: interface?, via }))
            })
            .collect())
    }

    /// The marks that have a rule.
    pub fn marks(&mut self) -> io::Result<BTreeSet<u32>> {
        let mut query = RuleMessage::default();
        query.header.family = AddressFamily::Inet;
        let all = self.dump(RouteNetlinkMessage::GetRule(query))?;
        let rules = all.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewRule(it) => Some(it.attributes),
            _ => None,
        });
        let marks = rules.flatten().filter_map(|attribute| match attribute {
            RuleAttribute::FwMark(mark) if mark != 0 => Some(mark),
            _ => None,
        });
        Ok(marks.collect())
    }

    /// Whether an interface of VXLAN carries marks. One that is not there does not.
    pub fn carries_marks(&mut self, name: &str) -> crate::error::Result<bool> {
        let link = self.ask(name).map_err(crate::NetError::kernel(format!("find interface {name}")))?;
        let infos =
            link.into_iter().flat_map(|link| link.attributes).filter_map(|attribute| match attribute {
                LinkAttribute::LinkInfo(infos) => Some(infos),
                _ => None,
            });
        Ok(infos.flatten().any(|info| match info {
            LinkInfo::Data(InfoData::Vxlan(data)) => data.contains(&InfoVxlan::Gbp(true)),
            _ => false,
        }))
    }

    /// Destinations of the main table, without the default route.
    pub fn routes(&mut self) -> io::Result<Vec<(Cidr, Option<u32>)>> {
        let mut query = RouteMessage::default();
        query.header.address_family = AddressFamily::Inet;
        let all = self.dump(RouteNetlinkMessage::GetRoute(query))?;
        Ok(all
            .into_iter()
            .filter_map(|message| {
                let RouteNetlinkMessage::NewRoute(it) = message else {
                    return None;
                };
                if it.header.table != RouteHeader::RT_TABLE_MAIN {
                    return None;
                }
                let to = it.attributes.iter().find_map(|attribute| match attribute {
                    RouteAttribute::Destination(RouteAddress::Inet(ip)) => Some(*ip),
                    _ => None,
                })?;
                let out = it.attributes.iter().find_map(|attribute| match attribute {
                    RouteAttribute::Oif(index) => Some(*index),
                    _ => None,
                });
                Some((Cidr::new(to, it.header.destination_prefix_length), out))
            })
            .collect())
    }
}

fn push(out: &mut Vec<u8>, sequence: u32, flags: u16, message: RouteNetlinkMessage) {
    let mut header = NetlinkHeader::default();
    header.sequence_number = sequence;
    header.flags = flags;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
    message.finalize();
    let start = out.len();
    // Messages begin at multiples of four bytes.
    let end = start + message.buffer_len().next_multiple_of(4);
    out.resize(end, 0);
    message.serialize(&mut out[start..start + message.buffer_len()]);
}

type Parsed = (NetlinkHeader, NetlinkPayload<RouteNetlinkMessage>);

/// The messages in a datagram; one that this library cannot read is of no use here and passed over.
fn messages(mut bytes: &[u8]) -> Vec<Parsed> {
    let mut found = Vec::new();
    while bytes.len() >= 16 {
        let length = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        if length < 16 || length > bytes.len() {
            break;
        }
        if let Ok(message) = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&bytes[..length]) {
            found.push(message.into_parts());
        }
        bytes = &bytes[length.next_multiple_of(4).min(bytes.len())..];
    }
    found
}
