//! AWS's services, wired to the store and to each other.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gantry_acm::{Acm, Issuer};
use gantry_base::{Authority, Clock};
use gantry_cloudmap::CloudMap;
use gantry_cloudtrail::{Recorder, Trail, Trails};
use gantry_ecr::{Blobs, Ecr, Upstreams};
use gantry_ecs::Ecs;
use gantry_efs::Efs;
use gantry_elb::Elb;
use gantry_exec::DataChannels;
use gantry_gateway::Local;
use gantry_iam::{Iam, Identities, Issuers};
use gantry_objects::{Buckets, NoBuckets, S3, S3Buckets, S3Key};
use gantry_reconcile::Runner;
use gantry_service::{Failure, Handlers, Registry};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Listening;
use super::carried::Carried;
use super::door::Lookup;
use super::node::reachable;
use super::siblings::Siblings;
use super::state::{Engine, State};
use crate::cli::Up;
use crate::layout::Layout;

/// The one node of a Gantry that is all on one machine.
const NODE: &str = "local";
/// How containers reach Gantry: their node's agent leads them on.
const TASK_ENDPOINT: &str = "http://169.254.170.2:4566";
/// How often last uses of keys and roles are written.
const USES_WRITTEN: Duration = Duration::from_secs(60);
/// How long the loops may take to end.
const LOOPS_END: Duration = Duration::from_secs(10);

/// The services of one control plane. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub handlers: Handlers,
    pub identities: Arc<Lookup>,
    pub iam: Iam,
    pub ecs: Ecs,
    pub elb: Elb,
    pub registry: Local,
    /// Of sessions in containers.
    pub data_channels: DataChannels,
    pub audit: Arc<Recorder>,
    /// Answers other replicas, where there are others.
    pub replicas: Option<Local>,
    /// Where the events of CloudWatch Logs are.
    pub log_events: Engine,
    pub node_id: String,
    /// The trails of all replicas.
    pub trails: Arc<Trails>,
    /// What load balancers carried.
    pub carried: Carried,
    clock: Arc<dyn Clock>,
    wired: Wired,
    loops: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// What services have from outside of the store.
pub struct Outside {
    /// Where public addresses come from.
    pub public: Option<gantry_ec2::Ipv4Block>,
    pub images: Blobs,
    /// Whoever signs certificates.
    pub issuer: Arc<dyn Issuer>,
}

/// The services on one view of the store. A leader's loops have one of their own, so that what they write, and
/// what the operations write that they call, holds only while it leads.
#[derive(Clone)]
pub struct Wired {
    handlers: Handlers,
    iam: Iam,
    ecr: Ecr,
    ecs: Ecs,
    efs: Efs,
    elb: Elb,
    cloud_map: CloudMap,
}

impl Wired {
    pub fn new(
        state: &State,
        options: &Up,
        listening: &Listening,
        outside: Outside,
        file_systems: PathBuf,
        trails: &Arc<Trails>,
    ) -> Result<Wired> {
        let Outside { public, images, issuer } = outside;
        let State { db, sealer, ids, .. } = state;
        let handlers = Handlers::new();
        let iam = Iam::new(db.clone(), sealer.clone(), ids.clone())
            .asking(issuers(options)?)
            .for_development(options.dev);
        let ecr = ecr(state, images, options, listening, &iam);
        let efs = Efs::new(db.clone(), ids.clone(), file_systems);
        let buckets = buckets(options)?;
        let ecs = ecs(state, &handlers, &iam, &efs, &buckets, options, listening);
        let acm = Acm::new(db.clone(), ids.clone(), sealer.clone(), Some(issuer));
        let elb = elb(state, &handlers, &acm, &buckets, options);
        let cloud_map = CloudMap::new(db.clone(), ids.clone());
        let mut registry = Registry::default();
        gantry_cloudtrail::register(&mut registry, trails);
        gantry_iam::register(&mut registry, &iam);
        gantry_ec2::register(&mut registry, db.clone(), ids.clone(), public);
        gantry_kms::register(&mut registry, db.clone(), ids.clone(), sealer.clone());
        let roles = Arc::new(iam.clone());
        gantry_secrets::register(&mut registry, db.clone(), ids.clone(), sealer.clone(), roles);
        gantry_logs::register(
            &mut registry,
            db.clone(),
            state.log_events.kv(),
            ids.clone(),
            state.clock.clone(),
        );
        ecr.register(&mut registry);
        ecs.register(&mut registry);
        efs.register(&mut registry);
        acm.register(&mut registry);
        elb.register(&mut registry);
        cloud_map.register(&mut registry);
        handlers.open(registry);
        Ok(Wired { handlers, iam, ecr, ecs, efs, elb, cloud_map })
    }

