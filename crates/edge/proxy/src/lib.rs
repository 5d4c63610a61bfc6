//! The data plane of load balancers: it listens, chooses targets, carries what comes, and checks the targets' health.
//!
//! It is handed a whole [`Configuration`] with a generation, follows each new one without dropping what is under way,
//! and says what it knows of all targets' health.
//!
//! Invariants:
//! - This crate never knows the store, a service or a user.
//! - A request that two servers could read in two ways never reaches a target as it came ([`gate`]).
//! - A target that is drained gets nothing new, and what it has may end.
//! - Everything is bounded: connections, heads, waiting times, idle connections.
//!
//! Read in this order: [`Proxy`], `table` (target groups at run time), `check`, `asleep` (requests that wait for
//! targets), `listen`, [`gate`], `one` (HTTP/1 on the wire), `http`, `tcp`, `udp`.

mod asleep;
mod check;
mod counts;
pub mod gate;
mod http;
mod listen;
mod one;
mod reach;
mod table;
mod tcp;
mod tcp_record;
mod tls;
mod udp;
mod watched;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use gantry_elb_core::access_log::Journal;
use gantry_elb_core::configuration::{Configuration, Known};
use gantry_elb_core::counts::Counts;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use asleep::Waker;
pub use reach::{FromHost, Reach, connected};

/// How the data plane is run.
#[derive(Clone)]
pub struct Options {
    /// How targets are reached.
    pub reach: Arc<dyn Reach>,
    /// Who brings targets back that sleep.
    pub waker: Arc<dyn Waker>,
    /// What cookies are sealed with; the same after a restart, so that clients stay with their targets.
    pub cookie_key: [u8; 32],
    /// Whether ports are also served at 127.0.0.1, where names that end with `localhost` lead: those of application
    /// load balancers by the name that a client asks for, those of a network load balancer that has its port alone.
    pub front_door: bool,
    /// Where entries of access logs go; without, there are none.
    pub journal: Option<Arc<dyn Journal>>,
}

/// The running data plane.
pub struct Proxy {
    known: watch::Receiver<Arc<Known>>,
    table: Arc<table::Table>,
    running: JoinHandle<()>,
    ended: CancellationToken,
}

impl Proxy {
    /// Follows `configuration` until [`Proxy::end`].
    pub fn start(configuration: watch::Receiver<Arc<Configuration>>, options: Options) -> Proxy {
        let ended = CancellationToken::new();
        let (tell, known) = watch::channel(Arc::default());
        let table = Arc::new(table::Table::new(options.clone()));
        let running = tokio::spawn(follow(configuration, table.clone(), options, tell, ended.clone()));
        Proxy { known, table, running, ended }
    }

    /// What was carried.
    pub fn counts(&self) -> Counts {
        self.table.counts()
    }

    /// The same for whoever outlives this.
    pub fn counted(&self) -> impl Fn() -> Counts + Send + Sync + use<> {
        let table = self.table.clone();
        move || table.counts()
    }

    /// What is known of all targets; changes whenever it does.
    pub fn known(&self) -> watch::Receiver<Arc<Known>> {
        self.known.clone()
    }

    /// Stops listening, lets what is under way end within a while, and cuts off the rest.
    pub async fn end(mut self) {
        self.ended.cancel();
        if tokio::time::timeout(Duration::from_secs(5), &mut self.running).await.is_err() {
            self.running.abort();
        }
    }
}

async fn follow(
    mut configuration: watch::Receiver<Arc<Configuration>>,
    table: Arc<table::Table>,
    options: Options,
    tell: watch::Sender<Arc<Known>>,
    ended: CancellationToken,
) {
    let mut sockets = listen::Sockets::new(table.clone(), options);
    let mut changed = table.changed();
    loop {
        let now = configuration.borrow_and_update().clone();
        if now.generation > 0 {
            table.follow(&now);
            sockets.follow(&now).await;
        }
        loop {
            tell.send_if_modified(|told| {
                let known = table.known();
                let differs = **told != known;
                if differs {
                    *told = Arc::new(known);
                }
                differs
            });
            tokio::select! {
                () = ended.cancelled() => {
                    sockets.end().await;
                    table.end();
                    return;
                }
                new = configuration.changed() => match new {
                    Ok(()) => break,
                    // Nobody has anything new to say any more; what is there goes on.
                    Err(_) => ended.cancelled().await,
                },
                _ = changed.changed() => {}
                // A listener that could not be bound, because its port was taken, is tried again.
                () = tokio::time::sleep(Duration::from_secs(1)), if sockets.incomplete() => break,
            }
        }
    }
}
