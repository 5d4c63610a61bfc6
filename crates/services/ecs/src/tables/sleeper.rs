//! Services that sleep while nobody asks them for anything: by which target groups they are asked, and when they were
//! last.

use gantry_base::Timestamp;
use gantry_store::{Key, Table, Tx, key};
use serde::{Deserialize, Serialize};

use crate::tables::service::{Service, ServiceName};

/// Who is woken by requests to a target group: by its ARN, cluster and service.
pub const SLEEPERS: Table<ServiceName> = Table::new("ecs.service_sleeper", 1);
/// When services that may sleep were last asked: key as the service's.
pub const SERVICE_USES: Table<Use> = Table::new("ecs.service_use", 1);

/// Somebody asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    pub at: Timestamp,
}

/// The key of a service among those that a target group wakes.
pub fn key(group: &str, name: &ServiceName) -> Key {
    key!(group, name.cluster, name.name)
}

impl Service {
    /// It sleeps no longer, and this counts as if somebody had asked. True if it slept.
    pub fn wake(&mut self, tx: &mut Tx, now: Timestamp) -> bool {
        let slept = self.asleep_since.take().is_some();
        if slept {
            self.steady = false;
            self.unplaceable = None;
            tx.put(&SERVICE_USES, &self.name.key(), &Use { at: now });
        }
        slept
    }
}
