//! A VPC's router: made, found again, and removed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::warn;

use crate::error::{NetError, Result};
use crate::name::{self, Instance, Label};
use crate::namespace::{self, Namespace};
use crate::netlink::{Change, End, Netlink};
use crate::{Attachment, Cidr, OverlayNode, Vpc, behalf, firewall, host, rules};

/// The router's end of the uplink.
const UPLINK: &str = "up0";
/// The loopback interface's index in every namespace.
pub(crate) const LOOPBACK: u32 = 1;
pub(crate) const MTU: u32 = 1500;

#[derive(Debug)]
pub(crate) struct Router {
    pub vpc: Vpc,
    pub namespace: Arc<Namespace>,
    /// The host's end of the uplink.
    pub uplink: u32,
    /// The uplink's subnet: the host has the first address, the router the second.
    pub link: Cidr,
    wanted: Mutex<Wanted>,
    /// The version of `wanted` that is in force. Held while rules are applied, so that those who wait share the next run.
    applied: tokio::sync::Mutex<Applied>,
    /// The public addresses that the host leads here.
    led: tokio::sync::Mutex<BTreeSet<Ipv4Addr>>,
}

/// What is in force.
#[derive(Debug, Default, Clone, Copy)]
struct Applied {
    version: u64,
    /// The kernel's count of changes of rules in this namespace, right after ours.
    generation: Option<u32>,
}

#[derive(Debug, Default)]
struct Wanted {
    version: u64,
    tasks: BTreeMap<Label, Arc<Attachment>>,
    /// Tasks that an earlier run attached and this one has not yet.
    expected: BTreeMap<Label, Arc<Attachment>>,
    /// Other nodes, with their tasks.
    elsewhere: Vec<OverlayNode>,
}

pub(crate) fn path(run_dir: &Path, vpc: &Label) -> PathBuf {
    run_dir.join(format!("r-{vpc}"))
}

impl Router {
    /// Makes what is missing of the router. Runs on a thread that it may move.
    pub fn ensure(instance: &Instance, run_dir: &Path, vpc: Vpc) -> Result<Self> {
        let open = || Netlink::open().map_err(NetError::kernel("open a netlink socket"));
        let mut outer = open()?;
        let file = path(run_dir, &vpc.id);
        let device = name::uplink(instance, &vpc.id);
        let namespace = match Namespace::open(&file)? {
            Some(namespace) => {
                namespace.enter()?;
                namespace
            }
            None => {
                // Its other end is in a namespace that has no name any more.
                outer.apply(vec![Change::delete_link(&device)])?;
                Namespace::create(&file)?
            }
        };
        let mut inner = open()?;
        for (key, value) in SETTINGS {
            namespace::sysctl(key, value)?;
        }
        if outer.index(&device)?.is_none() {
            outer.apply(vec![Change::veth(End::new(&device), End::new(UPLINK), namespace.fd(), MTU)])?;
        }
        let lost = |name: &str| NetError::Kernel {
            what: format!("find interface {name}"),
            source: std::io::ErrorKind::NotFound.into(),
        };
        let uplink = outer.index(&device)?.ok_or_else(|| lost(&device))?;
        let inside = inner.index(UPLINK)?.ok_or_else(|| lost(UPLINK))?;
        let known = outer
            .addresses()
            .map_err(NetError::kernel("list addresses"))?
            .into_iter()
            .find(|it| it.index == uplink);
        let link = match known {
            Some(it) => it.address.network(),
            None => host::free_link(&mut outer, instance, &vpc.id)?,
        };
        let near = link.nth(1);
        let far = link.nth(2);
        outer.apply(vec![
            Change::up(uplink),
            Change::address(uplink, Cidr::new(near, link.prefix())),
            Change::route(uplink, link, None),
        ])?;
        inner.apply(vec![
            Change::up(LOOPBACK),
            Change::up(inside),
            Change::address(inside, Cidr::new(far, link.prefix())),
            Change::route(inside, link, None),
            Change::route(inside, Cidr::new(Ipv4Addr::UNSPECIFIED, 0), Some(near)),
            Change::address(LOOPBACK, Cidr::host(vpc.resolver())),
            Change::address(LOOPBACK, Cidr::host(crate::LINK_LOCAL_RESOLVER)),
        ])?;
        if let Some(other) = host::route_if_free(&mut outer, uplink, vpc.cidr, far)? {
            let by = host::holder(&mut outer, vpc.cidr, uplink);
            warn!(
                vpc = %vpc.id, range = %vpc.cidr, taken = %other, by,
                "this host already routes the VPC's range elsewhere (as to another Gantry): it cannot reach these tasks \
                 by their private addresses; they reach each other, Gantry and the world outside all the same"
            );
        }
        // What an earlier run has led here goes when no task has it any more.
        let routes = outer.routes().map_err(NetError::kernel("list routes"))?;
        let own = routes.into_iter().filter(|(to, out)| *out == Some(uplink) && to.prefix() == 32);
        let led = own.map(|(to, _)| to.address()).collect();
        Ok(Self {
            vpc,
            namespace: Arc::new(namespace),
            uplink,
            link,
            wanted: Mutex::default(),
            applied: tokio::sync::Mutex::default(),
            led: tokio::sync::Mutex::new(led),
        })
    }

