//! The loop runner. A loop keeps one thing true: it loads a snapshot, plans from it purely, and commits.
//!
//! A loop is woken by its name ([`gantry_store::Tx::wake`]), looks again from time to time all the same
//! ([`Settings::resync`]), and is never told what changed. What a pass leaves undone the next one does, so a
//! pass may fail, be cut off or run twice.
//!
//! This crate never runs two passes of one loop at once, never lets a pass run without end, never goes on at
//! once after a failure, and alone makes a [`Pass`], the authority with which loops write.
//!
//! Read in this order: [`Loop`], [`Pass`], [`Runner`], [`backoff`],
//! [`leader`] (whose loops run where there are several replicas).

pub mod backoff;
pub mod leader;
mod runner;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::{Authority, Timestamp};

pub use runner::{Runner, Settings};

/// Keeps one thing true.
///
/// ```
/// # use gantry_reconcile::{Loop, Next, Pass, PassError};
/// # use gantry_store::{Db, Scan, Table, key};
/// const TASKS: Table<String> = Table::new("ecs.task", 1);
///
/// /// Every task that is asked for is started.
/// struct Starting { db: Db }
///
/// #[async_trait::async_trait]
/// impl Loop for Starting {
///     fn name(&self) -> &'static str { "starting" }
///
///     async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
///         let mut tx = self.db.begin();
///         let tasks = tx.peek_scan(&TASKS, &key!(), Scan::all()).await?;
///         for (key, _) in tasks.iter().filter(|(_, status)| status == "ASKED") {
///             tx.put(&TASKS, key, &"STARTED".to_string());
///         }
///         tx.commit(by).await?;
///         Ok(Next::Wait)
///     }
/// }
/// ```
#[async_trait]
pub trait Loop: Send + Sync + 'static {
    /// What the loop keeps true, in a word or two. It is also the name of its wake.
    fn name(&self) -> &'static str;

    /// Looks at everything once and does a bounded amount of what is to be done. It may be dropped at any
    /// `await`, and a [`gantry_store::StoreError::Conflict`] that it returns has it run again at once.
    async fn pass(&self, by: &Pass) -> Result<Next, PassError>;
}

/// Why a pass failed. It is logged, and the loop goes on after a pause.
pub type PassError = Box<dyn Error + Send + Sync>;

/// When to look again. A wake or the resync interval may come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// All that was seen is done.
    Wait,
    /// More is to be done than one pass does.
    Again,
    /// Something falls due after this time.
    After(Duration),
}

/// The right of a loop to write, for one pass. Only the runner makes it.
#[derive(Debug)]
pub struct Pass {
    name: &'static str,
    now: Timestamp,
}

impl Pass {
    /// When the pass began: what its plan takes for the present.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

impl Authority for Pass {
    fn describe(&self) -> String {
        format!("loop {}", self.name)
    }
}
