//! Runs loops: waits for a wake, runs a pass, and decides from how it went when the next one is.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use gantry_base::{Clock, Ids};
use gantry_store::{Db, StoreError, Wakes};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Loop, Next, Pass, PassError, backoff};

/// How a loop is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A pass is run after this time also without a wake.
    pub resync: Duration,
    /// A pass that takes longer is cut off and counts as failed.
    pub pass_timeout: Duration,
    /// The pause after a failure; each further one doubles it.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How many conflicts in a row are run again at once; the next one counts as a failure.
    pub conflicts: u32,
    /// How long a pass may go on after the loop was told to stop.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            resync: Duration::from_secs(60),
            pass_timeout: Duration::from_secs(30),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(30),
            conflicts: 16,
            grace: Duration::from_secs(5),
        }
    }
}

/// Runs loops over one store.
#[derive(Clone)]
pub struct Runner {
    db: Db,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    settings: Settings,
}

impl Runner {
    /// A runner with the default settings.
    pub fn new(db: Db, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Runner {
        Runner { db, clock, ids, settings: Settings::default() }
    }

    /// The same with other settings.
    pub fn with(self, settings: Settings) -> Runner {
        Runner { settings, ..self }
    }

    /// Runs the loop in a task until `stop` is cancelled. The task ends within the grace time after that.
    pub fn spawn(&self, looped: impl Loop, stop: CancellationToken) -> JoinHandle<()> {
        let runner = self.clone();
        tokio::spawn(async move { runner.run(&looped, stop).await })
    }

    /// Runs the loop until `stop` is cancelled.
    pub async fn run(&self, looped: &dyn Loop, stop: CancellationToken) {
        let mut wakes = self.db.wakes(looped.name());
        let mut state = State::default();
        let mut wait = Wait::For(self.settings.resync);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.wait(&mut wakes, wait, looped.name(), &mut state) => {}
            }
            let ended = tokio::select! {
                biased;
                ended = self.guarded(looped) => ended,
                () = self.grace_over(&stop) => {
                    return tracing::warn!(name = looped.name(), "a pass was cut off, as the loop is to stop");
                }
            };
            wait = self.after(ended, looped.name(), &mut state);
        }
    }

    /// Runs one pass now, and again for each conflict: a step of a simulation or a test.
    pub async fn once(&self, looped: &dyn Loop) -> Result<Next, PassError> {
        let mut conflicts = 0;
        loop {
            match self.guarded(looped).await {
                Err(error) if is_conflict(&error) && conflicts < self.settings.conflicts => conflicts += 1,
                ended => return ended,
            }
        }
    }

    /// One pass, which ends in time and whose panic is only its own failure.
    async fn guarded(&self, looped: &dyn Loop) -> Result<Next, PassError> {
        let pass = Pass { name: looped.name(), now: self.clock.now() };
        let ended = AssertUnwindSafe(looped.pass(&pass)).catch_unwind();
        match tokio::time::timeout(self.settings.pass_timeout, ended).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err("the pass panicked".into()),
            Err(_) => Err(format!("the pass took longer than {:?}", self.settings.pass_timeout).into()),
        }
    }

    async fn grace_over(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        tokio::time::sleep(self.settings.grace).await;
    }

    async fn wait(&self, wakes: &mut Wakes, wait: Wait, name: &str, state: &mut State) {
        match wait {
            // A wake that comes in a pause is there still when the pause is over.
            Wait::Pause(pause) => tokio::time::sleep(pause).await,
            Wait::For(time) => match tokio::time::timeout(time, wakes.next()).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(error)) => {
                    tracing::warn!(name, %error, "the loop can't hear its wakes");
                    tokio::time::sleep(self.pause(state)).await;
                }
            },
        }
    }

    fn after(&self, ended: Result<Next, PassError>, name: &str, state: &mut State) -> Wait {
        let error = match ended {
            Ok(next) => {
                *state = State::default();
                return match next {
                    Next::Wait => Wait::For(self.settings.resync),
                    Next::Again => Wait::Pause(Duration::ZERO),
                    Next::After(time) => Wait::For(time.min(self.settings.resync)),
                };
            }
            Err(error) => error,
        };
        if is_conflict(&error) && state.conflicts < self.settings.conflicts {
            state.conflicts += 1;
            return Wait::Pause(Duration::ZERO);
        }
        let pause = self.pause(state);
        tracing::warn!(name, %error, failures = state.failures, ?pause, "a pass failed");
        Wait::Pause(pause)
    }

    fn pause(&self, state: &mut State) -> Duration {
        state.failures += 1;
        state.conflicts = 0;
        backoff::pause(
            state.failures,
            self.settings.first_pause,
            self.settings.longest_pause,
            self.ids.as_ref(),
        )
    }
}

/// What came before, in a row.
#[derive(Default)]
struct State {
    failures: u32,
    conflicts: u32,
}

#[derive(Clone, Copy)]
enum Wait {
    /// So long and no shorter.
    Pause(Duration),
    /// So long, or until a wake.
    For(Duration),
}

