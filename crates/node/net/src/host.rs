//! What is the host's: free ranges, routes, forwarding.

use std::io;

use crate::error::{NetError, Result};
use crate::name::{self, Instance, Label};
use crate::netlink::{Change, Netlink};
use crate::{Cidr, namespace};

/// Uplinks take their subnets of four addresses from here: the lower half of what RFC 6598 sets apart for the inside
/// of carriers' networks, which no network of a user's own should have.
const LINKS: [u8; 4] = [100, 64, 0, 0];
const PUBLIC: [u8; 4] = [100, 96, 0, 0];
const HALF: u8 = 11;
/// How many places are tried: more than any host has routes in the range.
const TRIES: u64 = 4096;

/// A range of 1024 addresses for the public addresses of an instance's tasks, which nothing on this host uses yet.
/// The caller keeps it: a second call may give another.
pub async fn free_public_range(instance: &Instance) -> Result<Cidr> {
    let seed = name::fnv(instance.to_string().as_bytes());
    namespace::apart("net-range", move || {
        let mut netlink = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
        let used = used(&mut netlink).map_err(NetError::kernel("list routes"))?;
        free(Cidr::new(PUBLIC.into(), HALF), 22, seed, &used)
    })
    .await
}

/// A free range of that length for an instance's bridge.
pub(crate) fn free_bridge(netlink: &mut Netlink, instance: &Instance, prefix: u8) -> Result<Cidr> {
    let used = used(netlink).map_err(NetError::kernel("list routes"))?;
    let seed = name::fnv(format!("{instance}/bridge").as_bytes());
    free(Cidr::new(LINKS.into(), HALF), prefix, seed, &used)
}

/// A free subnet of four addresses for the uplink of a VPC.
pub(crate) fn free_link(netlink: &mut Netlink, instance: &Instance, vpc: &Label) -> Result<Cidr> {
    let used = used(netlink).map_err(NetError::kernel("list routes"))?;
    let seed = name::fnv(format!("{instance}/{vpc}").as_bytes());
    free(Cidr::new(LINKS.into(), HALF), 30, seed, &used)
}

fn used(netlink: &mut Netlink) -> io::Result<Vec<Cidr>> {
    let mut used: Vec<Cidr> =
        netlink.routes()?.into_iter().map(|(to, _)| to).filter(|to| to.prefix() > 0).collect();
    used.extend(netlink.addresses()?.into_iter().map(|it| it.address));
    Ok(used)
}

/// The first range of length `prefix` in `pool`, from a place that `seed` chooses, that overlaps nothing in `used`.
fn free(pool: Cidr, prefix: u8, seed: u64, used: &[Cidr]) -> Result<Cidr> {
    let count = 1_u64 << (prefix - pool.prefix());
    let size = 1_u64 << (32 - prefix);
    (0..TRIES.min(count))
        .map(|step| (seed.wrapping_add(step) % count) * size)
        .map(|offset| {
            let offset = u32::try_from(offset).expect("it lies within the pool");
            Cidr::new(pool.nth(offset), prefix)
        })
        .find(|range| !used.iter().any(|other| other.overlaps(*range)))
        .ok_or(NetError::NoFreeRange(pool))
}

/// Lets the host pass packets on. It stays so: others may rely on it by then.
pub(crate) fn forward() -> Result<()> {
    let path = "/proc/sys/net/ipv4/ip_forward";
    let now = std::fs::read_to_string(path).map_err(NetError::file(path))?;
    if now.trim() == "0" {
        namespace::sysctl("ipv4/ip_forward", "1")?;
    }
    Ok(())
}

/// Routes `to` over `index`, unless another interface has a route that overlaps: then that one is given back.
pub(crate) fn route_if_free(
    netlink: &mut Netlink,
    index: u32,
    to: Cidr,
    via: std::net::Ipv4Addr,
) -> Result<Option<Cidr>> {
    let routes = netlink.routes().map_err(NetError::kernel("list routes"))?;
    let taken = routes
        .into_iter()
        .find(|(other, out)| *out != Some(index) && other.prefix() > 0 && other.overlaps(to));
    if let Some((other, _)) = taken {
        return Ok(Some(other));
    }
    netlink.apply(vec![Change::route(index, to, Some(via))])?;
    Ok(None)
}

/// Whether an interface of this host is up, or at least not told to be down.
pub(crate) fn is_up(name: &str) -> bool {
    const UP: u32 = libc::IFF_UP as u32;
    let flags = std::fs::read_to_string(format!("/sys/class/net/{name}/flags"));
    let flags =
        flags.ok().and_then(|text| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok());
    flags.is_none_or(|flags| flags & UP != 0)
}

/// Whether the host's end of a VPC's uplink is there and up, and still the one that is known.
pub(crate) fn has_uplink(instance: &Instance, vpc: &Label, index: u32) -> Result<bool> {
    let mut netlink = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
    let device = name::uplink(instance, vpc);
    Ok(netlink.index(&device)? == Some(index) && is_up(&device))
}

/// The interface over which the host routes what overlaps `to`, if it is not `own`; empty when it is not known.
pub(crate) fn holder(netlink: &mut Netlink, to: Cidr, own: u32) -> String {
    let routes = netlink.routes().unwrap_or_default();
    let mut others = routes.into_iter().filter(|(other, _)| other.prefix() > 0 && other.overlaps(to));
    let index = others.find_map(|(_, out)| out.filter(|index| *index != own));
    index.and_then(interface_name).unwrap_or_default()
}

pub(crate) fn interface_name(index: u32) -> Option<String> {
    let entries = std::fs::read_dir("/sys/class/net").ok()?.flatten();
    let has = |name: &String| {
        let text = std::fs::read_to_string(format!("/sys/class/net/{name}/ifindex"));
        text.is_ok_and(|text| text.trim().parse() == Ok(index))
    };
    entries.filter_map(|entry| entry.file_name().into_string().ok()).find(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_range_avoids_what_is_used() {
        let pool = Cidr::new(LINKS.into(), HALF);
        let first = free(pool, 30, 7, &[]).unwrap();
        assert!(pool.contains(first));
        let next = free(pool, 30, 7, &[first]).unwrap();
        assert!(!first.overlaps(next));
        assert!(free(pool, 30, 7, &[pool]).is_err());
        assert!(free(pool, 30, u64::MAX, &[]).is_ok());
    }
}
