//! Health checks: a command in the container, again and again.

use std::collections::HashMap;
use std::sync::Arc;

use gantry_base::Timestamp;
use gantry_runtime::{ContainerId, Engine, EngineError, Exec};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::known::{Health, Known, Status};
use crate::wish::{HealthCheck, Task};

/// How much of a check's output is kept, as with Docker.
const OUTPUT_BYTES: usize = 4096;

/// What came of one check.
#[derive(Debug)]
pub(crate) struct Checked {
    index: usize,
    /// `None`: it is as it was.
    health: Option<Health>,
    exit_code: Option<i32>,
    output: String,
}

impl Checked {
    pub fn note(self, known: &mut Known, now: Timestamp) {
        let known = &mut known.containers[self.index];
        known.health_exit_code = self.exit_code;
        known.health_output = self.output;
        if let Some(health) = self.health
            && health != known.health
        {
            known.health = health;
            known.health_since = Some(now);
        }
    }
}

/// The checks of one task's containers.
pub(crate) struct Checks {
    engine: Arc<dyn Engine>,
    results: mpsc::Sender<Checked>,
    running: HashMap<usize, AbortOnDropHandle<()>>,
}

impl Checks {
    pub fn new(engine: Arc<dyn Engine>) -> (Self, mpsc::Receiver<Checked>) {
        let (results, received) = mpsc::channel(8);
        let checks = Self { engine, results, running: HashMap::new() };
        (checks, received)
    }

    /// Checks exactly the containers that run and have a check.
    pub fn follow(&mut self, task: &Task, known: &mut Known) {
        for (index, container) in task.containers.iter().enumerate() {
            let Some(check) = &container.health_check else {
                continue;
            };
            let state = &mut known.containers[index];
            if state.status != Status::Running {
                self.running.remove(&index);
                continue;
            }
            if state.health == Health::Unknown {
                state.health = Health::Starting;
            }
            self.running.entry(index).or_insert_with(|| {
                let rounds = rounds(
                    Arc::clone(&self.engine),
                    container.id.clone(),
                    check.clone(),
                    index,
                    self.results.clone(),
                );
                AbortOnDropHandle::new(tokio::spawn(rounds))
            });
        }
    }
}

async fn rounds(
    engine: Arc<dyn Engine>,
    id: ContainerId,
    check: HealthCheck,
    index: usize,
    results: mpsc::Sender<Checked>,
) {
    let began = Instant::now();
    let mut verdict = Verdict::default();
    for round in 0_u64.. {
        sleep(check.interval).await;
        let exec = Exec { id: format!("health-{round}"), args: check.args.clone(), timeout: check.timeout };
        let (exit_code, output) = match engine.exec(&id, &exec).await {
            Ok(done) => {
                let text = String::from_utf8_lossy(&done.output[..done.output.len().min(OUTPUT_BYTES)]);
                (Some(done.code), text.trim_end().to_owned())
            }
            // The engine's silence says nothing of the container.
            Err(EngineError::Unavailable(_)) => continue,
            Err(error) => {
                tracing::debug!(container = %id, %error, "a health check did not run");
                (None, error.to_string())
            }
        };
        let starting = began.elapsed() < check.start_period;
        let health = verdict.add(exit_code == Some(0), starting, check.retries);
        if results.send(Checked { index, health, exit_code, output }).await.is_err() {
            return;
        }
    }
}

/// What a row of results comes to.
#[derive(Debug, Default)]
struct Verdict {
    failures: u32,
    passed: bool,
}

impl Verdict {
    /// The health after this result; `None` if it stays what it is. Failures while starting do not count, until a check
    /// has passed.
    fn add(&mut self, passed: bool, starting: bool, retries: u32) -> Option<Health> {
        if passed {
            self.failures = 0;
            self.passed = true;
            return Some(Health::Healthy);
        }
        if starting && !self.passed {
            return None;
        }
        self.failures += 1;
        (self.failures >= retries).then_some(Health::Unhealthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        // Each result is `+` or `-`, in capitals (`P`, `F`) while starting; below it stands what comes of it, with two
        // retries: `h`ealthy, `u`nhealthy, or nothing new.
        for (results, wanted) in
            [("+", "h"), ("--", " u"), ("FFF-", "    "), ("PFPFF", "h h u"), ("+-+--+", "h h uh")]
        {
            let mut verdict = Verdict::default();
            let got: String = results
                .chars()
                .map(|result| {
                    let passed = matches!(result, '+' | 'P');
                    let starting = result.is_ascii_uppercase();
                    match verdict.add(passed, starting, 2) {
                        Some(Health::Healthy) => 'h',
                        Some(_) => 'u',
                        None => ' ',
                    }
                })
                .collect();
            assert_eq!(got, wanted, "{results}");
        }
    }
}
