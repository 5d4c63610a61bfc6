//! The bridge of tasks without an interface of their own: one range of addresses on this host, an interface for each
//! container, and ports of the host that lead to them.
//!
//! ```text
//!   container netns                host
//!   eth0 100.64.8.5 ----- g<instance>p<n> -- g<instance>b 100.64.8.1/22     masquerade, DNAT of published ports
//!   lo 169.254.170.2
//! ```
//!
//! What a container has is written to a file in the run directory before it is in force, so that an agent that is
//! started anew knows every one before it touches the rules. A published port is also held open on the host, as
//! Docker holds it: no other program finds it free.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};

use crate::error::{NetError, Result};
use crate::name::{self, Instance, Label};
use crate::namespace::{self, apart};
use crate::netlink::{Change, End, Netlink};
use crate::router::{LOOPBACK, MTU};
use crate::{Cidr, TASK_ENDPOINT, firewall, host, rules, task};

/// A bridge of the kernel has at most 1024 ports, and so its range that many addresses.
const PREFIX: u8 = 22;
/// The first of a range is the bridge's.
const FIRST: u32 = 2;
/// Where ports are taken from when the kernel does not say.
const EPHEMERAL: (u16, u16) = (32768, 60999);

/// A transport that has ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// A port of a container, or `count` from there, that shall be reached by ports of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publish {
    pub transport: Transport,
    pub container_port: u16,
    pub count: u16,
    /// The first of them; `None`: any that are free, one after another.
    pub host_port: Option<u16>,
}

/// A published port, or `count` from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub transport: Transport,
    pub container_port: u16,
    pub host_port: u16,
    pub count: u16,
}

impl Binding {
    fn host_ports(&self) -> impl Iterator<Item = (Transport, u16)> + use<> {
        let it = *self;
        (0..it.count).map(move |at| (it.transport, it.host_port + at))
    }
}

/// What one container has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub address: Ipv4Addr,
    pub bindings: Vec<Binding>,
}

impl Record {
    fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.address);
        for it in &self.bindings {
            let Binding { transport, container_port, host_port, count } = it;
            rules::push(
                &mut text,
                format_args!("{} {container_port} {host_port} {count}\n", transport.as_str()),
            );
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let address = lines.next()?.parse().ok()?;
        let binding = |line: &str| {
            let mut words = line.split(' ');
            let transport = match words.next()? {
                "tcp" => Transport::Tcp,
                "udp" => Transport::Udp,
                _ => return None,
            };
            let mut number = || words.next()?.parse::<u16>().ok();
            let (container_port, host_port, count) = (number()?, number()?, number()?);
            Some(Binding { transport, container_port, host_port, count })
        };
        Some(Self { address, bindings: lines.map(binding).collect::<Option<_>>()? })
    }
}

