//! Which target gets a request.

use serde::{Deserialize, Serialize};

/// How targets are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    #[default]
    RoundRobin,
    LeastOutstandingRequests,
    WeightedRandom,
}

/// A target that may be chosen.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// Passes its checks, or has none.
    pub serves: bool,
    /// Requests that it has not answered.
    pub outstanding: u32,
    /// Milliseconds since it became healthy.
    pub healthy_for_ms: u64,
}

/// The place of the target in `candidates`, none of which is draining. `turn` goes up by one with each choice and
/// `random` gives any number. None only where there is no candidate.
///
/// Where no candidate serves, all of them are taken as if they did, as AWS does.
pub fn choose(
    algorithm: Algorithm,
    slow_start_ms: u64,
    candidates: &[Candidate],
    turn: u64,
    random: impl FnOnce() -> u64,
) -> Option<usize> {
    let open = !candidates.iter().any(|candidate| candidate.serves);
    let serving = || candidates.iter().enumerate().filter(move |(_, candidate)| open || candidate.serves);
    let warming = slow_start_ms > 0
        && !open
        && serving().any(|(_, candidate)| candidate.healthy_for_ms < slow_start_ms)
        && serving().any(|(_, candidate)| candidate.healthy_for_ms >= slow_start_ms);
    let share = |candidate: &Candidate| match warming {
        true => share(candidate.healthy_for_ms, slow_start_ms),
        false => FULL,
    };
    match algorithm {
        Algorithm::RoundRobin if !warming => {
            let count = serving().count() as u64;
            let nth = usize::try_from(turn.checked_rem(count)?).ok()?;
            serving().nth(nth).map(|(at, _)| at)
        }
        Algorithm::LeastOutstandingRequests => {
            // Whoever has the fewest for its share; among equals each in its turn.
            let load = |candidate: &Candidate| {
                (u64::from(candidate.outstanding) + 1) * FULL * FULL / share(candidate)
            };
            let least = serving().map(|(_, candidate)| load(candidate)).min()?;
            let equals = || serving().filter(|(_, candidate)| load(candidate) == least);
            let nth = usize::try_from(turn % equals().count().max(1) as u64).ok()?;
            equals().nth(nth).map(|(at, _)| at)
        }
        Algorithm::RoundRobin | Algorithm::WeightedRandom => {
            by_weight(serving().map(|(at, candidate)| (at, share(candidate))), random())
        }
    }
}

const FULL: u64 = 1000;

/// A target that warms up gets a share that grows with its time, and never none.
fn share(healthy_for_ms: u64, slow_start_ms: u64) -> u64 {
    (healthy_for_ms.min(slow_start_ms) * FULL / slow_start_ms.max(1)).max(FULL / 100)
}

/// One of several by their weights; `random` is any number. None where all weights are zero.
pub fn by_weight(weighted: impl Iterator<Item = (usize, u64)> + Clone, random: u64) -> Option<usize> {
    let sum: u64 = weighted.clone().map(|(_, weight)| weight).sum();
    let mut left = random.checked_rem(sum)?;
    for (at, weight) in weighted {
        match left.checked_sub(weight) {
            None => return Some(at),
            Some(rest) => left = rest,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn target(serves: bool, outstanding: u32) -> Candidate {
        Candidate { serves, outstanding, healthy_for_ms: 1_000_000 }
    }

    #[test]
    fn each_in_its_turn_and_the_sick_not_at_all() {
        let all = [target(true, 0), target(false, 0), target(true, 0)];
        let chosen: Vec<_> =
            (0..4).map(|turn| choose(Algorithm::RoundRobin, 0, &all, turn, || 0).unwrap()).collect();
        assert_eq!(chosen, [0, 2, 0, 2]);
    }

    #[test]
    fn all_sick_is_all_well() {
        let all = [target(false, 0), target(false, 0)];
        assert_eq!(choose(Algorithm::RoundRobin, 0, &all, 3, || 0), Some(1));
        assert_eq!(choose(Algorithm::RoundRobin, 0, &[], 3, || 0), None);
    }

    #[test]
    fn least_outstanding_takes_the_idlest() {
        let all = [target(true, 3), target(true, 1), target(false, 0), target(true, 1)];
        let chosen: Vec<_> = (0..2)
            .map(|turn| choose(Algorithm::LeastOutstandingRequests, 0, &all, turn, || 0).unwrap())
            .collect();
        assert_eq!(chosen, [1, 3]);
    }

    #[test]
    fn a_new_target_warms_up() {
        let new = Candidate { healthy_for_ms: 3_000, ..target(true, 0) };
        let count = |algorithm| {
            (0..1000)
                .filter(|n| choose(algorithm, 30_000, &[target(true, 0), new], *n, || n * 7919) == Some(1))
                .count()
        };
        let few = count(Algorithm::RoundRobin);
        assert!((40..200).contains(&few), "{few}");
    }

    #[test]
    fn weights_are_kept() {
        let weights = [(0, 1), (1, 0), (2, 3)];
        let count = |at| (0..400).filter(|n| by_weight(weights.into_iter(), *n) == Some(at)).count();
        assert_eq!((count(0), count(1), count(2)), (100, 0, 300));
        assert_eq!(by_weight([(0, 0)].into_iter(), 9), None);
    }

    proptest! {
        #[test]
        fn nobody_sick_while_somebody_is_well(
            states in proptest::collection::vec((any::<bool>(), 0u32..5, 0u64..60_000), 1..8),
            turn in any::<u64>(), random in any::<u64>(), slow in prop_oneof![Just(0), Just(30_000u64)], which in 0usize..3,
        ) {
            let candidates: Vec<_> = states.iter()
                .map(|(serves, outstanding, ms)| Candidate { serves: *serves, outstanding: *outstanding, healthy_for_ms: *ms })
                .collect();
            let algorithm = [Algorithm::RoundRobin, Algorithm::LeastOutstandingRequests, Algorithm::WeightedRandom][which];
            let chosen = choose(algorithm, slow, &candidates, turn, || random).unwrap();
            prop_assert!(candidates[chosen].serves || candidates.iter().all(|candidate| !candidate.serves));
        }
    }
}
