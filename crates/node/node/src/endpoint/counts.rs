//! What was asked of services by Service Connect from this node, since its agent started.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gantry_node_proto::v1;

/// Of one service, by all tasks of one account and region that ask it.
#[derive(Debug, Default)]
pub struct Count {
    pub connections: Number,
    /// Connections for which there was no instance.
    pub unserved: Number,
    pub requests: Number,
    /// Requests that were answered with a server's error, by an instance or here.
    pub failed: Number,
    /// Of these: the ones that had no answer in time.
    pub late: Number,
}

/// A number that only rises.
#[derive(Debug, Default)]
pub struct Number(AtomicU64);

impl Number {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Region and account, namespace, service.
type Key = (String, String, String);

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<Key, Arc<Count>>>>);

impl Counts {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Count>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The count of a service that a task with this ARN asks.
    pub fn of(&self, task_arn: &str, namespace: &str, service: &str) -> Arc<Count> {
        let place: Vec<&str> = task_arn.split(':').skip(3).take(2).collect();
        let key = (place.join(":"), namespace.to_owned(), service.to_owned());
        Arc::clone(self.all().entry(key).or_default())
    }

    /// All of them, for those who look.
    pub fn told(&self) -> Vec<v1::ConnectUsage> {
        let one = |((place, namespace, service), count): (&Key, &Arc<Count>)| v1::ConnectUsage {
            place: place.clone(),
            namespace: namespace.clone(),
            service: service.clone(),
            connections: count.connections.get(),
            unserved: count.unserved.get(),
            requests: count.requests.get(),
            failed: count.failed.get(),
            late: count.late.get(),
        };
        self.all().iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_one_account_count_together() {
        let counts = Counts::default();
        let task = |account: &str, id: &str| format!("arn:aws:ecs:us-east-1:{account}:task/c/{id}");
        counts.of(&task("1", "a"), "shop", "front").requests.add();
        counts.of(&task("1", "b"), "shop", "front").requests.add();
        counts.of(&task("2", "c"), "shop", "front").requests.add();
        let told = counts.told();
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].place.as_str(), told[0].requests), ("us-east-1:1", 2));
    }
}
