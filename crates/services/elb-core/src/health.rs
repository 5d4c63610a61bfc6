//! When a target is healthy.

use serde::{Deserialize, Serialize};

/// What is known of a target's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub state: State,
    pub reason: Option<Reason>,
    /// AWS's words, where they say more than the reason's own.
    pub description: Option<String>,
}

/// AWS's states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Registered, and not yet checked.
    #[default]
    Initial,
    Healthy,
    Unhealthy,
    /// Taken out; requests that are under way may end.
    Draining,
    /// No load balancer uses its group, or it is not registered.
    Unused,
    /// Health checks are off.
    Unavailable,
}

impl State {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Initial => "initial",
            State::Healthy => "healthy",
            State::Unhealthy => "unhealthy",
            State::Draining => "draining",
            State::Unused => "unused",
            State::Unavailable => "unavailable",
        }
    }
}

/// Why a target is not healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    RegistrationInProgress,
    InitialHealthChecking,
    ResponseCodeMismatch,
    Timeout,
    FailedHealthChecks,
    NotRegistered,
    NotInUse,
    DeregistrationInProgress,
    HealthCheckDisabled,
}

impl Reason {
    /// AWS's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::RegistrationInProgress => "Elb.RegistrationInProgress",
            Reason::InitialHealthChecking => "Elb.InitialHealthChecking",
            Reason::ResponseCodeMismatch => "Target.ResponseCodeMismatch",
            Reason::Timeout => "Target.Timeout",
            Reason::FailedHealthChecks => "Target.FailedHealthChecks",
            Reason::NotRegistered => "Target.NotRegistered",
            Reason::NotInUse => "Target.NotInUse",
            Reason::DeregistrationInProgress => "Target.DeregistrationInProgress",
            Reason::HealthCheckDisabled => "Target.HealthCheckDisabled",
        }
    }

    /// AWS's words for it, where no check has others.
    pub fn description(self) -> &'static str {
        match self {
            Reason::RegistrationInProgress => "Target registration is in progress",
            Reason::InitialHealthChecking => "Initial health checks in progress",
            Reason::ResponseCodeMismatch => "Health checks failed with an unexpected response code",
            Reason::Timeout => "Request timed out",
            Reason::FailedHealthChecks => "Health checks failed",
            Reason::NotRegistered => "Target is not registered to the target group",
            Reason::NotInUse => "Target group is not configured to receive traffic from the load balancer",
            Reason::DeregistrationInProgress => "Target deregistration is in progress",
            Reason::HealthCheckDisabled => "Health checks are disabled for this target group",
        }
    }
}

impl Health {
    /// A state with the reason's own words.
    pub fn because(state: State, reason: Reason) -> Health {
        Health { state, reason: Some(reason), description: Some(reason.description().to_owned()) }
    }

    /// All is well.
    pub fn healthy() -> Health {
        Health { state: State::Healthy, reason: None, description: None }
    }

    /// Registered a moment ago.
    pub fn registered() -> Health {
        Health::because(State::Initial, Reason::RegistrationInProgress)
    }

    /// Whether it gets requests while others are healthy: also where nobody checks.
    pub fn serves(&self) -> bool {
        matches!(self.state, State::Healthy | State::Unavailable)
    }
}

/// How one check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// An HTTP or gRPC status that the matcher does not know.
    WrongCode(u16),
    /// No answer in time.
    TimedOut,
    /// No connection, or what came was no answer.
    Failed,
}

impl Outcome {
    fn health(&self) -> Health {
        match self {
            Outcome::Passed => Health::healthy(),
            Outcome::WrongCode(code) => Health {
                state: State::Unhealthy,
                reason: Some(Reason::ResponseCodeMismatch),
                description: Some(format!("Health checks failed with these codes: [{code}]")),
            },
            Outcome::TimedOut => Health::because(State::Unhealthy, Reason::Timeout),
            Outcome::Failed => Health::because(State::Unhealthy, Reason::FailedHealthChecks),
        }
    }
}

/// A target under check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub health: Health,
    /// Equal results in a row, at most as many as a threshold.
    streak: u32,
    passing: bool,
}

impl Checked {
    /// Begins with what was known before, so that a restart of the checker changes nothing.
    pub fn from(known: Health) -> Checked {
        let passing = known.state == State::Healthy;
        let health = match known.state {
            State::Healthy | State::Unhealthy => known,
            _ => Health::because(State::Initial, Reason::InitialHealthChecking),
        };
        Checked { health, streak: 0, passing }
    }

    /// Takes one result in. A new target needs one passed check, any other as many in a row as its threshold.
    pub fn observe(&mut self, outcome: &Outcome, healthy_threshold: u32, unhealthy_threshold: u32) {
        let passed = *outcome == Outcome::Passed;
        self.streak = if passed == self.passing { self.streak.saturating_add(1) } else { 1 };
        self.passing = passed;
        let needed = match (passed, self.health.state) {
            (true, State::Initial) => 1,
            (true, _) => healthy_threshold,
            (false, _) => unhealthy_threshold,
        };
        let settled =
            matches!((passed, self.health.state), (true, State::Healthy) | (false, State::Unhealthy));
        if settled || self.streak >= needed {
            self.health = outcome.health();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(outcomes: &[Outcome]) -> Vec<State> {
        let mut target = Checked::from(Health::registered());
        outcomes
            .iter()
            .map(|outcome| {
                target.observe(outcome, 3, 2);
                target.health.state
            })
            .collect()
    }

    #[test]
    fn a_new_target_needs_one_passed_check_a_sick_one_three() {
        use Outcome::{Failed, Passed};
        use State::{Healthy, Initial, Unhealthy};
        assert_eq!(run(&[Passed]), [Healthy]);
        assert_eq!(run(&[Failed, Failed]), [Initial, Unhealthy]);
        let all = [Passed, Failed, Failed, Passed, Passed, Failed, Passed, Passed, Passed];
        let expected =
            [Healthy, Healthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Healthy];
        assert_eq!(run(&all), expected);
    }

    #[test]
    fn the_reason_is_that_of_the_last_failure() {
        let mut target = Checked::from(Health::healthy());
        for outcome in [Outcome::TimedOut, Outcome::TimedOut, Outcome::WrongCode(503)] {
            target.observe(&outcome, 3, 2);
        }
        assert_eq!(target.health.reason, Some(Reason::ResponseCodeMismatch));
        assert_eq!(
            target.health.description.as_deref(),
            Some("Health checks failed with these codes: [503]")
        );
    }

    proptest! {
        #[test]
        fn sides_change_only_by_a_whole_streak(passes in proptest::collection::vec(any::<bool>(), 0..40)) {
            let mut target = Checked::from(Health::healthy());
            for at in 0..passes.len() {
                let before = target.health.state;
                let outcome = if passes[at] { Outcome::Passed } else { Outcome::Failed };
                target.observe(&outcome, 3, 2);
                if target.health.state != before {
                    let needed = if passes[at] { 3 } else { 2 };
                    prop_assert!(at + 1 >= needed && passes[at + 1 - needed..=at].iter().all(|p| *p == passes[at]));
                }
            }
        }
    }
}