/// A port of the host, held while its container has it.
enum Held {
    Tcp(#[allow(dead_code, reason = "it is held by being open")] TcpListener),
    Udp(#[allow(dead_code, reason = "it is held by being open")] UdpSocket),
}

fn hold(transport: Transport, port: u16) -> io::Result<Held> {
    let at = (Ipv4Addr::UNSPECIFIED, port);
    match transport {
        Transport::Tcp => TcpListener::bind(at).map(Held::Tcp),
        Transport::Udp => UdpSocket::bind(at).map(Held::Udp),
    }
}

/// What the bridge has, all of it.
#[derive(Default)]
pub(crate) struct Bridge {
    /// Once it was made in this run.
    pub range: Option<Cidr>,
    pub records: BTreeMap<Label, Record>,
    held: HashMap<Label, Vec<Held>>,
    /// Whose interfaces were made, or looked after, in this run.
    pub plugged: HashSet<Label>,
    /// Where the search for the next address and the next port begins.
    next_address: u32,
    next_port: u16,
}

fn file(run_dir: &Path, label: &Label) -> PathBuf {
    run_dir.join(format!("b-{label}"))
}

impl Bridge {
    /// Reads what an earlier run left.
    pub fn read(run_dir: &Path) -> Result<Self> {
        let mut bridge = Self::default();
        for entry in fs::read_dir(run_dir).map_err(NetError::file(run_dir))? {
            let entry = entry.map_err(NetError::file(run_dir))?;
            let name = entry.file_name();
            let Some(Ok(label)) =
                name.to_str().and_then(|name| name.strip_prefix("b-")).map(str::parse::<Label>)
            else {
                continue;
            };
            let text = fs::read_to_string(entry.path()).map_err(NetError::file(entry.path()))?;
            match Record::parse(&text) {
                Some(record) => {
                    bridge.records.insert(label, record);
                }
                // Cut off while it was written: nothing had been done about it.
                None => fs::remove_file(entry.path()).map_err(NetError::file(entry.path()))?,
            }
        }
        Ok(bridge)
    }

    /// The range that an earlier run had, if something of it is left.
    pub fn range_before(&self) -> Option<Cidr> {
        self.records.values().next().map(|record| Cidr::new(record.address, PREFIX).network())
    }

    /// The container's address; a new one is noted on disk.
    pub fn assign(&mut self, run_dir: &Path, range: Cidr, label: &Label) -> Result<Ipv4Addr> {
        if let Some(record) = self.records.get(label) {
            return Ok(record.address);
        }
        let size = (1_u32 << (32 - range.prefix())) - FIRST - 1;
        let network = range.network();
        let free = (0..size)
            .map(|step| network.nth(FIRST + (self.next_address + step) % size))
            .find(|address| !self.records.values().any(|record| record.address == *address))
            .ok_or(NetError::NoFreeRange(range))?;
        self.next_address = (free.to_bits() - network.base().to_bits() - FIRST + 1) % size;
        let record = Record { address: free, bindings: Vec::new() };
        write(run_dir, label, &record)?;
        self.records.insert(label.clone(), record);
        Ok(free)
    }

    /// Takes ports of the host for the container and notes them on disk. One that has some keeps them.
    pub fn publish(&mut self, run_dir: &Path, label: &Label, wanted: &[Publish]) -> Result<Vec<Binding>> {
        let record = self.records.get(label).ok_or_else(|| NetError::UnknownTask(label.clone()))?;
        if !record.bindings.is_empty() {
            return Ok(record.bindings.clone());
        }
        let address = record.address;
        let mut held = Vec::new();
        let mut bindings: Vec<Binding> = Vec::new();
        for one in wanted {
            let found = match one.host_port {
                Some(first) => self.fixed(one, first, &bindings, &mut held)?,
                None => self.free(one, &bindings, &mut held)?,
            };
            bindings.push(found);
        }
        let record = Record { address, bindings: bindings.clone() };
        write(run_dir, label, &record)?;
        self.records.insert(label.clone(), record);
        self.held.insert(label.clone(), held);
        Ok(bindings)
    }

    fn is_taken(&self, own: &[Binding], port: (Transport, u16)) -> bool {
        let all = self.records.values().flat_map(|record| &record.bindings).chain(own);
        all.into_iter().any(|it| {
            it.transport == port.0
                && (it.host_port..=it.host_port.saturating_add(it.count - 1)).contains(&port.1)
        })
    }

    fn fixed(&self, one: &Publish, first: u16, own: &[Binding], held: &mut Vec<Held>) -> Result<Binding> {
        let binding = Binding {
            transport: one.transport,
            container_port: one.container_port,
            host_port: first,
            count: one.count,
        };
        for (transport, port) in binding.host_ports() {
            let taken = |source| NetError::PortTaken { transport, port, source };
            if self.is_taken(own, (transport, port)) {
                return Err(taken(None));
            }
            held.push(hold(transport, port).map_err(|error| taken(Some(error)))?);
        }
        Ok(binding)
    }

    fn free(&mut self, one: &Publish, own: &[Binding], held: &mut Vec<Held>) -> Result<Binding> {
        let (low, high) = ephemeral();
        let span = u32::from(high - low) + 1;
        let start = u32::from(self.next_port.clamp(low, high) - low);
        for step in 0..span {
            let first = low + ((start + step) % span) as u16;
            if u32::from(first) + u32::from(one.count) - 1 > u32::from(high) {
                continue;
            }
            let ports = || (0..one.count).map(|at| (one.transport, first + at));
            if ports().any(|port| self.is_taken(own, port)) {
                continue;
            }
            if let Ok(all) =
                ports().map(|(transport, port)| hold(transport, port)).collect::<io::Result<Vec<_>>>()
            {
                held.extend(all);
                self.next_port = first.saturating_add(one.count);
                return Ok(Binding {
                    transport: one.transport,
                    container_port: one.container_port,
                    host_port: first,
                    count: one.count,
                });
            }
        }
        Err(NetError::NoFreePort(one.transport))
    }

    /// Holds the ports of a container again that an earlier run gave it. Answers those that somebody else has by now: the
    /// container is reached by them all the same.
    pub fn hold_again(&mut self, label: &Label) -> Vec<(Transport, u16)> {
        let Some(record) = self.records.get(label).filter(|_| !self.held.contains_key(label)) else {
            return Vec::new();
        };
        let mut lost = Vec::new();
        let mut held = Vec::new();
        for (transport, port) in record.bindings.iter().flat_map(Binding::host_ports) {
            match hold(transport, port) {
                Ok(one) => held.push(one),
                Err(_) => lost.push((transport, port)),
            }
        }
        self.held.insert(label.clone(), held);
        lost
    }

    /// What the container had is others' from now on.
    pub fn release(&mut self, label: &Label) {
        self.held.remove(label);
        self.plugged.remove(label);
        self.records.remove(label);
    }
}

/// From which the kernel takes ports that nobody named.
fn ephemeral() -> (u16, u16) {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut numbers = text.split_whitespace().filter_map(|it| it.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(low), Some(high)) if low <= high => (low, high),
        _ => EPHEMERAL,
    }
}

fn write(run_dir: &Path, label: &Label, record: &Record) -> Result<()> {
    let path = file(run_dir, label);
    let staged = run_dir.join(format!("new-b-{label}"));
    fs::write(&staged, record.to_text()).map_err(NetError::file(&staged))?;
    fs::rename(&staged, &path).map_err(NetError::file(&path))
}

fn open() -> Result<Netlink> {
    Netlink::open().map_err(NetError::kernel("open a netlink socket"))
}

fn missing(name: &str) -> NetError {
    NetError::Kernel { what: format!("find interface {name}"), source: io::ErrorKind::NotFound.into() }
}

/// Makes what is missing of the bridge, with this range if it had one. Answers its range.
pub(crate) fn ensure(instance: &Instance, known: Option<Cidr>) -> Result<Cidr> {
    let mut netlink = open()?;
    let device = name::bridge(instance);
    if netlink.index(&device)?.is_none() {
        netlink.apply(vec![Change::bridge(&device)])?;
    }
    let index = netlink.index(&device)?.ok_or_else(|| missing(&device))?;
    let addresses = netlink.addresses().map_err(NetError::kernel("list addresses"))?;
    let has = addresses.into_iter().find(|it| it.index == index).map(|it| it.address.network());
    let range = match has.or(known) {
        Some(range) => range,
        None => host::free_bridge(&mut netlink, instance, PREFIX)?,
    };
    // Left to itself, a bridge has the lowest hardware address of its ports, and another whenever one comes or goes:
    // nobody would find it for a while.
    if !has_own_hardware(&mut netlink, &device, range)? {
        netlink.apply(vec![Change::hardware(index, mac(range.nth(1)))])?;
    }
    netlink.apply(vec![
        Change::up(index),
        Change::address(index, Cidr::new(range.nth(1), PREFIX)),
        Change::route(index, range, None),
    ])?;
    namespace::sysctl(&format!("ipv6/conf/{device}/disable_ipv6"), "1")?;
    // What the host sends to its own loopback address and a published port goes on to the container.
    namespace::sysctl(&format!("ipv4/conf/{device}/route_localnet"), "1")?;
    Ok(range)
}

/// Makes what is missing of a container's namespace and interface. Runs on a thread that it moves.
pub(crate) fn plug(
    instance: &Instance,
    run_dir: &Path,
    range: Cidr,
    label: &Label,
    address: Ipv4Addr,
) -> Result<()> {
    let mut outer = open()?;
    let bridge = name::bridge(instance);
    let bridge = outer.index(&bridge)?.ok_or_else(|| missing(&bridge))?;
    let (namespace, made) = task::namespace_of(run_dir, label)?;
    firewall::apply(&rules::of_task())?;
    let mut inner = open()?;
    let port = port(instance, range, address);
    if made {
        outer.apply(vec![Change::delete_link(&port)])?;
    }
    if outer.index(&port)?.is_none() {
        outer.apply(vec![Change::veth(
            End::new(&port),
            End { name: task::INTERFACE, mac: Some(mac(address)) },
            namespace.fd(),
            MTU,
        )])?;
    }
    let near = outer.index(&port)?.ok_or_else(|| missing(&port))?;
    let far = inner.index(task::INTERFACE)?.ok_or_else(|| missing(task::INTERFACE))?;
    // A container that reaches itself by a port of the host is answered over the port that it came by.
    outer.apply(vec![Change::join(near, bridge), Change::hairpin(near), Change::up(near)])?;
    inner.apply(vec![
        Change::up(LOOPBACK),
        Change::address(LOOPBACK, Cidr::host(TASK_ENDPOINT)),
        Change::up(far),
        Change::address(far, Cidr::new(address, range.prefix())),
        Change::route(far, range, None),
        Change::route(far, Cidr::new(Ipv4Addr::UNSPECIFIED, 0), Some(range.nth(1))),
    ])
}

/// Removes the host's end of a container's interface.
pub(crate) fn unplug(instance: &Instance, range: Cidr, address: Ipv4Addr) -> Result<()> {
    open()?.apply(vec![Change::delete_link(&port(instance, range, address))])
}

/// Has the bridge and its ports be as they shall again; true if something was missing.
pub(crate) fn mend(
    instance: &Instance,
    run_dir: &Path,
    range: Cidr,
    records: &BTreeMap<Label, Record>,
) -> Result<bool> {
    let mut netlink = open()?;
    let there = |netlink: &mut Netlink, name: &str| {
        netlink.index(name).map(|index| index.is_some() && host::is_up(name))
    };
    let device = name::bridge(instance);
    let bridge = there(&mut netlink, &device)?;
    let mut missing = Vec::new();
    for (label, record) in records {
        if !bridge || !there(&mut netlink, &port(instance, range, record.address))? {
            missing.push((label.clone(), record.address));
        }
    }
    if bridge && missing.is_empty() && has_own_hardware(&mut netlink, &device, range)? {
        return Ok(false);
    }
    ensure(instance, Some(range))?;
    for (label, address) in missing {
        // A thread that plugs moves into the container's namespace.
        let plugged = std::thread::scope(|scope| {
            scope.spawn(|| plug(instance, run_dir, range, &label, address)).join()
        });
        plugged.map_err(|_| NetError::Lost)??;
    }
    Ok(true)
}

/// Whether the bridge has the hardware address that follows from its own.
fn has_own_hardware(netlink: &mut Netlink, device: &str, range: Cidr) -> Result<bool> {
    Ok(netlink.hardware(device)?.as_deref() == Some(mac(range.nth(1)).0.as_slice()))
}

/// Removes the bridge itself.
pub(crate) fn remove(instance: &Instance) -> Result<()> {
    open()?.apply(vec![Change::delete_link(&name::bridge(instance))])
}

/// Removes the file of a container.
pub(crate) fn forget(run_dir: &Path, label: &Label) -> Result<()> {
    let path = file(run_dir, label);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(NetError::file(path)(error)),
        _ => Ok(()),
    }
}

