//! Requests to the kernel over one blocking route socket.
//!
//! A socket belongs to the namespace in which it was opened, wherever it is used.

mod change;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use rtnetlink::LinkUnspec;
use rtnetlink::packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use rtnetlink::packet_route::address::{AddressAttribute, AddressMessage};
use rtnetlink::packet_route::link::{InfoData, InfoVxlan, LinkAttribute, LinkInfo, LinkMessage};
use rtnetlink::packet_route::route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage};
use rtnetlink::packet_route::rule::{RuleAttribute, RuleMessage};
use rtnetlink::packet_route::{AddressFamily, RouteNetlinkMessage};
use rtnetlink::sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

use crate::Cidr;

pub(crate) use change::{Change, End};

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

    /// The hardware address of the interface of this name, if there is one.
    pub fn hardware(&mut self, name: &str) -> crate::error::Result<Option<Vec<u8>>> {
        let link = self.ask(name).map_err(crate::NetError::kernel(format!("look at interface {name}")))?;
        let attributes = link.into_iter().flat_map(|link| link.attributes);
        Ok(attributes
            .filter_map(|attribute| match attribute {
                LinkAttribute::Address(bytes) => Some(bytes),
                _ => None,
            })
            .next())
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