    /// Removes the router of `vpc`, whatever is left of it.
    pub fn remove(instance: &Instance, run_dir: &Path, vpc: &Label) -> Result<()> {
        let mut outer = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
        outer.apply(vec![Change::delete_link(&name::uplink(instance, vpc))])?;
        Namespace::remove(&path(run_dir, vpc))
    }

    pub fn gateway_of_host(&self) -> Ipv4Addr {
        self.link.nth(2)
    }

    fn place(&self) -> rules::Place {
        rules::Place { vpc: self.vpc.cidr, host: self.link.nth(1) }
    }

    fn wanted(&self) -> std::sync::MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the rules of a task in force until it is wanted or forgotten.
    pub fn expect(&self, task: Arc<Attachment>) {
        let mut wanted = self.wanted();
        wanted.expected.insert(task.task.clone(), task);
        wanted.version += 1;
    }

    /// True if that changes the rules.
    pub fn want(&self, task: Arc<Attachment>) -> bool {
        let mut wanted = self.wanted();
        let label = task.task.clone();
        let expected = wanted.expected.remove(&label);
        let changed = wanted.tasks.get(&label) != Some(&task);
        if changed {
            // What was expected as it is needs no other rules.
            if expected.as_ref() != Some(&task) {
                wanted.version += 1;
            }
            wanted.tasks.insert(label, task);
        }
        changed
    }

    /// Takes note of other nodes and their tasks.
    pub fn elsewhere(&self, nodes: Vec<OverlayNode>) {
        let mut wanted = self.wanted();
        if wanted.elsewhere != nodes {
            wanted.elsewhere = nodes;
            wanted.version += 1;
        }
    }

    /// The public addresses that the host leads here: of tasks here, and of those on other nodes.
    fn public_addresses(&self) -> BTreeSet<Ipv4Addr> {
        let wanted = self.wanted();
        let here = wanted.tasks.values().flat_map(|task| task.public_addresses());
        let elsewhere = wanted.elsewhere.iter().flat_map(|node| &node.tasks);
        here.chain(elsewhere.filter_map(|task| task.public_ipv4)).collect()
    }

    /// Whether the host leads any public address here.
    pub fn is_led_to(&self) -> bool {
        !self.public_addresses().is_empty()
    }

    pub fn forget(&self, task: &Label) -> Option<Arc<Attachment>> {
        let mut wanted = self.wanted();
        let expected = wanted.expected.remove(task);
        let gone = wanted.tasks.remove(task).or(expected);
        if gone.is_some() {
            wanted.version += 1;
        }
        gone
    }

    pub fn task(&self, task: &Label) -> Option<Arc<Attachment>> {
        self.wanted().tasks.get(task).cloned()
    }

    /// Whether it has no task, and none is expected.
    pub fn is_idle(&self) -> bool {
        let wanted = self.wanted();
        wanted.tasks.is_empty() && wanted.expected.is_empty()
    }

    pub fn tasks(&self) -> Vec<Arc<Attachment>> {
        self.wanted().tasks.values().cloned().collect()
    }

