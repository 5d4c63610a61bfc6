//! The door for containers on the bridge.

use std::net::Ipv4Addr;
use std::sync::{MutexGuard, PoisonError};

use tracing::warn;

use crate::bridge::{self, Binding, Bridge, Publish, Transport};
use crate::error::{NetError, Result};
use crate::name::Label;
use crate::namespace::{Namespace, apart};
use crate::net::Net;
use crate::{Cidr, rules, task};

impl Net {
    pub(crate) fn bridge(&self) -> MutexGuard<'_, Bridge> {
        self.shared.bridge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the namespace of a container and its interface on the bridge, and answers its address, which it keeps until
    /// it is detached.
    pub async fn attach_bridged(&self, container: &Label) -> Result<Ipv4Addr> {
        let range = self.bridge_range().await?;
        let run_dir = self.shared.config.run_dir.clone();
        let (plugged, address, lost) = {
            let mut bridge = self.bridge();
            let address = bridge.assign(&run_dir, range, container)?;
            (bridge.plugged.contains(container), address, bridge.hold_again(container))
        };
        for (transport, port) in lost {
            warn!(%container, port, transport = transport.as_str(), "another program has a published port of this host by now; it does not get what comes from outside");
        }
        if !plugged || !self.namespace_of(container).exists() {
            let (instance, label) = (self.shared.config.instance.clone(), container.clone());
            let _turn = self.turn().await;
            apart("net-attach", move || bridge::plug(&instance, &run_dir, range, &label, address)).await?;
            self.bridge().plugged.insert(container.clone());
        }
        self.apply_host_rules(false).await?;
        Ok(address)
    }

    /// Leads ports of the host to a container on the bridge; in force when this returns. A container that has some keeps
    /// them, whatever is wanted now.
    pub async fn publish(&self, container: &Label, wanted: &[Publish]) -> Result<Vec<Binding>> {
        let bindings = self.bridge().publish(&self.shared.config.run_dir, container, wanted)?;
        self.apply_host_rules(false).await?;
        Ok(bindings)
    }

    /// The bridge's range; makes the bridge if this run has not yet.
    async fn bridge_range(&self) -> Result<Cidr> {
        let _making = self.shared.making_bridge.lock().await;
        let (made, before) = {
            let bridge = self.bridge();
            (bridge.range, bridge.range_before())
        };
        if let Some(range) = made {
            return Ok(range);
        }
        let range = bridge::ensure_apart(self.shared.config.instance.clone(), before).await?;
        self.bridge().range = Some(range);
        Ok(range)
    }

    /// Removes what a container has on the bridge; false if it has nothing there.
    pub(crate) async fn detach_bridged(&self, container: &Label) -> Result<bool> {
        let (record, range) = {
            let bridge = self.bridge();
            (bridge.records.get(container).cloned(), bridge.range)
        };
        let Some(record) = record else { return Ok(false) };
        let range = match range {
            Some(range) => range,
            None => self.bridge_range().await?,
        };
        let (config, label) = (self.shared.config.clone(), container.clone());
        {
            let _turn = self.turn().await;
            apart("net-detach", move || {
                bridge::unplug(&config.instance, range, record.address)?;
                Namespace::remove(&task::path(&config.run_dir, &label))?;
                bridge::forget(&config.run_dir, &label)
            })
            .await?;
        }
        self.bridge().release(container);
        self.apply_host_rules(false).await?;
        Ok(true)
    }

    /// Removes the bridge if nothing is on it; true if it is gone.
    pub(crate) async fn remove_idle_bridge(&self) -> Result<bool> {
        let _making = self.shared.making_bridge.lock().await;
        if !self.bridge().records.is_empty() {
            return Ok(false);
        }
        let instance = self.shared.config.instance.clone();
        apart("net-remove", move || bridge::remove(&instance)).await?;
        self.bridge().range = None;
        Ok(true)
    }

    pub(crate) async fn mend_bridge(&self) -> Result<()> {
        let (range, records) = {
            let bridge = self.bridge();
            (bridge.range, bridge.records.clone())
        };
        let Some(range) = range else { return Ok(()) };
        let config = self.shared.config.clone();
        let mended =
            apart("net-mend", move || bridge::mend(&config.instance, &config.run_dir, range, &records))
                .await?;
        if mended {
            warn!("somebody changed the bridge of containers; it is as it was");
        }
        Ok(())
    }

    /// What the bridge adds to the host's rules.
    pub(crate) fn published(&self, rules: &mut rules::Host) {
        let bridge = self.bridge();
        // Of what an earlier run left the rules stay as they were, also before it is looked after again.
        rules.bridge = bridge.range.or_else(|| bridge.range_before());
        for record in bridge.records.values() {
            for binding in &record.bindings {
                let ports = match binding.transport {
                    Transport::Tcp => &mut rules.tcp,
                    Transport::Udp => &mut rules.udp,
                };
                for at in 0..binding.count {
                    ports.insert(binding.host_port + at, (record.address, binding.container_port + at));
                }
            }
        }
    }
}

impl NetError {
    /// Whether a port of the host that was asked for is taken, and not free before its holder lets go of it.
    pub fn is_port_taken(&self) -> bool {
        matches!(self, NetError::PortTaken { .. } | NetError::NoFreePort(_))
    }
}
