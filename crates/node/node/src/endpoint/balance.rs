//! Which instance a connection is led to: each in its turn, but for those that lately took none.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

/// So many connections in a row that an instance did not take, and it is left out for a while.
const FAILURES: u32 = 5;
/// For how long, times how often it has been left out by now.
const LEFT_OUT: Duration = Duration::from_secs(30);
const LEFT_OUT_AT_MOST: Duration = Duration::from_secs(300);

/// The instances of a service, and how each has done.
#[derive(Debug, Default)]
pub struct Balancer {
    targets: Vec<Target>,
    turn: usize,
}

#[derive(Debug)]
struct Target {
    at: SocketAddr,
    failures: u32,
    times_out: u32,
    out_until: Option<Instant>,
}

impl Balancer {
    /// From now on these are the instances. What is known of one that stays is kept.
    pub fn set(&mut self, wanted: Vec<SocketAddr>) {
        self.targets.retain(|target| wanted.contains(&target.at));
        for at in wanted {
            if !self.targets.iter().any(|target| target.at == at) {
                self.targets.push(Target { at, failures: 0, times_out: 0, out_until: None });
            }
        }
    }

    /// The next instance that was not tried yet. Where all others are left out, one of them is better than none.
    pub fn pick(&mut self, now: Instant, tried: &[SocketAddr]) -> Option<SocketAddr> {
        let count = self.targets.len();
        let from = self.turn;
        let in_turn = || (0..count).map(|step| (from + step) % count);
        let untried = |at: &usize| !tried.contains(&self.targets[*at].at);
        let in_use = |at: &usize| self.targets[*at].out_until.is_none_or(|until| until <= now);
        let chosen = in_turn().filter(untried).find(in_use).or_else(|| in_turn().find(untried))?;
        self.turn = chosen + 1;
        Some(self.targets[chosen].at)
    }

    /// An instance took a connection.
    pub fn took(&mut self, at: SocketAddr) {
        if let Some(target) = self.find(at) {
            target.failures = 0;
            target.out_until = None;
        }
    }

    /// An instance took none.
    pub fn failed(&mut self, at: SocketAddr, now: Instant) {
        let Some(target) = self.find(at) else { return };
        target.failures += 1;
        if target.failures >= FAILURES {
            target.failures = 0;
            target.times_out += 1;
            target.out_until = Some(now + (LEFT_OUT * target.times_out).min(LEFT_OUT_AT_MOST));
        }
    }

    fn find(&mut self, at: SocketAddr) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| target.at == at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 1], port))
    }

    #[test]
    fn each_has_its_turn() {
        let mut balancer = Balancer::default();
        let now = Instant::now();
        assert_eq!(balancer.pick(now, &[]), None);
        balancer.set(vec![at(1), at(2), at(3)]);
        let picked: Vec<_> = (0..6).map(|_| balancer.pick(now, &[]).unwrap().port()).collect();
        assert_eq!(picked, [1, 2, 3, 1, 2, 3]);
        assert_eq!(balancer.pick(now, &[at(1), at(3)]), Some(at(2)));
        assert_eq!(balancer.pick(now, &[at(1), at(2), at(3)]), None);
        balancer.set(vec![at(3), at(4)]);
        let picked: Vec<_> = (0..2).map(|_| balancer.pick(now, &[]).unwrap().port()).collect();
        assert_eq!(picked.iter().max(), Some(&4));
    }

    #[test]
    fn one_that_takes_nothing_is_left_out_for_a_while() {
        let mut balancer = Balancer::default();
        let now = Instant::now();
        balancer.set(vec![at(1), at(2)]);
        (0..FAILURES).for_each(|_| balancer.failed(at(1), now));
        assert!((0..4).all(|_| balancer.pick(now, &[]) == Some(at(2))));
        assert_eq!(balancer.pick(now, &[at(2)]), Some(at(1)), "better than none");
        let later = now + LEFT_OUT;
        let picked: Vec<_> = (0..2).map(|_| balancer.pick(later, &[]).unwrap().port()).collect();
        assert!(picked.contains(&1));
        // The second time takes twice as long.
        (0..FAILURES).for_each(|_| balancer.failed(at(1), later));
        assert!((0..4).all(|_| balancer.pick(later + LEFT_OUT, &[]) == Some(at(2))));
        balancer.took(at(1));
        let picked: Vec<_> = (0..2).map(|_| balancer.pick(later, &[]).unwrap().port()).collect();
        assert!(picked.contains(&1));
    }
}