    /// Runs every loop until `ended`.
    pub fn spawn(&self, state: &State, runner: &Runner, ended: &CancellationToken) -> Vec<JoinHandle<()>> {
        let State { db, sealer, ids, .. } = state;
        let mut loops = gantry_ecs::loops::spawn(&self.ecs, runner, ended);
        loops.extend(gantry_elb::loops::spawn(&self.elb, runner, ended));
        loops.extend(gantry_ecr::loops::spawn(&self.ecr, runner, ended));
        loops.extend(gantry_efs::loops::spawn(&self.efs, runner, ended));
        loops.extend(gantry_cloudmap::loops::spawn(&self.cloud_map, runner, ended));
        loops.extend(gantry_secrets::loops::spawn(db, runner, ended));
        loops.extend(gantry_logs::loops::spawn(db, &state.log_events.kv(), runner, ended));
        loops.extend(gantry_kms::loops::spawn(db, ids.clone(), sealer.clone(), runner, ended));
        loops
    }
}

/// Whoever may stop this process may stop what runs under it.
struct Operator(&'static str);

impl Authority for Operator {
    fn describe(&self) -> String {
        format!("the operator of this machine: {}", self.0)
    }
}

impl Services {
    /// Registers what is served.
    pub fn start(
        state: &State,
        layout: &Layout,
        options: &Up,
        listening: &Listening,
        outside: Outside,
        siblings: Option<&Siblings>,
    ) -> Result<Services> {
        let trail = Trail::open(&layout.audit(), gantry_cloudtrail::Limits::default());
        let trail = Arc::new(trail.context("the audit trail can't be opened")?);
        let audit = Arc::new(Recorder { trail, clock: state.clock.clone(), ids: state.ids.clone() });
        let trails = match siblings {
            None => Trails::alone(audit.trail.clone()),
            Some(siblings) => siblings.trails(&audit.trail),
        };
        let wired = Wired::new(state, options, listening, outside, layout.file_systems(), &trails)?;
        let identities = Arc::new(Lookup(Identities::new(wired.iam.clone())));
        let front = front(state, options, &wired.handlers, &wired.ecr, &identities, &audit);
        Ok(Services {
            handlers: wired.handlers.clone(),
            identities,
            iam: wired.iam.clone(),
            ecs: wired.ecs.clone(),
            elb: wired.elb.clone(),
            registry: Arc::new(move |request, origin| {
                let front = front.clone();
                Box::pin(async move { front.serve(request, origin).await })
            }),
            data_channels: DataChannels::new(Arc::new(wired.ecs.clone())),
            replicas: siblings.map(|siblings| siblings.answers(&audit.trail, &state.clock)),
            audit,
            trails,
            carried: Carried::default(),
            log_events: state.log_events.clone(),
            node_id: NODE.to_owned(),
            clock: state.clock.clone(),
            wired,
            loops: Arc::default(),
        })
    }

    /// Starts the loops, which end with `ended`: for a Gantry that has its store for itself.
    pub fn begin_loops(&self, state: &State, ended: &CancellationToken) {
        let runner = Runner::new(state.db.clone(), state.clock.clone(), state.ids.clone());
        let loops = self.wired.spawn(state, &runner, ended);
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).extend(loops);
    }

    /// Removes all that is in the file systems of EFS.
    pub async fn clear_file_systems(&self) -> std::io::Result<()> {
        self.wired.efs.clear().await
    }

    /// Writes down now and then when keys and roles were last used, until `ended`: each replica what it took.
    pub fn keep_uses(&self, ended: &CancellationToken) {
        let (iam, clock, ended) = (self.iam.clone(), self.clock.clone(), ended.clone());
        let keeping = tokio::spawn(async move {
            loop {
                let over = tokio::time::timeout(USES_WRITTEN, ended.cancelled()).await.is_ok();
                if let Err(failure) = iam.write_uses(clock.now(), over).await {
                    tracing::warn!(why = reason(&failure), "last uses of keys and roles can't be written");
                }
                if over {
                    return;
                }
            }
        });
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).push(keeping);
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

    /// Wants every task stopped, with this reason. Services start no others for `meanwhile`.
    pub async fn stop_tasks(&self, reason: &'static str, meanwhile: Duration) -> Result<()> {
        let now = self.clock.now();
        self.ecs.keep_still(now + meanwhile);
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

pub(super) fn broken(failure: Failure) -> anyhow::Error {
    anyhow!("the store does not answer: {}", reason(&failure))
}

/// Why something of ours failed, for whoever runs this Gantry.
pub fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Answer(error) => format!("{}: {}", error.code, error.message),
        Failure::Denied(denial) => denial.to_string(),
        Failure::Conflict => "others wrote the same at the same time".to_owned(),
        Failure::Internal(why) => why.clone(),
    }
}

