//! AWS's services, wired to the store and to each other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gantry_base::{Authority, Clock};
use gantry_cloudtrail::{Recorder, Trail};
use gantry_ecr::{Blobs, Ecr, S3, S3Key};
use gantry_ecs::Ecs;
use gantry_gateway::Local;
use gantry_iam::{Iam, Identities};
use gantry_reconcile::Runner;
use gantry_service::{Handlers, Registry};
use gantry_store::{Kv, Redb};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Listening;
use super::door::Lookup;
use super::node::reachable;
use super::state::State;
use crate::cli::Up;
use crate::layout::Layout;

/// The one node of a Gantry that is all on one machine.
const NODE: &str = "local";
/// How containers reach Gantry: their node's agent leads them on.
const TASK_ENDPOINT: &str = "http://169.254.170.2:4566";
/// How long the loops may take to end.
const LOOPS_END: Duration = Duration::from_secs(10);

/// The services of one control plane. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub handlers: Handlers,
    pub identities: Arc<Lookup>,
    pub iam: Iam,
    pub ecs: Ecs,
    pub registry: Local,
    pub audit: Arc<Recorder>,
    /// Where the events of CloudWatch Logs are.
    pub log_events: Arc<Redb>,
    pub node_id: String,
    clock: Arc<dyn Clock>,
    loops: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// Whoever may stop this process may stop what runs under it.
