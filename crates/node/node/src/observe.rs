//! From what the engine says of a container to what is known of it.

use std::time::{SystemTime, UNIX_EPOCH};

use gantry_base::Timestamp;
use gantry_runtime::{Observed, State};

use crate::known::{Code, KnownContainer, Reason, Status};

/// Puts what was seen into what is known. What is known never goes back, but for a container that was made and never
/// started: that one may be made again.
pub fn observe(known: &mut KnownContainer, seen: Option<&Observed>, now: Timestamp) {
    if known.status == Status::Stopped {
        return;
    }
    if let Some(seen) = seen
        && seen.state != State::Incomplete
    {
        known.created_at.get_or_insert(now);
        if known.image_digest.is_empty() {
            known.image_digest.clone_from(&seen.image_digest);
        }
    }
    match seen.map(|seen| &seen.state) {
        None | Some(State::Incomplete) if known.has_started() => lost(known, now),
        None | Some(State::Incomplete) => known.status = known.status.min(Status::Pulled),
        Some(State::Created) => known.status = known.status.max(Status::Created),
        Some(State::Running(started)) => {
            known.status = Status::Running;
            known.started_at.get_or_insert(timestamp(started.at));
        }
        Some(State::Stopped(exit)) => {
            let at = timestamp(exit.at);
            known.status = Status::Stopped;
            known.exit_code = Some(exit.code);
            known.started_at.get_or_insert(at);
            known.finished_at = Some(at);
            if exit.out_of_memory {
                known.reason = Some(Reason::new(Code::OutOfMemory, "Container killed due to memory usage"));
            }
        }
        Some(State::Lost) => lost(known, now),
    }
}

fn lost(known: &mut KnownContainer, now: Timestamp) {
    known.finished_at = Some(now);
    known.fail(Reason::new(Code::ContainerLost, "the container's process ended unseen"));
}

pub fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_runtime::{ContainerId, Exit, Started, TaskId};
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn check(from: Status, seen: Option<State>) -> (Status, Option<i32>, Option<Code>) {
        let started_at = (from == Status::Running).then(|| Timestamp::from_secs(1));
        let mut known = KnownContainer { status: from, started_at, ..KnownContainer::default() };
        let seen = seen.map(|state| Observed {
            id: ContainerId::new("1-1").unwrap(),
            task: TaskId::new("1").unwrap(),
            labels: Default::default(),
            image: String::new(),
            image_digest: String::new(),
            state,
        });
        observe(&mut known, seen.as_ref(), Timestamp::from_secs(9));
        let code = known.reason.map(|reason| reason.code);
        (known.status, known.exit_code, code)
    }

    #[test]
    fn what_is_seen_becomes_known() {
        use Status::{Created, Pending, Pulled, Running, Stopped};
        let running = || Some(State::Running(Started { pid: 1, at: at(1) }));
        let exit = |code, out_of_memory| Some(State::Stopped(Exit { code, at: at(2), out_of_memory }));
        assert_eq!(check(Pulled, running()), (Running, None, None));
        assert_eq!(check(Created, Some(State::Created)), (Created, None, None));
        assert_eq!(check(Pulled, Some(State::Incomplete)), (Pulled, None, None));
        assert_eq!(check(Created, None), (Pulled, None, None));
        assert_eq!(check(Pending, None), (Pending, None, None));
        assert_eq!(check(Running, exit(3, false)), (Stopped, Some(3), None));
        let memory = Some(Code::OutOfMemory);
        assert_eq!(check(Running, exit(137, true)), (Stopped, Some(137), memory));
        let lost = Some(Code::ContainerLost);
        assert_eq!(check(Running, None), (Stopped, None, lost));
        assert_eq!(check(Running, Some(State::Incomplete)), (Stopped, None, lost));
        assert_eq!(check(Created, Some(State::Lost)), (Stopped, None, lost));
        assert_eq!(check(Stopped, running()), (Stopped, None, None));
    }
}
