//! A task's namespace and interface.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use crate::error::{NetError, Result};
use crate::name::{self, Label};
use crate::namespace::{self, Namespace};
use crate::netlink::{Change, End, Netlink};
use crate::router::{LOOPBACK, MTU, Router};
use crate::{Attachment, Cidr, Mac, TASK_ENDPOINT, behalf, firewall, rules};

pub(crate) const INTERFACE: &str = "eth0";

/// The router's hardware address on every task's link: nothing else is on the link.
const ROUTER_MAC: Mac = Mac([0x0e, 0x67, 0x61, 0x6e, 0x74, 0x01]);

pub(crate) fn path(run_dir: &Path, task: &Label) -> PathBuf {
    run_dir.join(format!("t-{task}"))
}

fn open() -> Result<Netlink> {
    Netlink::open().map_err(NetError::kernel("open a netlink socket"))
}

/// Makes what is missing of the task's namespace and interface. Runs on a thread that it moves.
pub(crate) fn ensure(run_dir: &Path, router: &Router, wanted: &Attachment) -> Result<()> {
    let (namespace, made) = namespace_of(run_dir, &wanted.task)?;
    firewall::apply(&rules::of_task())?;
    if wanted.balances {
        // What the router says of a packet that is too large for the way to another node, it says to the client.
        namespace::sysctl("ipv4/ip_no_pmtu_disc", "1")?;
    }
    let mut inner = open()?;
    router.namespace.enter()?;
    let mut outer = open()?;
    let port = name::port(&wanted.task);
    if made {
        // A port of that name would lead to a namespace that has no name any more.
        outer.apply(vec![Change::delete_link(&port)])?;
    }
    if outer.index(&port)?.is_none() {
        outer.apply(vec![Change::veth(
            End { name: &port, mac: Some(ROUTER_MAC) },
            End { name: INTERFACE, mac: Some(wanted.mac) },
            namespace.fd(),
            MTU,
        )])?;
    }
    let missing = |name: &str| NetError::Kernel {
        what: format!("find interface {name}"),
        source: std::io::ErrorKind::NotFound.into(),
    };
    let near = outer.index(&port)?.ok_or_else(|| missing(&port))?;
    let far = inner.index(INTERFACE)?.ok_or_else(|| missing(INTERFACE))?;
    let address = wanted.private_ipv4;
    inner.apply(vec![
        Change::up(LOOPBACK),
        Change::address(LOOPBACK, Cidr::host(TASK_ENDPOINT)),
        Change::up(far),
        Change::address(far, Cidr::new(address, wanted.subnet.prefix())),
        Change::neighbour(far, wanted.gateway, ROUTER_MAC),
        Change::route(far, Cidr::host(wanted.gateway), None),
        Change::route(far, Cidr::new(Ipv4Addr::UNSPECIFIED, 0), Some(wanted.gateway)),
    ])?;
    outer.apply(vec![
        Change::up(near),
        Change::address(LOOPBACK, Cidr::host(wanted.gateway)),
        Change::neighbour(near, address, wanted.mac),
        Change::route(near, Cidr::host(address), None),
    ])?;
    if wanted.balances {
        let mark = behalf::of_balancer(address);
        inner.apply(vec![
            Change::all_here(behalf::TABLE, LOOPBACK),
            Change::from_interface(INTERFACE, behalf::TABLE),
        ])?;
        behalf::take_any(&port)?;
        outer.apply(vec![Change::all_by(mark, near, address), Change::marked(mark, mark)])?;
    }
    Ok(())
}

/// A namespace with nothing but loopback, for a task without a network of its own.
pub(crate) fn ensure_lone(run_dir: &Path, task: &Label) -> Result<()> {
    namespace_of(run_dir, task)?;
    firewall::apply(&rules::of_task())?;
    open()?.apply(vec![Change::up(LOOPBACK), Change::address(LOOPBACK, Cidr::host(TASK_ENDPOINT))])
}

/// Opens or makes the namespace and moves the thread into it; true if it was made.
pub(crate) fn namespace_of(run_dir: &Path, task: &Label) -> Result<(Namespace, bool)> {
    let file = path(run_dir, task);
    if let Some(namespace) = Namespace::open(&file)? {
        namespace.enter()?;
        return Ok((namespace, false));
    }
    let namespace = Namespace::create(&file)?;
    // Interfaces of a task speak IPv4 only, as those of a VPC without an IPv6 range; loopback keeps both.
    namespace::sysctl("ipv6/conf/default/disable_ipv6", "1")?;
    // As in containers elsewhere: the ports below 1024 need no privilege in a namespace of one's own.
    namespace::sysctl("ipv4/ip_unprivileged_port_start", "0")?;
    Ok((namespace, true))
}

/// Removes the task's port from the router. Runs on a thread that it moves.
pub(crate) fn unplug(router: &Namespace, task: &Label) -> Result<()> {
    router.enter()?;
    let mut netlink = open()?;
    netlink.apply(vec![Change::delete_link(&name::port(task))])?;
    behalf::sweep(&mut netlink)
}
