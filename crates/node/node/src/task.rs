//! One task, stepped from where it is to where it shall be.
//!
//! Each task has a loop of its own: take the newest wish, look at the engine if something happened, record, decide one
//! step, carry it out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::endpoint::View;
use crate::health::{Checked, Checks};
use crate::known::{Known, Status};
use crate::observe::observe;
use crate::report::report;
use crate::shared::{Shared, Wake};
use crate::step::{Step, next};
use crate::wish::Task;

/// Between attempts at a step that may succeed later.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The step could not be made now; asking again later is right.
#[derive(Debug)]
pub(crate) struct Later(pub String);

pub(crate) struct Loop {
    pub shared: Arc<Shared>,
    pub task: Task,
    pub known: Known,
    pub wishes: watch::Receiver<Task>,
    pub wake: Arc<Wake>,
    checks: Checks,
    checked: mpsc::Receiver<Checked>,
    view: watch::Sender<View>,
    /// The container whose start was asked for and has not come out yet.
    pub starting: Option<usize>,
    recorded: Option<Known>,
    pub stop: CancellationToken,
}

impl Loop {
    pub fn new(
        shared: Arc<Shared>,
        wishes: watch::Receiver<Task>,
        known: Option<Known>,
        wake: Arc<Wake>,
        stop: CancellationToken,
    ) -> Self {
        let task = wishes.borrow().clone();
        let known = known
            .filter(|known| known.containers.len() == task.containers.len())
            .unwrap_or_else(|| Known::new(task.containers.len()));
        let (checks, checked) = Checks::new(Arc::clone(&shared.engine));
        let view = View { task: task.clone(), known: known.clone(), starting: None };
        // A session that begins before the first look at the engine tells of the task all the same: what it does not
        // name, the control plane takes for lost.
        shared.board.post(report(&task, &known));
        Self {
            shared,
            task,
            known,
            wishes,
            wake,
            checks,
            checked,
            view: watch::Sender::new(view),
            starting: None,
            recorded: None,
            stop,
        }
    }

    /// Returns when nothing is left of a task that is not desired any more, or when the agent stops.
    pub async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        self.wake.say();
        while !self.stop.is_cancelled() {
            self.take_wish();
            let outcome = self.turn().await;
            match outcome {
                Ok(Turn::Again) => pause = FIRST_PAUSE,
                Ok(Turn::Over) => return,
                Err(Later(why)) => {
                    warn!(task_arn = %self.task.arn, %why, "a step is tried again");
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        _ = self.wishes.changed() => {}
                        () = self.stop.cancelled() => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn take_wish(&mut self) {
        let wish = self.wishes.borrow_and_update().clone();
        if wish.network != self.task.network {
            self.known.network = false;
        }
        self.task = wish;
    }

    async fn turn(&mut self) -> Result<Turn, Later> {
        if self.wake.take()
            && let Err(later) = self.look().await
        {
            self.wake.say();
            return Err(later);
        }
        while let Ok(checked) = self.checked.try_recv() {
            let now = self.shared.now();
            checked.note(&mut self.known, now);
        }
        self.checks.follow(&self.task, &mut self.known);
        self.record()?;
        match next(&self.task, &self.known, self.shared.now()) {
            Step::Wait { until } => {
                self.wait(until).await;
                Ok(Turn::Again)
            }
            Step::Forget => {
                let forgotten = self.shared.ledger.forget(&self.task.arn).await;
                forgotten.map_err(|error| Later(error.to_string()))?;
                self.shared.board.forget(&self.task.arn);
                Ok(Turn::Over)
            }
            step => self.execute(step).await.map(|()| Turn::Again),
        }
    }

    /// Puts what the engine has of the task's containers into what is known.
    async fn look(&mut self) -> Result<(), Later> {
        if self.known.stopped_at.is_some() {
            return Ok(());
        }
        for (container, known) in self.task.containers.iter().zip(&mut self.known.containers) {
            if known.status == Status::Stopped {
                continue;
            }
            let seen = self.shared.engine.inspect(&container.id).await;
            let seen = seen.map_err(|error| Later(error.to_string()))?;
            let before = known.status;
            observe(known, seen.as_ref(), self.shared.now());
            if before != Status::Stopped && known.status == Status::Stopped {
                info!(
                    task_arn = %self.task.arn,
                    container = %container.name,
                    exit_code = known.exit_code,
                    "container ended"
                );
            }
        }
        Ok(())
    }

    /// Tells the ledger, the control plane and the task's own endpoint what is known now.
    pub(crate) fn record(&mut self) -> Result<(), Later> {
        self.known.settle(&self.task, self.shared.now());
        if self.recorded.as_ref() != Some(&self.known) {
            self.shared
                .ledger
                .put_known(&self.task.arn, &self.known)
                .map_err(|error| Later(error.to_string()))?;
            self.recorded = Some(self.known.clone());
        }
        self.shared.board.post(report(&self.task, &self.known));
        self.show();
        Ok(())
    }

    /// Tells the task's own endpoint how it is now.
    pub(crate) fn show(&self) {
        let still = |index: &usize| self.known.containers[*index].status < Status::Running;
        let starting = self.starting.filter(still);
        self.view.send_replace(View { task: self.task.clone(), known: self.known.clone(), starting });
    }

    pub(crate) fn view(&self) -> watch::Receiver<View> {
        self.view.subscribe()
    }

    async fn wait(&mut self, until: Option<gantry_base::Timestamp>) {
        let now = self.shared.now();
        let moment = async {
            match until {
                Some(until) => tokio::time::sleep(until.since(now)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = moment => {}
            () = self.wake.heard() => {}
            _ = self.wishes.changed() => {}
            Some(checked) = self.checked.recv() => {
                checked.note(&mut self.known, now);
            }
            () = self.stop.cancelled() => {}
        }
    }
}

enum Turn {
    Again,
    Over,
}
