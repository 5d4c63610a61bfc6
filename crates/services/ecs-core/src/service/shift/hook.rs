//! Hooks at which a deployment pauses until somebody lets it go on.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html>

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{Action, Plan};
use super::{Parts, minutes};

/// Where a deployment can pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HookStage {
    ReconcileService,
    PreScaleUp,
    PostScaleUp,
    PostTestTrafficShift,
    /// Before each step of production traffic.
    PreProductionTrafficShift,
    PostProductionTrafficShift,
}

impl HookStage {
    const ALL: [HookStage; 6] = [
        HookStage::ReconcileService,
        HookStage::PreScaleUp,
        HookStage::PostScaleUp,
        HookStage::PostTestTrafficShift,
        HookStage::PreProductionTrafficShift,
        HookStage::PostProductionTrafficShift,
    ];

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            HookStage::ReconcileService => "RECONCILE_SERVICE",
            HookStage::PreScaleUp => "PRE_SCALE_UP",
            HookStage::PostScaleUp => "POST_SCALE_UP",
            HookStage::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            HookStage::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            HookStage::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
        }
    }

    /// Reads it back.
    pub fn parse(text: &str) -> Option<HookStage> {
        HookStage::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What happens when nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OnTimeout {
    Continue,
    Rollback,
}

impl OnTimeout {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            OnTimeout::Continue => "CONTINUE",
            OnTimeout::Rollback => "ROLLBACK",
        }
    }
}

/// A hook as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseHook {
    pub stages: Vec<HookStage>,
    pub timeout_minutes: u32,
    pub on_timeout: OnTimeout,
}

/// How far a pause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PauseStatus {
    AwaitingAction,
    Succeeded,
    Failed,
    TimedOut,
}

impl PauseStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            PauseStatus::AwaitingAction => "AWAITING_ACTION",
            PauseStatus::Succeeded => "SUCCEEDED",
            PauseStatus::Failed => "FAILED",
            PauseStatus::TimedOut => "TIMED_OUT",
        }
    }
}

/// A hook that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Which of the shift's hooks.
    pub hook: usize,
    pub at: HookStage,
    pub id: String,
    pub expires_at: Timestamp,
    pub on_timeout: OnTimeout,
    pub status: PauseStatus,
}

impl PauseHook {
    /// The hook begins.
    pub fn begin(&self, hook: usize, at: HookStage, id: String, now: Timestamp) -> Pause {
        Pause {
            hook,
            at,
            id,
            expires_at: now + minutes(self.timeout_minutes),
            on_timeout: self.on_timeout,
            status: PauseStatus::AwaitingAction,
        }
    }
}

/// Whether all hooks of this moment are through; begins those that have not begun, and ends those whose time is over.
pub(super) fn through(parts: &Parts<'_>, at: HookStage, now: Timestamp, plan: &mut Plan) -> bool {
    let shift = parts.shift;
    shift.back || all_through(&parts.green.id, (&shift.hooks, &shift.pauses), at, now, plan)
}

/// The same of a deployment by its hooks, and those that have begun.
pub(in super::super) fn all_through(
    deployment: &str,
    (hooks, pauses): (&[PauseHook], &[Pause]),
    at: HookStage,
    now: Timestamp,
    plan: &mut Plan,
) -> bool {
    let mut all = true;
    for (hook, _) in hooks.iter().enumerate().filter(|(_, hook)| hook.stages.contains(&at)) {
        match pauses.iter().find(|pause| pause.hook == hook && pause.at == at) {
            None => {
                plan.actions.push(Action::Await { deployment: deployment.to_owned(), hook, at });
                all = false;
            }
            Some(pause) => match pause.status {
                PauseStatus::AwaitingAction if pause.expires_at <= now => {
                    let pause = pause.id.clone();
                    plan.actions.push(Action::TimedOut { deployment: deployment.to_owned(), pause });
                    all = false;
                }
                PauseStatus::AwaitingAction => {
                    plan.look(pause.expires_at);
                    all = false;
                }
                PauseStatus::Succeeded => {}
                PauseStatus::TimedOut if pause.on_timeout == OnTimeout::Continue => {}
                // What follows from it is on its way.
                PauseStatus::TimedOut | PauseStatus::Failed => all = false,
            },
        }
    }
    all
}