struct Operator(&'static str);

impl Authority for Operator {
    fn describe(&self) -> String {
        format!("the operator of this machine: {}", self.0)
    }
}

impl Services {
    /// Registers what is served and starts the loops, which end with `ended`.
    pub fn start(
        state: &State,
        layout: &Layout,
        options: &Up,
        listening: &Listening,
        public: Option<gantry_ec2::Ipv4Block>,
        ended: &CancellationToken,
    ) -> Result<Services> {
        let State { db, sealer, ids, clock, .. } = state;
        let handlers = Handlers::new();
        let iam = Iam::new(db.clone(), sealer.clone(), ids.clone());
        let identities = Arc::new(Lookup(Identities::new(iam.clone())));
        let ecr = ecr(state, layout, options, listening)?;
        let ecs = ecs(state, &handlers, &iam, options, listening);
        let log_events = Arc::new(Redb::open(layout.logs())?);
        let events: Arc<dyn Kv> = log_events.clone();

        let trail = Trail::open(&layout.audit(), gantry_cloudtrail::Limits::default());
        let trail = Arc::new(trail.context("the audit trail can't be opened")?);
        let audit = Arc::new(Recorder { trail, clock: clock.clone(), ids: ids.clone() });

        let mut registry = Registry::default();
        gantry_cloudtrail::register(&mut registry, &audit.trail);
        gantry_iam::register(&mut registry, &iam);
        gantry_ec2::register(&mut registry, db.clone(), ids.clone(), public);
        gantry_kms::register(&mut registry, db.clone(), ids.clone(), sealer.clone());
        gantry_secrets::register(&mut registry, db.clone(), ids.clone(), sealer.clone());
        gantry_logs::register(&mut registry, db.clone(), events.clone(), ids.clone());
        ecr.register(&mut registry);
        ecs.register(&mut registry);
        handlers.open(registry);

        let runner = Runner::new(db.clone(), clock.clone(), ids.clone());
        let mut loops = gantry_ecs::loops::spawn(&ecs, &runner, ended);
        loops.extend(gantry_ecr::loops::spawn(&ecr, &runner, ended));
        loops.extend(gantry_secrets::loops::spawn(db, &runner, ended));
        loops.extend(gantry_logs::loops::spawn(db, &events, &runner, ended));
        loops.extend(gantry_kms::loops::spawn(db, ids.clone(), sealer.clone(), &runner, ended));
        let front = front(state, options, &handlers, &ecr, &identities);
        Ok(Services {
            handlers,
            identities,
            iam,
            ecs,
            registry: Arc::new(move |request, origin| {
                let front = front.clone();
                Box::pin(async move { front.serve(request, origin).await })
            }),
            audit,
            log_events,
            node_id: NODE.to_owned(),
            clock: clock.clone(),
            loops: Arc::new(Mutex::new(loops)),
        })
    }

    /// How many tasks there are in each status, over all accounts and regions.
    pub async fn task_counts(&self) -> Result<Value> {
        let counts = self.ecs.task_counts().await.map_err(broken)?;
        Ok(serde_json::to_value(counts)?)
    }

    /// How many tasks have not stopped.
    pub async fn unfinished_tasks(&self) -> Result<u64> {
        let counts = self.ecs.task_counts().await.map_err(broken)?;
        Ok(counts.iter().filter(|(status, _)| *status != "STOPPED").map(|(_, count)| count).sum())
    }

    /// Wants every task stopped, with this reason.
    pub async fn stop_tasks(&self, reason: &'static str) -> Result<()> {
        let now = self.clock.now();
        self.ecs.stop_all_tasks(reason, &Operator(reason), now).await.map_err(broken)
    }

    /// Waits for the loops, which were told to end.
    pub async fn end(&self) {
        let loops = std::mem::take(&mut *self.loops.lock().unwrap_or_else(PoisonError::into_inner));
        let all = futures::future::join_all(loops);
        if tokio::time::timeout(LOOPS_END, all).await.is_err() {
            tracing::warn!("some loops were cut off in a pass");
        }
    }
}

fn broken(failure: gantry_service::Failure) -> anyhow::Error {
    anyhow!("the store does not answer: {failure:?}")
}

fn ecr(state: &State, layout: &Layout, options: &Up, listening: &Listening) -> Result<Ecr> {
    let blobs = match &options.images {
        None => Blobs::local(&layout.blobs()).context("the folder of images can't be used")?,
        Some(s3) => Blobs::s3(s3, s3_key()?, &layout.blobs()).with_context(|| s3.to_string())?,
    };
    images_stay(layout, options.images.as_ref())?;
    let config = gantry_ecr::Config {
        domain: options.domain.clone(),
        port: listening.plain.port(),
        ..Default::default()
    };
    Ok(Ecr::new(state.db.clone(), blobs, state.ids.clone(), state.sealer.clone(), config))
}

fn s3_key() -> Result<Option<S3Key>> {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (given("GANTRY_S3_ACCESS_KEY_ID"), given("GANTRY_S3_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => Ok(Some(S3Key { id, secret })),
        (None, None) => Ok(None),
        _ => bail!(
            "GANTRY_S3_ACCESS_KEY_ID and GANTRY_S3_SECRET_ACCESS_KEY go together; one of them is not set"
        ),
    }
}

/// Refuses to start where images are now to be looked for in another place than they were put in.
fn images_stay(layout: &Layout, s3: Option<&S3>) -> Result<()> {
    let note = layout.blobs().join("place");
    let wanted = s3.map_or_else(|| "here".to_owned(), S3::to_string);
    let here = || {
        let folder = layout.blobs();
        anyhow!("this Gantry keeps its images in {}; start it without --images", folder.display())
    };
    match std::fs::read_to_string(&note) {
        Ok(kept) if kept == wanted => Ok(()),
        Ok(kept) if kept == "here" => Err(here()),
        Ok(kept) => bail!("this Gantry keeps its images in {kept}; start it with --images '{kept}'"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Gantries from before there was a choice have no note.
            let objects = std::fs::read_dir(layout.blobs().join("sha256"));
            if s3.is_some() && objects.is_ok_and(|mut objects| objects.next().is_some()) {
                return Err(here());
            }
            crate::layout::write_private(&note, wanted.as_bytes())
        }
        Err(error) => Err(error).with_context(|| format!("{} can't be read", note.display())),
    }
}

fn ecs(state: &State, handlers: &Handlers, iam: &Iam, options: &Up, listening: &Listening) -> Ecs {
    Ecs::new(gantry_ecs::Parts {
        db: state.db.clone(),
        clock: state.clock.clone(),
        ids: state.ids.clone(),
        siblings: handlers.clone(),
        roles: Arc::new(iam.clone()),
        sealer: state.sealer.clone(),
        config: gantry_ecs::Config {
            registry_url: format!("http://{}", reachable(listening.plain)),
            registry_ports: vec![listening.plain.port(), listening.secure.port()],
            domain: options.domain.clone(),
            task_endpoint_url: TASK_ENDPOINT.to_owned(),
        },
    })
}

fn front(
    state: &State,
    options: &Up,
    handlers: &Handlers,
    ecr: &Ecr,
    identities: &Arc<Lookup>,
) -> gantry_registry::Registry {
    gantry_registry::Registry::new(gantry_registry::Parts {
        repositories: Arc::new(ecr.clone()),
        passwords: Arc::new(ecr.clone()),
        credentials: identities.clone(),
        development: options.dev.then_some(options.account),
        region: options.region.clone(),
        clock: state.clock.clone(),
        ids: state.ids.clone(),
        siblings: handlers.clone(),
    })
}
