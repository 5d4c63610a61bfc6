//! How long to pause after failures.

use std::time::Duration;

use gantry_base::Ids;

/// The pause after so many failures in a row (the first is 1): it doubles from `first` up to `most`, and is
/// then shortened by up to half at random, so that what failed together does not come back together.
pub fn pause(failures: u32, first: Duration, most: Duration, ids: &dyn Ids) -> Duration {
    let doubled = first.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
    let mut random = [0; 2];
    ids.fill(&mut random);
    let shortened = f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX) / 2.0;
    doubled.min(most).mul_f64(1.0 - shortened)
}

#[cfg(test)]
mod tests {
    use gantry_base::SeededIds;

    use super::*;

    #[test]
    fn pauses_double_up_to_the_most_and_differ() {
        let ids = SeededIds::new(1);
        let (first, most) = (Duration::from_millis(100), Duration::from_secs(10));
        for (failures, longest) in [(1, 100), (2, 200), (5, 1600), (8, 10_000), (u32::MAX, 10_000)] {
            let longest = Duration::from_millis(longest);
            let pauses: Vec<_> = (0..50).map(|_| pause(failures, first, most, &ids)).collect();
            assert!(pauses.iter().all(|pause| *pause <= longest && *pause >= longest / 2), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        }
    }
}
