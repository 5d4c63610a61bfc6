//! A store in memory with EC2 and KMS beside EFS, and a folder for file systems.

use std::sync::Arc;

use gantry_api_ec2 as ec2;
use gantry_api_efs as api;
use gantry_base::{AccountId, Clock, Ids, ManualClock, SeededIds, Timestamp};
use gantry_efs::Efs;
use gantry_reconcile::{Loop, Next, Runner};
use gantry_service::{Caller, Cx, Failure, Handlers, Origin, Registry, Sealer};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation};

pub struct World {
    pub efs: Efs,
    pub folder: tempfile::TempDir,
    handlers: Handlers,
    clock: Arc<ManualClock>,
    db: Db,
}

impl World {
    pub fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let folder = tempfile::tempdir().unwrap();
        let efs = Efs::new(db.clone(), ids.clone(), folder.path().to_owned());
        let mut registry = Registry::default();
        efs.register(&mut registry);
        let iam = gantry_iam::Iam::new(db.clone(), Sealer::new(&[7; Sealer::KEY_LENGTH]), ids.clone());
        gantry_iam::register(&mut registry, &iam);
        gantry_ec2::register(&mut registry, db.clone(), ids.clone(), None);
        gantry_kms::register(&mut registry, db.clone(), ids, Sealer::new(&[7; Sealer::KEY_LENGTH]));
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        World { efs, folder, handlers, clock, db }
    }

    pub fn cx(&self, caller: Caller) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account: AccountId::DEFAULT,
            region: "us-east-1".parse().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.handlers.clone(),
        }
    }

    pub fn root(&self) -> Cx {
        self.cx(Caller::root(AccountId::DEFAULT))
    }

    /// Runs a loop until it has nothing more to do now.
    pub async fn settle(&self, looped: impl Loop) {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)));
        while runner.once(&looped).await.unwrap() == Next::Again {}
    }

    /// What root's call answers.
    pub async fn ok<O: Operation>(&self, input: O::Input) -> O::Output
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(&self.root(), input).await.unwrap()
    }

    /// The error that root's call ends in.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.handlers.call::<O>(&self.root(), input).await.map(|_| ()) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }

    /// A file system made with that token.
    pub async fn file_system(&self, token: &str) -> String {
        let input = api::CreateFileSystemRequest { creation_token: token.into(), ..Default::default() };
        self.ok::<api::CreateFileSystem>(input).await.file_system_id
    }

    /// Ids of the default VPC's subnets.
    pub async fn subnets(&self) -> Vec<String> {
        let subnets = self.ok::<ec2::DescribeSubnets>(Default::default()).await.subnets.unwrap();
        subnets.into_iter().map(|subnet| subnet.subnet_id.unwrap()).collect()
    }
}
