//! What a task reaches by Service Connect: every name that services of its namespace offer when it starts. Those that
//! come later are seen by tasks of later deployments
//! ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html)).

use std::collections::BTreeSet;

use gantry_node_proto::v1;
use gantry_store::Scan;

use super::Unready;
use crate::Ecs;
use crate::tables::service::{Connect, SERVICES, Service, Status};
use crate::tables::task::Task;

/// Most names that a task reaches: each has an address of its own in 127.255.0.0/24.
const MOST: usize = 250;

/// The names, each at an address of the task's own loopback. Where they lead is added whenever the task is sent.
pub(super) async fn upstreams(ecs: &Ecs, task: &Task) -> Result<Vec<v1::Upstream>, Unready> {
    let Some(name) = task.service() else { return Ok(Vec::new()) };
    let mut tx = ecs.db.begin();
    let row = tx.peek(&SERVICES, &name.key()).await.map_err(Unready::later)?;
    let Some(namespace) =
        row.as_ref().and_then(|row| connect_of(row, task)).map(|it| it.namespace_arn.clone())
    else {
        return Ok(Vec::new());
    };
    let all = tx.peek_scan(&SERVICES, &name.place.key(), Scan::all()).await.map_err(Unready::later)?;
    let live = all.iter().map(|(_, row)| row).filter(|row| row.status == Status::Active);
    let connects = live.filter_map(|row| row.revision.as_ref()?.connect.as_ref());
    let mut seen = BTreeSet::new();
    let mut upstreams = Vec::new();
    for connect in connects.filter(|connect| connect.namespace_arn == namespace) {
        for offered in &connect.services {
            for (name, port) in &offered.aliases {
                if upstreams.len() == MOST || !seen.insert((name.clone(), *port)) {
                    continue;
                }
                upstreams.push(v1::Upstream {
                    name: name.clone(),
                    listen_ipv4: format!("127.255.0.{}", upstreams.len() + 1),
                    listen_port: (*port).into(),
                    namespace: connect.namespace_name.clone(),
                    service: offered.discovery_name.clone(),
                    idle_timeout_seconds: offered.idle_seconds,
                    app_protocol: offered.app_protocol.clone().unwrap_or_default(),
                    request_timeout_seconds: offered.request_seconds,
                    targets: Vec::new(),
                });
            }
        }
    }
    Ok(upstreams)
}

/// What the task's own deployment says of Service Connect.
fn connect_of<'a>(row: &'a Service, task: &Task) -> Option<&'a Connect> {
    let own = row.deployments.iter().find(|one| task.started_by.as_deref() == Some(one.id.as_str()));
    own.map(|one| &one.revision).or(row.revision.as_ref())?.connect.as_ref()
}
