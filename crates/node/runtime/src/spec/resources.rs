//! What a container may use.

use oci_spec::runtime::{
    LinuxCpu, LinuxCpuBuilder, LinuxDeviceCgroupBuilder, LinuxMemory, LinuxMemoryBuilder, LinuxPidsBuilder,
    LinuxResources, LinuxResourcesBuilder,
};

use super::{Failed, Machine};
use crate::engine::container::{ContainerSpec, Limits};

/// The kernel divides time into periods of this.
pub(crate) const PERIOD_US: u64 = 100_000;
/// ECS units that make one processor.
const UNITS: u64 = 1024;
/// The kernel's least and most.
const SHARES: (u64, u64) = (2, 262_144);

pub(crate) fn of_container(container: &ContainerSpec, machine: &Machine) -> Result<LinuxResources, Failed> {
    let limits = &container.limits;
    let everything =
        LinuxDeviceCgroupBuilder::default().allow(container.security.privileged).access("rwm").build()?;
    let mut devices = vec![everything];
    devices.extend(super::security::device_rules(&container.devices)?);
    let mut resources = LinuxResourcesBuilder::default().devices(devices).build()?;
    resources.set_memory(memory(limits, machine)?);
    resources.set_cpu(cpu(limits)?);
    if let Some(pids) = limits.pids {
        resources.set_pids(Some(LinuxPidsBuilder::default().limit(signed(pids)).build()?));
    }
    Ok(resources)
}

fn memory(limits: &Limits, machine: &Machine) -> Result<Option<LinuxMemory>, Failed> {
    // The second version of control groups has no such setting.
    let swappiness = limits.swappiness.filter(|_| !machine.cgroup_v2);
    if limits.memory_bytes.is_none() && limits.memory_reservation_bytes.is_none() && swappiness.is_none() {
        return Ok(None);
    }
    let mut memory = LinuxMemoryBuilder::default();
    if let Some(bytes) = limits.memory_bytes {
        memory = memory.limit(signed(bytes));
        if machine.counts_swap {
            memory = memory.swap(signed(limits.memory_swap_bytes.unwrap_or(bytes).max(bytes)));
        }
    }
    if let Some(bytes) = limits.memory_reservation_bytes {
        memory = memory.reservation(signed(bytes));
    }
    if let Some(swappiness) = swappiness {
        memory = memory.swappiness(swappiness);
    }
    Ok(Some(memory.build()?))
}

fn cpu(limits: &Limits) -> Result<Option<LinuxCpu>, Failed> {
    if limits.cpu_shares.is_none() && limits.cpu_ceiling.is_none() {
        return Ok(None);
    }
    let mut cpu = LinuxCpuBuilder::default();
    if let Some(units) = limits.cpu_shares {
        cpu = cpu.shares(shares(units));
    }
    if let Some(units) = limits.cpu_ceiling {
        cpu = cpu.period(PERIOD_US).quota(signed(quota_us(units)));
    }
    Ok(Some(cpu.build()?))
}

/// ECS units are the kernel's shares, within its bounds.
pub(crate) fn shares(units: u64) -> u64 {
    units.clamp(SHARES.0, SHARES.1)
}

/// The second hierarchy's weight (1 to 10000) for the first one's shares, as runtimes convert it.
pub(crate) fn weight(units: u64) -> u64 {
    1 + (shares(units) - SHARES.0) * 9_999 / (SHARES.1 - SHARES.0)
}

/// Microseconds of processor time in each period; the kernel takes no less than a thousand.
pub(crate) fn quota_us(units: u64) -> u64 {
    (units.saturating_mul(PERIOD_US) / UNITS).max(1_000)
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
