//! One of several replicas over one store: each serves the APIs, one of them leads the loops.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gantry_acm::Issuer;
use gantry_cloudtrail::Trails;
use gantry_ecr::Blobs;
use gantry_gateway::Part;
use gantry_reconcile::leader::{self, Term};
use gantry_reconcile::{Runner, Settings};
use gantry_store::{Db, Kv, Revision};
use tokio_util::sync::CancellationToken;

use super::services::{Outside, Services, Wired, images};
use super::siblings::Siblings;
use super::state::{Engine, State};
use super::{Listening, Told};
use crate::cli::Server;
use crate::instance::Instance;
use crate::layout::Layout;
use crate::pki;

/// How long history is kept for watches to resume from, and how often it is cut.
const HISTORY: Duration = Duration::from_secs(10 * 60);
const COMPACTION: Duration = Duration::from_secs(60);
/// How often a replica looks whether the store answers, and who leads.
const LOOK: Duration = Duration::from_secs(1);
/// How long loops may take to end before another replica may lead.
const LOOPS_END: Duration = Duration::from_secs(2);
/// How long a replica that could not begin to lead leaves it to others.
const CANT_LEAD: Duration = Duration::from_secs(5);

/// Serves until it is told to end; `ready` is called once it does.
pub async fn replica(layout: &Layout, options: &Server, ready: impl FnOnce(&Instance)) -> Result<()> {
    super::install_tls()?;
    let ended = CancellationToken::new();
    let mut told = Told::listen()?;
    let serving = options.serving();
    let (plain, secure) = super::listen(&serving).await?;
    let listening = Listening { plain: plain.local_addr()?, secure: secure.local_addr()? };
    let store = options.tls.apply(&options.store);
    let state = tokio::select! {
        state = State::shared(layout, &store, &options.master_key) => state?,
        () = told.end() => return Ok(()),
    };
    let authority = Arc::new(pki::Authority::open(&layout.pki())?);
    let issuer = super::load_balancing::issuer(&authority);
    state.check_master_key().await?;
    let images = shared_images(layout, options)?;
    images.clear_staging().await?;
    let name = options.name.clone().map_or_else(|| name(&listening), Ok)?;
    let address = options.advertise.clone().map_or_else(|| address(&listening), Ok)?;
    let siblings = Siblings::new(&state, name.clone());
    let outside = Outside { public: None, images, issuer: issuer.clone() };
    let services = Services::start(&state, layout, &serving, &listening, outside, Some(&siblings))?;
    services.keep_uses(&ended);
    super::administrator(layout, &serving, &services, &state, listening.plain).await?;

    let role = Arc::new(Role::new(name.clone()));
    let gateway = Arc::new(super::gateway(&serving, &state, &services, role.clone()));
    let listeners = super::listeners(plain, secure, &listening, &authority, &serving).await?;
    let endpoint = tokio::spawn(gantry_gateway::serve(gateway.clone(), listeners, ended.clone()));
    let present = tokio::spawn(siblings.be_present(address));
    let looking = tokio::spawn(look(state.engine.clone(), role.clone()));
    let leading = tokio::spawn(
        Candidate {
            layout: layout.clone(),
            options: options.clone(),
            state: state.clone(),
            listening: listening.clone(),
            issuer,
            trails: services.trails.clone(),
            name,
            role: role.clone(),
        }
        .run(ended.clone()),
    );
    let answering = super::answer_commands(layout, &options.serving(), &state, &services, None, &gateway)?;
    let instance = super::record(layout, &state, &listening)?;
    tracing::info!(endpoint = %instance.endpoint(), replica = role.name, "this replica serves");
    ready(&instance);

    told.end().await;
    tracing::info!("ending");
    answering.abort();
    looking.abort();
    present.abort();
    ended.cancel();
    endpoint.await.context("the endpoint ended badly")?;
    leading.await.context("the loops ended badly")?;
    services.end().await;
    super::remove_record(layout)
}

/// The images that all replicas share.
fn shared_images(layout: &Layout, options: &Server) -> Result<Blobs> {
    match &options.images_dir {
        Some(dir) => Blobs::local(dir).context("the folder of images can't be used"),
        None => images(layout, &options.serving()),
    }
}

/// What a replica is called unless it is told.
fn name(listening: &Listening) -> Result<String> {
    let host = nix::unistd::gethostname().context("this machine has no name")?;
    Ok(format!("{}:{}", host.to_string_lossy(), listening.plain.port()))
}

/// Where the other replicas find this one unless it is told.
fn address(listening: &Listening) -> Result<String> {
    match listening.plain.ip().is_unspecified() {
        true => name(listening),
        false => Ok(listening.plain.to_string()),
    }
}