    /// Returns when the rules of everything wanted before the call are in force.
    pub async fn apply_rules(&self) -> Result<()> {
        let needed = self.wanted().version;
        let mut applied = self.applied.lock().await;
        if applied.version >= needed && applied.version > 0 {
            return Ok(());
        }
        self.write_rules(&mut applied).await
    }

    /// Writes the rules again if somebody else has changed them; true if so.
    pub async fn mend_rules(&self) -> Result<bool> {
        let mut applied = self.applied.lock().await;
        let namespace = Arc::clone(&self.namespace);
        let now = namespace::apart("net-rules", move || {
            namespace.enter()?;
            firewall::generation()
        })
        .await?;
        if applied.version == 0 || applied.generation == Some(now) {
            return Ok(false);
        }
        self.write_rules(&mut applied).await?;
        Ok(true)
    }

    async fn write_rules(&self, applied: &mut Applied) -> Result<()> {
        let (version, text) = {
            let wanted = self.wanted();
            let tasks = wanted.tasks.values().chain(wanted.expected.values()).map(|task| &**task);
            (wanted.version, rules::router(&self.place(), tasks, &wanted.elsewhere))
        };
        let namespace = Arc::clone(&self.namespace);
        let generation = namespace::apart("net-rules", move || {
            namespace.enter()?;
            firewall::apply(&text)?;
            firewall::generation()
        })
        .await?;
        *applied = Applied { version, generation: Some(generation) };
        Ok(())
    }

    /// Has the host lead the public addresses of the tasks here, and no others. With `again` also those that it is
    /// known to lead.
    pub async fn lead(&self, again: bool) -> Result<()> {
        let mut led = self.led.lock().await;
        let wanted = self.public_addresses();
        if *led == wanted && !again {
            return Ok(());
        }
        let gone: Vec<Ipv4Addr> = led.difference(&wanted).copied().collect();
        let missing: Vec<Ipv4Addr> =
            wanted.iter().filter(|one| again || !led.contains(one)).copied().collect();
        let (uplink, via) = (self.uplink, self.gateway_of_host());
        let refused = namespace::apart("net-public", move || {
            let mut netlink = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
            for old in gone {
                netlink.apply(vec![Change::delete_route(uplink, Cidr::host(old), Some(via))])?;
            }
            let mut refused = None;
            let routes = netlink.routes().map_err(NetError::kernel("list routes"))?;
            for new in missing.into_iter().map(Cidr::host) {
                if routes.contains(&(new, Some(uplink))) {
                    continue;
                }
                if let Some(by) = host::route_if_free(&mut netlink, uplink, new, via)? {
                    refused = Some(NetError::RouteTaken { address: new, by });
                }
            }
            Ok(refused)
        })
        .await?;
        *led = wanted;
        refused.map_or(Ok(()), Err)
    }

    /// The tasks whose port, or the way to it, is gone. Runs on a thread that it moves.
    pub fn unplugged(&self) -> Result<Vec<Arc<Attachment>>> {
        self.namespace.enter()?;
        let mut netlink = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
        let routes = netlink.routes().map_err(NetError::kernel("list routes"))?;
        let there: BTreeSet<Cidr> = routes.into_iter().map(|(to, _)| to).collect();
        let mut tasks = self.tasks();
        let led = behalf::led(&mut netlink)?;
        // A port that goes takes its route along.
        tasks.retain(|task| {
            let answered = !task.balances || led.contains(&behalf::of_balancer(task.private_ipv4));
            !(there.contains(&Cidr::host(task.private_ipv4)) && answered)
        });
        Ok(tasks)
    }
}

/// Of the router's namespace, before there are interfaces that would inherit others.
const SETTINGS: [(&str, &str); 8] = [
    ("ipv4/ip_forward", "1"),
    // A task sends with its own address or not at all; a load balancer's interface is an exception, so that this can't be
    // for all.
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "1"),
    // Tasks of one subnet are neighbours by their netmask, and yet shall go on talking through the router.
    ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/default/send_redirects", "0"),
    ("ipv4/conf/all/accept_redirects", "0"),
    ("ipv4/conf/default/accept_redirects", "0"),
    ("ipv6/conf/default/disable_ipv6", "1"),
];
