//! A whole ECS in one process.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_ecs as api;
use gantry_base::{AccountId, Clock, ManualClock, Region, SeededIds, Timestamp};
use gantry_ecs::{Config, Ecs, Parts, loops};
use gantry_iam_core::{Caller, Kind, Policy, Principal};
use gantry_objects::InMemory;
use gantry_reconcile::Runner;
use gantry_service::{Cx, Failure, Handlers, Origin, Registry, Sealer};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::siblings::{Roles, Siblings};

pub const ACCOUNT: &str = "123456789012";
/// When every world begins.
pub const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// One file system, `fs-1`, of which only `/data` is there.
struct FileSystemsOf;

#[async_trait::async_trait]
impl gantry_service::FileSystems for FileSystemsOf {
    async fn mount(
        &self,
        _: &gantry_service::Cx,
        wanted: &gantry_service::WantedMount,
    ) -> Result<gantry_service::MountedDirectory, gantry_service::Failure> {
        if wanted.file_system_id != "fs-1" || wanted.path != "/data" {
            return Err(gantry_wire::ApiError::new("FileSystemNotFound", "it is not there").into());
        }
        Ok(gantry_service::MountedDirectory {
            path: "/efs/fs-1/data".into(),
            user: None,
            read_only: true,
            root: true,
        })
    }
}

/// One activation, `activation-1`, whose code is `code`.
struct ActivationsOf;

#[async_trait::async_trait]
impl gantry_service::Activations for ActivationsOf {
    async fn redeem(
        &self,
        _: &mut gantry_store::Tx,
        id: &str,
        code: &str,
        _: Timestamp,
    ) -> Result<Option<gantry_service::Activated>, gantry_store::StoreError> {
        let good = (id, code) == ("activation-1", "code");
        Ok(good.then(|| gantry_service::Activated {
            account: ACCOUNT.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
        }))
    }
}

/// There are no certificates.
struct NoCertificates;

#[async_trait::async_trait]
impl gantry_service::Certificates for NoCertificates {
    async fn certificate(
        &self,
        _: &gantry_base::Arn,
    ) -> Result<Option<gantry_service::KeyedCertificate>, Failure> {
        Ok(None)
    }
}

pub struct World {
    pub ecs: Ecs,
    pub elb: gantry_elb::Elb,
    pub db: Db,
    pub clock: Arc<ManualClock>,
    pub handlers: Handlers,
    pub siblings: Arc<Siblings>,
    pub roles: Arc<Roles>,
    /// One is there: `settings`.
    pub buckets: Arc<InMemory>,
    pub runner: Runner,
    pub stop: CancellationToken,
    _end: DropGuard,
}

impl World {
    /// A world whose loops run.
    pub fn new() -> World {
        let world = World::still();
        loops::spawn(&world.ecs, &world.runner, &world.stop);
        world
    }

    /// A world whose loops don't.
    pub fn still() -> World {
        World::over(Db::new(Arc::new(Redb::in_memory().unwrap())))
    }