fn is_conflict(error: &PassError) -> bool {
    error.downcast_ref::<StoreError>().is_some_and(StoreError::is_conflict)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use gantry_base::{Authority, SeededIds, SystemClock};
    use gantry_store::{Redb, Table, key};
    use tokio::sync::mpsc;

    use super::*;

    const ROWS: Table<u32> = Table::new("test.row", 1);
    type Passes = mpsc::UnboundedReceiver<u32>;
    type Act = Box<dyn Fn(u32) -> Result<Next, PassError> + Send + Sync>;

    /// Says of each pass that it ran, and ends it as told.
    struct Scripted {
        count: AtomicU32,
        ran: mpsc::UnboundedSender<u32>,
        act: Act,
    }

    #[async_trait]
    impl Loop for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }
        async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
            assert_eq!(by.describe(), "loop scripted");
            let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            self.ran.send(count)?;
            (self.act)(count)
        }
    }

    fn scripted(act: impl Fn(u32) -> Result<Next, PassError> + Send + Sync + 'static) -> (Scripted, Passes) {
        let (ran, passes) = mpsc::unbounded_channel();
        (Scripted { count: AtomicU32::new(0), ran, act: Box::new(act) }, passes)
    }

    fn runner() -> (Runner, Db) {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let runner = Runner::new(db.clone(), Arc::new(SystemClock), Arc::new(SeededIds::new(1)));
        let hour = Duration::from_secs(3600);
        (
            runner.with(Settings {
                resync: hour,
                first_pause: Duration::from_millis(1),
                ..Settings::default()
            }),
            db,
        )
    }

    async fn wake(db: &Db) {
        let mut tx = db.begin();
        tx.wake("scripted");
        tx.commit(&Pass { name: "test", now: SystemClock.now() }).await.unwrap();
    }

    async fn ran(passes: &mut Passes) -> u32 {
        tokio::time::timeout(Duration::from_secs(20), passes.recv()).await.expect("a pass").unwrap()
    }

    #[tokio::test]
    async fn a_loop_runs_at_the_start_and_for_each_wake_and_stops() {
        let (runner, db) = runner();
        let (looped, mut passes) = scripted(|_| Ok(Next::Wait));
        let stop = CancellationToken::new();
        let task = runner.spawn(looped, stop.clone());
        assert_eq!(ran(&mut passes).await, 1);
        wake(&db).await;
        assert_eq!(ran(&mut passes).await, 2);
        wake(&db).await;
        assert_eq!(ran(&mut passes).await, 3);
        stop.cancel();
        task.await.unwrap();
        wake(&db).await;
        assert_eq!(passes.recv().await, None, "no pass after the stop");
    }

    #[tokio::test]
    async fn failures_panics_and_more_to_do_are_followed_by_another_pass() {
        let (runner, _db) = runner();
        let (looped, mut passes) = scripted(|count| match count {
            1 => Err("out of luck".into()),
            2 => panic!("a pass that panics"),
            3 => Err(StoreError::Conflict.into()),
            4 => Ok(Next::Again),
            5 => Ok(Next::After(Duration::from_millis(1))),
            _ => Ok(Next::Wait),
        });
        let stop = CancellationToken::new();
        let task = runner.spawn(looped, stop.clone());
        for count in 1..=6 {
            assert_eq!(ran(&mut passes).await, count);
        }
        stop.cancel();
        task.await.unwrap();
    }

    #[tokio::test]
    async fn a_pass_that_does_not_end_is_cut_off() {
        struct Stuck;
        #[async_trait]
        impl Loop for Stuck {
            fn name(&self) -> &'static str {
                "stuck"
            }
            async fn pass(&self, _: &Pass) -> Result<Next, PassError> {
                std::future::pending().await
            }
        }
        let (runner, _db) = runner();
        let short = Settings {
            pass_timeout: Duration::from_millis(5),
            grace: Duration::from_millis(5),
            ..Settings::default()
        };
        let error = runner.clone().with(short.clone()).once(&Stuck).await.unwrap_err();
        assert!(error.to_string().contains("longer than 5ms"), "{error}");

        let stop = CancellationToken::new();
        let patient = Settings { pass_timeout: Duration::from_secs(3600), ..short };
        let task = runner.with(patient).spawn(Stuck, stop.clone());
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(20), task).await.expect("it stops").unwrap();
    }

    #[tokio::test]
    async fn a_conflict_is_run_again_at_once_and_not_for_ever() {
        /// Adds one to a row that another has written in the middle of the first passes.
        struct Adding {
            db: Db,
            disturbed: AtomicU32,
        }
        #[async_trait]
        impl Loop for Adding {
            fn name(&self) -> &'static str {
                "adding"
            }
            async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
                let mut tx = self.db.begin();
                let row = tx.get(&ROWS, &key!("a")).await?.unwrap_or(0);
                if self.disturbed.load(Ordering::SeqCst) > 0 {
                    self.disturbed.fetch_sub(1, Ordering::SeqCst);
                    let mut other = self.db.begin();
                    other.put(&ROWS, &key!("a"), &(row + 10));
                    other.commit(by).await?;
                }
                tx.put(&ROWS, &key!("a"), &(row + 1));
                tx.commit(by).await?;
                Ok(Next::Wait)
            }
        }
        let (runner, db) = runner();
        let looped = Adding { db: db.clone(), disturbed: AtomicU32::new(3) };
        runner.once(&looped).await.unwrap();
        assert_eq!(db.begin().get(&ROWS, &key!("a")).await.unwrap(), Some(31));

        let looped = Adding { db, disturbed: AtomicU32::new(1000) };
        assert!(is_conflict(&runner.once(&looped).await.unwrap_err()));
    }
}
