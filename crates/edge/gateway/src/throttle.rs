//! How many requests a caller may make: a bucket of tokens for each, filled at a steady rate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gantry_base::Timestamp;

/// How many callers are remembered at most. Whoever is forgotten starts with a full bucket.
const CALLERS: usize = 16 * 1024;

/// Limits requests per caller. Cheap to clone.
#[derive(Clone)]
pub struct Throttle(Arc<Limits>);

struct Limits {
    /// Requests a second in the long run; 0 is no limit.
    rate: u32,
    /// Requests at once.
    burst: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Timestamp,
}

impl Throttle {
    /// Lets each caller make `rate` requests a second, and five times as many at once. A rate of 0 limits nobody.
    pub fn new(rate: u32) -> Throttle {
        Throttle(Arc::new(Limits { rate, burst: rate.saturating_mul(5), buckets: Mutex::default() }))
    }

    /// Takes a token from the caller's bucket; whether there was one.
    pub fn admit(&self, caller: &str, now: Timestamp) -> bool {
        self.0.admit(caller, now)
    }
}

impl Limits {
    fn admit(&self, caller: &str, now: Timestamp) -> bool {
        if self.rate == 0 {
            return true;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if buckets.len() >= CALLERS && !buckets.contains_key(caller) {
            buckets.retain(|_, bucket| self.tokens(*bucket, now) < f64::from(self.burst));
            if buckets.len() >= CALLERS {
                buckets.clear();
            }
        }
        let full = Bucket { tokens: f64::from(self.burst), filled: now };
        let bucket = match buckets.get_mut(caller) {
            Some(bucket) => bucket,
            None => buckets.entry(caller.to_owned()).or_insert(full),
        };
        let tokens = self.tokens(*bucket, now);
        let admitted = tokens >= 1.0;
        *bucket = Bucket { tokens: if admitted { tokens - 1.0 } else { tokens }, filled: now };
        admitted
    }

    /// What is in a bucket by now.
    fn tokens(&self, bucket: Bucket, now: Timestamp) -> f64 {
        let grown = now.since(bucket.filled).as_secs_f64() * f64::from(self.rate);
        (bucket.tokens + grown).min(f64::from(self.burst))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_caller_has_its_rate_and_a_burst() {
        let throttle = Throttle::new(10);
        let start = Timestamp::from_secs(1_767_312_000);
        let admitted = |caller: &str, now| (0..100).filter(|_| throttle.admit(caller, now)).count();
        assert_eq!(admitted("ann", start), 50);
        assert_eq!(admitted("bob", start), 50, "one caller does not take another's");
        assert_eq!(admitted("ann", start + Duration::from_secs(1)), 10);
        assert_eq!(admitted("ann", start + Duration::from_secs(60)), 50, "a bucket overflows");
        assert_eq!(admitted("ann", start), 0, "a clock that goes back fills nothing");
        let unlimited = Throttle::new(0);
        assert!((0..1_000).all(|_| unlimited.admit("ann", start)));
    }

    #[test]
    fn no_more_callers_are_remembered_than_there_is_room_for() {
        let throttle = Throttle::new(1);
        let now = Timestamp::from_secs(1_767_312_000);
        for number in 0..2 * CALLERS {
            throttle.admit(&number.to_string(), now);
        }
        assert!(throttle.0.buckets.lock().unwrap().len() <= CALLERS);
    }
}
