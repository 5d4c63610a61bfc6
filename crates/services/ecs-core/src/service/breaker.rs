//! The deployment circuit breaker: how many failed tasks make a failed deployment.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>

/// AWS's bounds of the threshold.
const FEWEST: u32 = 3;
const MOST: u32 = 200;

/// A breaker that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Go back to the deployment before that was completed.
    pub rollback: bool,
    /// A healthy task sets the count of failures back.
    pub reset_on_healthy: bool,
    pub limit: Limit,
}

/// How many failures are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Count(u32),
    /// Of the wanted tasks, and at least 3 and at most 200.
    BoundedPercent(u32),
    /// Of the wanted tasks, and at least 1.
    UnboundedPercent(u32),
}

impl Default for Limit {
    fn default() -> Self {
        Limit::BoundedPercent(50)
    }
}

impl Breaker {
    /// How many failed tasks open the breaker of a service with so many wanted.
    pub fn threshold(&self, wanted: u32) -> u32 {
        let share = |percent: u32| {
            u32::try_from((u64::from(wanted) * u64::from(percent)).div_ceil(100)).unwrap_or(u32::MAX)
        };
        match self.limit {
            Limit::Count(count) => count.max(1),
            Limit::BoundedPercent(percent) => share(percent).clamp(FEWEST, MOST),
            Limit::UnboundedPercent(percent) => share(percent).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_half_of_what_is_wanted_within_its_bounds() {
        let breaker = Breaker { rollback: true, reset_on_healthy: false, limit: Limit::default() };
        for (wanted, threshold) in [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (5000, 200)] {
            assert_eq!(breaker.threshold(wanted), threshold, "{wanted}");
        }
        let count = Breaker { limit: Limit::Count(7), ..breaker };
        assert_eq!(count.threshold(100), 7);
        let free = Breaker { limit: Limit::UnboundedPercent(10), ..breaker };
        assert_eq!((free.threshold(5), free.threshold(5000)), (1, 500));
    }
}