/// What a replica says of itself.
pub struct Role {
    name: String,
    /// Who leads, as far as this replica knows.
    leader: Mutex<Option<String>>,
}

impl Role {
    fn new(name: String) -> Role {
        Role { name, leader: Mutex::default() }
    }

    fn set(&self, leader: Option<String>) {
        *self.leader.lock().unwrap_or_else(PoisonError::into_inner) = leader;
    }
}

impl super::Parts for Role {
    fn parts(&self) -> Vec<Part> {
        let leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let state = match leader {
            Some(leader) if leader == self.name => "leads the loops".to_owned(),
            Some(leader) => format!("follows {leader}"),
            None => "nobody leads at the moment".to_owned(),
        };
        vec![
            // The APIs are served whoever leads.
            Part { name: "replica", ready: true, state },
            Part {
                name: "nodes",
                ready: true,
                state: "can't join a replicated control plane yet".to_owned(),
            },
        ]
    }
}

/// Keeps what a replica says of the store and of its role up to date.
async fn look(engine: Engine, role: Arc<Role>) {
    let kv = engine.kv();
    loop {
        match leader::leader(&*kv).await {
            Ok(leader) => role.set(leader),
            // The engine says so itself.
            Err(error) => tracing::debug!(%error, "the store does not say who leads"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Leads whenever it can.
struct Candidate {
    layout: Layout,
    options: Server,
    state: State,
    listening: Listening,
    issuer: Arc<dyn Issuer>,
    trails: Arc<Trails>,
    name: String,
    role: Arc<Role>,
}

impl Candidate {
    async fn run(self, ended: CancellationToken) {
        let engine = self.state.engine.kv();
        loop {
            let term = tokio::select! {
                term = leader::lead(&engine, &self.name) => term,
                () = ended.cancelled() => return,
            };
            self.role.set(Some(self.name.clone()));
            let served = self.serve_term(&term, &ended).await;
            term.resign().await;
            if let Err(error) = served {
                tracing::error!(error = format!("{error:#}"), "this replica can't lead");
                tokio::time::sleep(CANT_LEAD).await;
            }
            if ended.is_cancelled() {
                return;
            }
        }
    }

    /// Runs the loops on a view of the store in which only this term can write.
    async fn serve_term(&self, term: &Term, ended: &CancellationToken) -> Result<()> {
        let state = State { db: Db::new(term.kv.clone()), ..self.state.clone() };
        let images = shared_images(&self.layout, &self.options)?;
        let serving = self.options.serving();
        let outside = Outside { public: None, images, issuer: self.issuer.clone() };
        let folder = self.layout.file_systems();
        let wired = Wired::new(&state, &serving, &self.listening, outside, folder, &self.trails)?;
        // Another may lead soon after the end: a pass that is under way then is dropped at once.
        let settings = Settings { grace: Duration::ZERO, ..Settings::default() };
        let runner = Runner::new(state.db.clone(), state.clock.clone(), state.ids.clone()).with(settings);
        let over = term.ended.clone();
        let mut loops = wired.spawn(&state, &runner, &over);
        loops.push(tokio::spawn(compact(self.state.engine.kv(), over.clone())));
        tokio::select! {
            () = over.cancelled() => {}
            () = ended.cancelled() => over.cancel(),
        }
        let deadline = tokio::time::Instant::now() + LOOPS_END;
        for looped in &mut loops {
            if tokio::time::timeout_at(deadline, looped).await.is_err() {
                tracing::warn!("a loop is cut off");
            }
        }
        loops.iter().for_each(tokio::task::JoinHandle::abort);
        Ok(())
    }
}

/// Cuts the store's history, which etcd would keep for ever.
async fn compact(kv: Arc<dyn Kv>, over: CancellationToken) {
    let mut seen: VecDeque<(Instant, Revision)> = VecDeque::new();
    loop {
        tokio::select! {
            () = over.cancelled() => return,
            () = tokio::time::sleep(COMPACTION) => {}
        }
        match kv.revision().await {
            Ok(revision) => seen.push_back((Instant::now(), revision)),
            Err(error) => tracing::debug!(%error, "the history is cut another time"),
        }
        let mut old = None;
        while seen.front().is_some_and(|(at, _)| at.elapsed() >= HISTORY) {
            old = seen.pop_front();
        }
        if let Some((_, revision)) = old
            && let Err(error) = kv.compact(revision).await
        {
            tracing::warn!(%error, revision, "the history could not be cut");
        }
    }
}