/// How issuers of web identity tokens are asked for their keys. In development those on this machine may do without
/// TLS.
fn issuers(options: &Up) -> Result<Issuers> {
    let issuers = Issuers::trusting(options.issuers.oidc_ca.as_deref(), options.dev);
    issuers.map_err(|why| anyhow!("--oidc-ca can't be used: {why}"))
}

/// Where the images are.
pub fn images(layout: &Layout, options: &Up) -> Result<Blobs> {
    let blobs = match &options.images {
        None => Blobs::local(&layout.blobs()).context("the folder of images can't be used")?,
        Some(s3) => Blobs::s3(s3, s3_key()?, &layout.blobs()).with_context(|| s3.to_string())?,
    };
    images_stay(layout, options.images.as_ref())?;
    Ok(blobs)
}

/// The buckets that users name.
fn buckets(options: &Up) -> Result<Arc<dyn Buckets>> {
    let buckets: Arc<dyn Buckets> = match &options.buckets.s3 {
        None => Arc::new(NoBuckets),
        Some(store) => Arc::new(S3Buckets::new(store.clone(), s3_key()?, options.images.as_ref())),
    };
    Ok(buckets)
}

fn ecr(state: &State, images: Blobs, options: &Up, listening: &Listening, iam: &Iam) -> Ecr {
    let config = gantry_ecr::Config {
        domain: options.domain.clone(),
        port: listening.plain.port(),
        ..Default::default()
    };
    let mirrors = options.upstreams.upstreams.iter();
    let mirrors = mirrors.map(|upstream| (upstream.host.clone(), upstream.url.clone())).collect();
    Ecr::new(state.db.clone(), images, state.ids.clone(), state.sealer.clone(), config)
        .reaching(Upstreams::mirrored(mirrors), Arc::new(iam.clone()))
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
    let note = layout.images_place();
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

fn ecs(
    state: &State,
    handlers: &Handlers,
    iam: &Iam,
    efs: &Efs,
    buckets: &Arc<dyn Buckets>,
    options: &Up,
    listening: &Listening,
) -> Ecs {
    Ecs::new(gantry_ecs::Parts {
        db: state.db.clone(),
        clock: state.clock.clone(),
        ids: state.ids.clone(),
        siblings: handlers.clone(),
        roles: Arc::new(iam.clone()),
        file_systems: Arc::new(efs.clone()),
        buckets: buckets.clone(),
        activations: Arc::new(gantry_secrets::ssm::activation::Redeemer),
        sealer: state.sealer.clone(),
        config: gantry_ecs::Config {
            registry_url: format!("http://{}", reachable(listening.plain)),
            registry_ports: vec![listening.plain.port(), listening.secure.port()],
            domain: options.domain.clone(),
            task_endpoint_url: TASK_ENDPOINT.to_owned(),
            keep_stopped: std::time::Duration::from_secs(3600 * u64::from(options.keep_stopped_tasks)),
            lost_after: std::time::Duration::from_secs(options.lost_after.into()),
            session_silence: gantry_node_proto::SILENCE,
        },
    })
}

fn elb(state: &State, handlers: &Handlers, acm: &Acm, buckets: &Arc<dyn Buckets>, options: &Up) -> Elb {
    Elb::new(gantry_elb::Parts {
        db: state.db.clone(),
        clock: state.clock.clone(),
        ids: state.ids.clone(),
        siblings: handlers.clone(),
        certificates: Arc::new(acm.clone()),
        buckets: buckets.clone(),
        domain: options.domain.clone(),
    })
}

fn front(
    state: &State,
    options: &Up,
    handlers: &Handlers,
    ecr: &Ecr,
    identities: &Arc<Lookup>,
    audit: &Arc<Recorder>,
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
        audit: audit.clone(),
    })
}
