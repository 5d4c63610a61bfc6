//! What all parts of the agent use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gantry_base::{Clock, Timestamp};
use gantry_runtime::Engine;
use tokio::sync::Notify;

use crate::board::Board;
use crate::config::Config;
use crate::endpoint::Endpoints;
use crate::files::Files;
use crate::ledger::Ledger;
use crate::logs::Logs;
use crate::names::VpcNames;
use crate::network::Network;
use crate::processes::Processes;
use crate::users::Ranges;

pub struct Shared {
    pub config: Config,
    pub engine: Arc<dyn Engine>,
    pub network: Arc<dyn Network>,
    pub clock: Arc<dyn Clock>,
    pub ledger: Ledger,
    pub board: Board,
    pub files: Files,
    pub endpoints: Endpoints,
    pub names: VpcNames,
    pub logs: Logs,
    pub users: Ranges,
    pub processes: Processes,
}

impl Shared {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// "Look again": however often it is said before someone looks, it is looked once.
#[derive(Debug, Default)]
pub struct Wake {
    said: AtomicBool,
    notify: Notify,
}

impl Wake {
    pub fn say(&self) {
        self.said.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// True if it was said since the last time.
    pub fn take(&self) -> bool {
        self.said.swap(false, Ordering::AcqRel)
    }

    pub async fn heard(&self) {
        self.notify.notified().await;
    }
}
