//! What to do next for a task: a function of what is desired, what is known, and the time.
//!
//! It makes one transition; whoever asks carries it out, puts what came of it into what is known, and asks again.

use std::time::Duration;

use gantry_base::Timestamp;

use crate::known::{Code, Health, Known, KnownContainer, Reason, Status};
use crate::wish::{Condition, Container, Desired, Task};

/// A container that outlives SIGKILL (its process hangs in the kernel) gets it again after this.
const KILL_AGAIN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Make what is missing of the task's network, group and images, all at once.
    Prepare {
        network: bool,
        group: bool,
        pulls: Vec<usize>,
    },
    Create(usize),
    Start(usize),
    /// The container has ended: make its process anew.
    Restart(usize),
    /// The container cannot run any more, and why.
    GiveUp(usize, Reason),
    /// Decide that the task ends.
    End(Reason),
    /// Ask the container to stop, with its image's signal.
    AskToStop(usize),
    Kill(usize),
    /// Remove containers, group, interface and files.
    Clean,
    /// Nothing to do before something changes, or that moment comes.
    Wait {
        until: Option<Timestamp>,
    },
    /// Nothing is left of a task that is not desired any more.
    Forget,
}

impl Step {
    /// What it is called where steps are timed.
    pub fn name(&self) -> &'static str {
        match self {
            Step::Prepare { .. } => "prepare",
            Step::Create(_) => "create",
            Step::Start(_) => "start",
            Step::Restart(_) => "restart",
            Step::GiveUp(..) => "give-up",
            Step::End(_) => "end",
            Step::AskToStop(_) => "ask-to-stop",
            Step::Kill(_) => "kill",
            Step::Clean => "clean",
            Step::Wait { .. } => "wait",
            Step::Forget => "forget",
        }
    }
}

pub fn next(task: &Task, known: &Known, now: Timestamp) -> Step {
    if known.stopped_at.is_some() {
        return match task.desired {
            Desired::Gone => Step::Forget,
            Desired::Running | Desired::Stopped => Step::Wait { until: None },
        };
    }
    match &known.stop {
        Some(_) => toward_stopped(task, known, now),
        None if task.desired != Desired::Running => {
            Step::End(Reason::new(Code::StopDesired, "the task was asked to stop"))
        }
        None => toward_running(task, known, now),
    }
}

fn toward_running(task: &Task, known: &Known, now: Timestamp) -> Step {
    if let Some(reason) = over(task, known) {
        return Step::End(reason);
    }
    let pulls = with_status(known, Status::Pending);
    if !known.network || !known.group || !pulls.is_empty() {
        return Step::Prepare { network: !known.network, group: !known.group, pulls };
    }
    let again = |index: &usize| known.containers[*index].starts_again(&task.containers[*index]);
    if let Some(index) = (0..known.containers.len()).find(again) {
        return Step::Restart(index);
    }
    if let Some(&index) = with_status(known, Status::Pulled).first() {
        return Step::Create(index);
    }
    let mut until = None;
    for index in with_status(known, Status::Created) {
        match readiness(task, known, index, now) {
            Readiness::Ready => return Step::Start(index),
            Readiness::Never(reason) => return Step::GiveUp(index, reason),
            Readiness::Later(deadline) => until = earliest(until, deadline),
        }
    }
    Step::Wait { until }
}

/// Why the task cannot go on, if it cannot.
fn over(task: &Task, known: &Known) -> Option<Reason> {
    let mut stopped = task
        .containers
        .iter()
        .zip(&known.containers)
        .filter(|(wanted, known)| known.status == Status::Stopped && !known.starts_again(wanted));
    let (wanted, known_) = stopped.find(|(wanted, _)| wanted.essential)?;
    Some(match &known_.reason {
        // It never ran: what kept it from running is why the task ends.
        Some(reason) if !known_.has_started() => reason.clone().of(&wanted.name),
        _ => Reason::new(Code::EssentialContainerExited, "an essential container in the task exited")
            .of(&wanted.name),
    })
}

enum Readiness {
    Ready,
    /// Not yet; and at that moment, if any, one has waited long enough.
    Later(Option<Timestamp>),
    Never(Reason),
}

/// Whether the conditions of `dependsOn` are met.
fn readiness(task: &Task, known: &Known, index: usize, now: Timestamp) -> Readiness {
    let container = &task.containers[index];
    let mut waiting = false;
    let mut until = None;
    for &(on, condition) in &container.depends_on {
        let dependency = &task.containers[on];
        let state = &known.containers[on];
        let again = state.starts_again(dependency);
        if !again && met(condition, state) {
            continue;
        }
        // In the words of AWS's agent.
        let never = |detail: String| {
            let detail = format!("dependency graph: {detail}");
            Readiness::Never(Reason::new(Code::DependencyFailed, detail).of(&container.name))
        };
        let (on, target) = (&dependency.name, &container.name);
        if state.status == Status::Stopped && !again {
            let ending = match condition {
                Condition::Success => "did not exit successfully.",
                Condition::Start | Condition::Complete | Condition::Healthy => "has exited.",
            };
            return never(format!(
                "failed to resolve container ordering dependency [{on}] for target [{target}] as dependency {ending}"
            ));
        }
        let deadline = deadline(dependency, state);
        if deadline.is_some_and(|deadline| deadline <= now) {
            return never(format!(
                "container ordering dependency [{on}] for target [{target}] has timed out."
            ));
        }
        waiting = true;
        until = earliest(until, deadline);
    }
    if waiting { Readiness::Later(until) } else { Readiness::Ready }
}

fn met(condition: Condition, state: &KnownContainer) -> bool {
    match condition {
        Condition::Start => state.has_started(),
        Condition::Complete => state.status == Status::Stopped && state.has_started(),
        Condition::Success => state.status == Status::Stopped && state.exit_code == Some(0),
        Condition::Healthy => state.status == Status::Running && state.health == Health::Healthy,
    }
}

/// Until when others wait for this container's condition.
fn deadline(dependency: &Container, state: &KnownContainer) -> Option<Timestamp> {
    let from = state.started_at.or(state.created_at)?;
    Some(from + dependency.start_timeout?)
}

fn toward_stopped(task: &Task, known: &Known, now: Timestamp) -> Step {
    if !known.any_running() {
        return Step::Clean;
    }
    let mut until = None;
    for (index, state) in known.containers.iter().enumerate() {
        if state.status != Status::Running || needed(task, known, index) {
            continue;
        }
        let Some(asked) = state.asked_to_stop_at else {
            return Step::AskToStop(index);
        };
        let patience = match state.killed_at {
            None => asked + task.containers[index].stop_timeout,
            Some(killed) => killed + KILL_AGAIN,
        };
        if patience <= now {
            return Step::Kill(index);
        }
        until = earliest(until, Some(patience));
    }
    Step::Wait { until }
}

/// A container stops after those that depend on it.
fn needed(task: &Task, known: &Known, index: usize) -> bool {
    task.containers.iter().zip(&known.containers).any(|(other, state)| {
        state.status == Status::Running && other.depends_on.iter().any(|(on, _)| *on == index)
    })
}

fn with_status(known: &Known, status: Status) -> Vec<usize> {
    (0..known.containers.len()).filter(|index| known.containers[*index].status == status).collect()
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