/// As Docker derives it.
fn mac(address: Ipv4Addr) -> crate::Mac {
    let [a, b, c, d] = address.octets();
    crate::Mac([0x02, 0x42, a, b, c, d])
}

fn port(instance: &Instance, range: Cidr, address: Ipv4Addr) -> String {
    name::bridge_port(instance, address.to_bits() - range.base().to_bits())
}

/// Makes the bridge on a thread of its own.
pub(crate) async fn ensure_apart(instance: Instance, known: Option<Cidr>) -> Result<Cidr> {
    apart("net-bridge", move || ensure(&instance, known)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(host_port: Option<u16>, count: u16) -> Publish {
        Publish { transport: Transport::Tcp, container_port: 80, count, host_port }
    }

    #[test]
    fn what_a_container_has_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let range: Cidr = "10.9.0.0/22".parse().unwrap();
        let mut bridge = Bridge::default();
        let (a, b): (Label, Label) = ("a".parse().unwrap(), "b".parse().unwrap());
        let first = bridge.assign(dir.path(), range, &a).unwrap();
        assert_eq!(first, Ipv4Addr::new(10, 9, 0, 2));
        assert_ne!(bridge.assign(dir.path(), range, &b).unwrap(), first);
        assert_eq!(bridge.assign(dir.path(), range, &a).unwrap(), first, "once");
        let bindings = bridge.publish(dir.path(), &a, &[publish(None, 3), publish(None, 1)]).unwrap();
        assert_eq!(bindings[0].count, 3);
        let taken = bindings[0].host_port + 2;
        assert!(TcpListener::bind((Ipv4Addr::UNSPECIFIED, taken)).is_err(), "it is held");
        let error = bridge.publish(dir.path(), &b, &[publish(Some(taken), 1)]).unwrap_err();
        assert!(matches!(error, NetError::PortTaken { source: None, .. }), "{error}");
        fs::write(dir.path().join("b-cut"), "10.9.").unwrap();

        let read = Bridge::read(dir.path()).unwrap();
        assert_eq!(read.records, bridge.records);
        assert!(!dir.path().join("b-cut").exists());
        bridge.release(&a);
        let error = {
            let _other = TcpListener::bind((Ipv4Addr::UNSPECIFIED, taken)).unwrap();
            bridge.publish(dir.path(), &b, &[publish(Some(taken), 1)]).unwrap_err()
        };
        assert!(matches!(error, NetError::PortTaken { source: Some(_), .. }), "{error}");
        assert_eq!(bridge.publish(dir.path(), &b, &[publish(Some(taken), 1)]).unwrap()[0].host_port, taken);
    }
}
