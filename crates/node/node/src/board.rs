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
    posts: HashMap<String, Post>,
    version: u64,
    /// Every post up to this version was acknowledged, in whichever session.
    acknowledged: u64,
}

struct Post {
    version: u64,
    report: v1::TaskReport,
    /// The task is forgotten: the post goes when it is acknowledged.
    last: bool,
}

impl Board {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn post(&self, report: v1::TaskReport) {
        let mut inner = self.inner();
        if inner.posts.get(&report.task_arn).is_some_and(|old| old.report == report) {
            return;
        }
        inner.version += 1;
        let version = inner.version;
        inner.posts.insert(report.task_arn.clone(), Post { version, report, last: false });
        drop(inner);
        self.changed.notify_one();
    }

    /// There will be no more of this task; what was posted is still told.
    pub fn forget(&self, arn: &str) {
        let mut inner = self.inner();
        let acknowledged = inner.acknowledged;
        if let Some(post) = inner.posts.get_mut(arn) {
            post.last = true;
            if post.version <= acknowledged {
                inner.posts.remove(arn);
            }
        }
    }

    /// The reports that are newer than `version`, and the version that they are of.
    pub fn since(&self, version: u64) -> (u64, Vec<v1::TaskReport>) {
        let inner = self.inner();
        let newer = inner.posts.values().filter(|post| post.version > version);
        (inner.version, newer.map(|post| post.report.clone()).collect())
    }

    /// The control plane has everything up to this version.
    pub fn acknowledge(&self, version: u64) {
        let mut inner = self.inner();
        inner.acknowledged = inner.acknowledged.max(version);
        inner.posts.retain(|_, post| !(post.last && post.version <= version));
    }

    /// Returns when something was posted since the last time it returned; for one reader.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(arn: &str, at: i64) -> v1::TaskReport {
        v1::TaskReport { task_arn: arn.to_owned(), started_at_ms: at, ..v1::TaskReport::default() }
    }

    #[test]
    fn what_is_new_is_told_and_what_is_last_goes_when_it_was_heard() {
        let board = Board::default();
        board.post(report("a", 1));
        board.post(report("b", 1));
        let (version, reports) = board.since(0);
        assert_eq!(reports.len(), 2);
        board.post(report("a", 1));
        assert_eq!(board.since(version).1.len(), 0, "nothing new");
        board.forget("a");
        assert_eq!(board.since(0).1.len(), 2, "not heard yet");
        board.acknowledge(version);
        assert_eq!(board.since(0).1.len(), 1);
        board.forget("b");
        assert_eq!(board.since(0).1.len(), 0);
    }
}
