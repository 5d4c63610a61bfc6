//! The resolvers inside the VPCs.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::Arc;

use gantry_dns::{Names, RecordSet, Records, Resolver, Upstreams, Zone};
use gantry_net::{Attachment, Label, NetError, Vpc};
use gantry_node_proto::v1;
use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::network::Network;
use crate::wish::Interface;

const TTL_SECONDS: u32 = 60;

/// One resolver for each VPC that has tasks here, serving in the VPC's router.
pub struct VpcNames {
    network: Arc<dyn Network>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    vpcs: HashMap<Label, Served>,
    given: Given,
}

/// What the control plane named.
#[derive(Default, PartialEq)]
struct Given {
    names: Vec<v1::Name>,
    zones: Vec<v1::Zone>,
}

struct Served {
    resolver: Resolver,
    hosts: BTreeMap<Label, (String, Ipv4Addr)>,
    _serving: Vec<AbortOnDropHandle<()>>,
}

impl VpcNames {
    pub fn new(network: Arc<dyn Network>) -> Self {
        Self { network, inner: Mutex::default() }
    }

    /// Names the task, and begins to serve its VPC if it is the first there.
    pub async fn add(&self, interface: &Interface) -> Result<(), NetError> {
        let attachment = &interface.attachment;
        let vpc = &attachment.vpc;
        let mut inner = self.inner.lock().await;
        if !inner.vpcs.contains_key(&vpc.id) {
            let served = self.serve(vpc).await?;
            inner.vpcs.insert(vpc.id.clone(), served);
        }
        let Inner { vpcs, given } = &mut *inner;
        if let Some(served) = vpcs.get_mut(&vpc.id) {
            let host = (interface.hostname.clone(), attachment.private_ipv4);
            if served.hosts.insert(attachment.task.clone(), host.clone()) != Some(host) {
                served.resolver.set_names(table(&vpc.id, &served.hosts, given));
            }
        }
        Ok(())
    }

    pub async fn remove(&self, attachment: &Attachment) {
        let mut inner = self.inner.lock().await;
        let Inner { vpcs, given } = &mut *inner;
        if let Some(served) = vpcs.get_mut(&attachment.vpc.id)
            && served.hosts.remove(&attachment.task).is_some()
        {
            let table = table(&attachment.vpc.id, &served.hosts, given);
            served.resolver.set_names(table);
        }
    }

    /// From now on these are the names beside those of the tasks.
    pub async fn give(&self, names: Vec<v1::Name>, zones: Vec<v1::Zone>) {
        let given = Given { names, zones };
        let mut inner = self.inner.lock().await;
        if inner.given == given {
            return;
        }
        inner.given = given;
        let Inner { vpcs, given } = &mut *inner;
        for (vpc, served) in vpcs {
            served.resolver.set_names(table(vpc, &served.hosts, given));
        }
    }

    async fn serve(&self, vpc: &Vpc) -> Result<Served, NetError> {
        let (udp, tcp) = self.network.resolver_sockets(vpc).await?;
        let resolver = Resolver::new(Names::default(), Upstreams::of_host());
        let mut serving = Vec::new();
        for socket in udp {
            let resolver = resolver.clone();
            serving.push(AbortOnDropHandle::new(tokio::spawn(async move {
                let error = resolver.serve_udp(socket).await;
                tracing::error!(%error, "a resolver's socket is broken");
            })));
        }
        for listener in tcp {
            let resolver = resolver.clone();
            serving.push(AbortOnDropHandle::new(tokio::spawn(async move {
                let error = resolver.serve_tcp(listener).await;
                tracing::error!(%error, "a resolver's listener is broken");
            })));
        }
        Ok(Served { resolver, hosts: BTreeMap::new(), _serving: serving })
    }
}

fn table(vpc: &Label, hosts: &BTreeMap<Label, (String, Ipv4Addr)>, given: &Given) -> Names {
    let mut names = Names::default();
    for (name, address) in hosts.values().filter(|(name, _)| !name.is_empty()) {
        names.add_host(name, *address, TTL_SECONDS);
    }
    for name in &given.names {
        if name.vpc_id.is_empty() || name.vpc_id == vpc.as_str() {
            let addresses = name.ipv4.iter().filter_map(|it| it.parse().ok());
            names.add(&name.name, addresses, name.ttl_seconds);
        }
    }
    for zone in given.zones.iter().filter(|zone| zone.vpc_ids.iter().any(|id| id == vpc.as_str())) {
        names.add_zone(&zone.name, read(zone));
    }
    names
}

/// A zone as the resolver has it. What can't be read is left out.
fn read(sent: &v1::Zone) -> Zone {
    let mut zone = Zone::new(sent.negative_ttl_seconds);
    for set in &sent.sets {
        let values = &set.values;
        let port = |value: &String| {
            let (port, host) = value.split_once(' ')?;
            Some((port.parse().ok()?, host.to_owned()))
        };
        let records = match set.r#type() {
            v1::RecordType::A => Records::A(values.iter().filter_map(|one| one.parse().ok()).collect()),
            v1::RecordType::Aaaa => Records::Aaaa(values.iter().filter_map(|one| one.parse().ok()).collect()),
            v1::RecordType::Cname => Records::Cname(values.clone()),
            v1::RecordType::Srv => Records::Srv(values.iter().filter_map(port).collect()),
            v1::RecordType::Unspecified => continue,
        };
        zone.add(&set.name, RecordSet { ttl_seconds: set.ttl_seconds, one: set.one, records });
    }
    zone
}
