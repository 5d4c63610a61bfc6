//! The zones that a node's tasks see: those of the VPCs that they are in. They change without the tasks.

use std::collections::{BTreeMap, BTreeSet};

use gantry_node_proto::v1;
use gantry_service::Failure;
use gantry_service::names::{RecordSet, Records, Zone, ZonesOf};

use super::rules::place_of;
use crate::Ecs;
use crate::names::Place;

/// The zones of all VPCs that the tasks are in.
pub(super) async fn seen_by(ecs: &Ecs, tasks: &[v1::DesiredTask]) -> Result<Vec<v1::Zone>, Failure> {
    // A Gantry of fewer services has no names.
    if !ecs.siblings.serves("servicediscovery", "DiscoverInstances") {
        return Ok(Vec::new());
    }
    // One place for each account: it sees its own zones, in whatever region its tasks are.
    let mut wanted: BTreeMap<String, (Place, BTreeSet<&str>)> = BTreeMap::new();
    for task in tasks {
        let interface = task.network.as_ref().and_then(|network| network.interface.as_ref());
        let (Some(place), Some(interface)) = (place_of(task), interface) else { continue };
        let account = place.account.to_string();
        wanted.entry(account).or_insert_with(|| (place, BTreeSet::new())).1.insert(&interface.vpc_id);
    }
    let mut zones = Vec::new();
    for (place, vpc_ids) in wanted.into_values() {
        let cx = ecs.as_service(&place, ecs.clock.now());
        let vpc_ids = vpc_ids.into_iter().map(str::to_owned).collect();
        let found = ecs.siblings.call_within::<ZonesOf>(&cx, vpc_ids).await?;
        zones.extend(found.into_iter().map(sent));
    }
    Ok(zones)
}

fn sent(zone: Zone) -> v1::Zone {
    v1::Zone {
        name: zone.name,
        vpc_ids: zone.vpc_ids,
        negative_ttl_seconds: zone.negative_ttl_seconds,
        sets: zone.sets.into_iter().map(sent_set).collect(),
    }
}

fn sent_set(set: RecordSet) -> v1::RecordSet {
    let (kind, values) = match set.records {
        Records::A(all) => (v1::RecordType::A, all.iter().map(ToString::to_string).collect()),
        Records::Aaaa(all) => (v1::RecordType::Aaaa, all.iter().map(ToString::to_string).collect()),
        Records::Cname(all) => (v1::RecordType::Cname, all),
        Records::Srv(all) => {
            (v1::RecordType::Srv, all.iter().map(|(port, host)| format!("{port} {host}")).collect())
        }
    };
    v1::RecordSet { name: set.name, r#type: kind.into(), ttl_seconds: set.ttl_seconds, values, one: set.one }
}
