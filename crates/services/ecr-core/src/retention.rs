//! When what nobody needs is cleared away.

use std::time::Duration;

use gantry_base::Timestamp;

/// What to do with something that may or may not be needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Keep,
    /// Note that from now on nobody needs it.
    Note,
    /// Somebody needs it again: strike the note.
    Strike,
    /// Remove it.
    Remove,
}

/// Decides about something that has been noted as needed by nobody `since`, is kept for `keep` after that,
/// and is `needed` now or not.
///
/// Nothing is removed the first time that it is seen unneeded: whoever was told that it is there has `keep`
/// to make use of it.
pub fn verdict(needed: bool, since: Option<Timestamp>, now: Timestamp, keep: Duration) -> Verdict {
    match (needed, since) {
        (true, None) => Verdict::Keep,
        (true, Some(_)) => Verdict::Strike,
        (false, None) => Verdict::Note,
        (false, Some(since)) if now.since(since) >= keep => Verdict::Remove,
        (false, Some(_)) => Verdict::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_unneeded_for_long_is_removed() {
        let (hour, now) = (Duration::from_secs(3600), Timestamp::from_secs(10_000));
        assert_eq!(verdict(false, None, now, hour), Verdict::Note);
        assert_eq!(verdict(false, None, now, Duration::ZERO), Verdict::Note);
        assert_eq!(verdict(false, Some(now - hour / 2), now, hour), Verdict::Keep);
        assert_eq!(verdict(false, Some(now - hour), now, hour), Verdict::Remove);
        assert_eq!(verdict(true, Some(now - hour * 9), now, hour), Verdict::Strike);
        assert_eq!(verdict(true, None, now, hour), Verdict::Keep);
        // A clock that was set back removes nothing early.
        assert_eq!(verdict(false, Some(now + hour), now, hour), Verdict::Keep);
    }
}
