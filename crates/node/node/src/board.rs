//! The newest report of every task, and which of them the control plane has not acknowledged yet.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gantry_node_proto::v1;
use tokio::sync::Notify;

#[derive(Default)]
pub struct Board {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    reports: HashMap<String, (u64, v1::TaskReport)>,
    version: u64,
}

impl Board {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn post(&self, report: v1::TaskReport) {
        let mut inner = self.inner();
        if inner.reports.get(&report.task_arn).is_some_and(|(_, old)| *old == report) {
            return;
        }
        inner.version += 1;
        let version = inner.version;
        inner.reports.insert(report.task_arn.clone(), (version, report));
        drop(inner);
        self.changed.notify_one();
    }

    pub fn remove(&self, arn: &str) {
        self.inner().reports.remove(arn);
    }

    /// The reports that are newer than `version`, and the version that they are of.
    pub fn since(&self, version: u64) -> (u64, Vec<v1::TaskReport>) {
        let inner = self.inner();
        let reports = inner
            .reports
            .values()
            .filter(|(at, _)| *at > version)
            .map(|(_, report)| report.clone())
            .collect();
        (inner.version, reports)
    }

    /// Returns when something was posted since the last time it returned; for one reader.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}