    /// The same over a store that has seen another before.
    pub fn over(db: Db) -> World {
        let clock = Arc::new(ManualClock::at(START));
        let ids = Arc::new(SeededIds::new(42));
        let handlers = Handlers::new();
        let siblings = Arc::new(Siblings::default());
        let roles = Arc::new(Roles::default());
        let config = Config {
            registry_url: "http://127.0.0.1:4566".into(),
            registry_ports: vec![4566],
            domain: "gantry.test".into(),
            task_endpoint_url: "http://169.254.170.2:4566".into(),
            keep_stopped: loops::FORGET_AFTER,
            lost_after: loops::loss::LOST_AFTER,
            // Tests go by their own clock, and simulated nodes say nothing unless they are told to.
            session_silence: std::time::Duration::from_secs(3600),
        };
        let buckets = Arc::new(InMemory::with(["settings"]));
        let ecs = Ecs::new(Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            siblings: handlers.clone(),
            roles: roles.clone(),
            file_systems: Arc::new(FileSystemsOf),
            buckets: buckets.clone(),
            activations: Arc::new(ActivationsOf),
            sealer: Sealer::new(&[7; 32]),
            config,
        });
        let mut registry = Registry::default();
        ecs.register(&mut registry);
        siblings.register(&mut registry);
        gantry_cloudmap::CloudMap::new(db.clone(), ids.clone()).register(&mut registry);
        let elb = gantry_elb::Elb::new(gantry_elb::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            siblings: handlers.clone(),
            certificates: Arc::new(NoCertificates),
            buckets: buckets.clone(),
            domain: "gantry.test".into(),
        });
        elb.register(&mut registry);
        handlers.open(registry);
        let runner = Runner::new(db.clone(), clock.clone(), ids);
        let stop = CancellationToken::new();
        let end = stop.clone().drop_guard();
        World { ecs, elb, db, clock, handlers, siblings, roles, buckets, runner, stop, _end: end }
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn account(&self) -> AccountId {
        ACCOUNT.parse().unwrap()
    }

    fn cx(&self, caller: Caller) -> Cx {
        let region: Region = "us-east-1".parse().unwrap();
        Cx {
            caller: Arc::new(caller),
            key: None,
            account: self.account(),
            region,
            request_id: "test".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    /// The account's root.
    pub fn root(&self) -> Cx {
        self.cx(Caller::root(self.account()))
    }

    /// A user with one policy.
    pub fn user(&self, policy: &str) -> Cx {
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
        let principal =
            Principal::User { account: self.account(), arn, id: "AIDAANN".into(), name: "ann".into() };
        let mut caller = Caller::new(principal);
        caller.policies.identity = vec![Arc::new(Policy::parse(Kind::Identity, policy).unwrap())];
        self.cx(caller)
    }

    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, Failure>
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(&self.root(), input).await
    }

    /// The error of a call that must fail.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.call::<O>(input).await {
            Err(Failure::Answer(error)) => error,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{} went through", O::NAME),
        }
    }

    /// Registers a document of AWS's JSON, and makes the default cluster to run it in.
    pub async fn register(&self, document: serde_json::Value) -> api::TaskDefinition {
        self.call::<api::CreateCluster>(Default::default()).await.unwrap();
        let input = gantry_wire::from_json(&document).unwrap();
        self.call::<api::RegisterTaskDefinition>(input).await.unwrap().task_definition.unwrap()
    }

    /// A Fargate definition with one container.
    pub async fn register_web(&self) {
        self.register(serde_json::json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox:1.36", "command": ["sleep", "60"]}],
        }))
        .await;
    }

    /// The same with these ports and a check, of whose outcome the node tells.
    pub async fn register_checked(&self, ports: serde_json::Value) {
        self.register(serde_json::json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{
                "name": "app", "image": "busybox:1.36", "portMappings": ports,
                "healthCheck": {"command": ["CMD-SHELL", "false"]},
            }],
        }))
        .await;
    }

    /// A run of `web` in the default cluster.
    pub fn run_web(&self) -> api::RunTaskRequest {
        api::RunTaskRequest {
            task_definition: "web".into(),
            launch_type: Some("FARGATE".into()),
            network_configuration: Some(network(&["subnet-a"])),
            ..Default::default()
        }
    }

    pub async fn run(&self, input: api::RunTaskRequest) -> Vec<api::Task> {
        let answer = self.call::<api::RunTask>(input).await.unwrap();
        assert!(answer.failures.unwrap().is_empty());
        answer.tasks.unwrap()
    }

    pub async fn describe(&self, arn: &str) -> api::Task {
        let input = api::DescribeTasksRequest {
            tasks: vec![arn.into()],
            include: Some(vec!["TAGS".into()]),
            ..Default::default()
        };
        self.call::<api::DescribeTasks>(input).await.unwrap().tasks.unwrap().remove(0)
    }

    /// The task once it has that status.
    pub async fn until(&self, arn: &str, status: &str) -> api::Task {
        for _ in 0..20_000 {
            let task = self.describe(arn).await;
            if task.last_status.as_deref() == Some(status) {
                return task;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let task = self.describe(arn).await;
        panic!("the task is {:?} and not {status}: {:?}", task.last_status, task.stopped_reason);
    }
}

pub fn network(subnets: &[&str]) -> api::NetworkConfiguration {
    api::NetworkConfiguration {
        awsvpc_configuration: Some(api::AwsVpcConfiguration {
            subnets: subnets.iter().map(|one| one.to_string()).collect(),
            ..Default::default()
        }),
    }
}
