//! One thing is done once, however many want it at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use crate::engine::error::{EngineError, PullError};

type Answer<V> = Result<V, PullError>;
type UnderWay<K, V> = Arc<Mutex<HashMap<K, Shared<BoxFuture<'static, Answer<V>>>>>>;

/// What is under way, by key.
pub(crate) struct Flights<K, V: Clone> {
    under_way: UnderWay<K, V>,
}

/// Takes the flight from the map, however it ends.
struct Landing<K: Hash + Eq, V: Clone> {
    all: UnderWay<K, V>,
    key: K,
}

impl<K: Hash + Eq, V: Clone> Drop for Landing<K, V> {
    fn drop(&mut self) {
        self.all.lock().expect("no holder of the lock panics").remove(&self.key);
    }
}

impl<K, V> Flights<K, V>
where
    K: Hash + Eq + Clone + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Self {
        Self { under_way: Arc::default() }
    }

    /// Joins what is under way for this key, or begins it. It goes on if the caller goes away.
    pub(crate) async fn join<F>(&self, key: K, begin: impl FnOnce() -> F) -> Answer<V>
    where
        F: Future<Output = Answer<V>> + Send + 'static,
    {
        let flight = {
            let mut under_way = self.under_way.lock().expect("no holder of the lock panics");
            match under_way.get(&key) {
                Some(flight) => flight.clone(),
                None => {
                    let all = self.under_way.clone();
                    let landing = Landing { all, key: key.clone() };
                    let work = begin();
                    let task = tokio::spawn(async move {
                        let _landing = landing;
                        work.await
                    });
                    let ended = |joined: Result<Answer<V>, tokio::task::JoinError>| match joined {
                        Ok(answer) => answer,
                        Err(error) => Err(EngineError::internal("pull", error).into()),
                    };
                    let flight = task.map(ended).boxed().shared();
                    under_way.insert(key, flight.clone());
                    flight
                }
            }
        };
        flight.await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_wishes_are_one_flight_and_later_ones_another() {
        let flights: Flights<&str, u32> = Flights::new();
        let count = Arc::new(AtomicU32::new(0));
        let begin = || {
            let count = count.clone();
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(count.fetch_add(1, Ordering::SeqCst) + 1)
            }
        };
        let (a, b) = tokio::join!(flights.join("x", begin), flights.join("x", begin));
        assert_eq!((a.unwrap(), b.unwrap()), (1, 1));
        assert_eq!(flights.join("x", begin).await.unwrap(), 2);
    }
}
