//! A store in memory, a clock that is moved by hand, and callers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::{AccountId, Arn, Clock, ManualClock, SeededIds, Timestamp};
use gantry_iam_core::policy::{Kind, Policy};
use gantry_reconcile::{Next, Runner};
use gantry_secrets::loops::{ParameterPolicies, SecretDeletion};
use gantry_service::{
    Caller, Cx, Failure, Handlers, OnBehalf, Origin, Registry, RoleCredentials, RoleSession, Sealer,
};
use gantry_store::{Db, Kv, Order, Range, Redb};
use gantry_wire::{ApiError, Operation};

use crate::kms::Kms;

pub struct World {
    pub handlers: Handlers,
    pub kms: Arc<Kms>,
    clock: Arc<ManualClock>,
    db: Db,
}

/// Roles that trust every service, but for those that are named as missing.
struct Roles;

#[async_trait]
impl RoleCredentials for Roles {
    async fn may_assume(&self, _: &OnBehalf, role: &Arn, _: Timestamp) -> Result<(), Failure> {
        match role.resource().ends_with("/missing") {
            true => Err(ApiError::new("NoSuchEntity", "The role cannot be found.").into()),
            false => Ok(()),
        }
    }

    async fn credentials_for_role(
        &self,
        _: &OnBehalf,
        _: &Arn,
        _: &str,
        _: Timestamp,
    ) -> Result<RoleSession, Failure> {
        unreachable!("no session of a role is opened here")
    }
}

impl World {
    pub fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let mut registry = Registry::default();
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let iam = gantry_iam::Iam::new(db.clone(), sealer.clone(), Arc::new(SeededIds::new(8)));
        gantry_iam::register(&mut registry, &iam);
        let ids = Arc::new(SeededIds::new(7));
        gantry_secrets::register(&mut registry, db.clone(), ids, sealer, Arc::new(Roles));
        let kms = Arc::new(Kms::default());
        kms.register(&mut registry);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        World { handlers, kms, clock, db }
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    pub fn advance_days(&self, days: u64) {
        self.clock.advance(Duration::from_secs(days * 24 * 3600));
    }

    /// One pass of the loop that does what parameter policies have fall due.
    pub async fn policies_due(&self) -> Next {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)));
        runner.once(&ParameterPolicies::new(self.db.clone())).await.unwrap()
    }

    /// One pass of the loop that deletes secrets.
    pub async fn delete_due(&self) -> Next {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)));
        runner.once(&SecretDeletion::new(self.db.clone())).await.unwrap()
    }

    /// Whether the text stands anywhere in the store.
    pub async fn stored(&self, text: &str) -> bool {
        let kv: &Arc<dyn Kv> = self.db.kv();
        let all = kv.range(Range::new(vec![0], vec![0xff]), usize::MAX >> 1, Order::Ascending).await.unwrap();
        assert!(!all.kvs.is_empty());
        all.kvs.iter().any(|kv| String::from_utf8_lossy(&kv.value).contains(text))
    }

    fn cx(&self, caller: Caller, account: AccountId, region: &str) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account,
            region: region.parse().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    /// The default account's root in us-east-1.
    pub fn root(&self) -> Cx {
        self.root_of("000000000000", "us-east-1")
    }

    pub fn root_of(&self, account: &str, region: &str) -> Cx {
        let account = account.parse().unwrap();
        self.cx(Caller::root(account), account, region)
    }

    /// A service that may do one action on one resource.
    pub fn limited(&self, action: &str, resource: &str) -> Cx {
        let json = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
        );
        let policy = Arc::new(Policy::parse(Kind::Identity, &json).unwrap());
        self.cx(Caller::service("x.amazonaws.com", vec![policy]), AccountId::DEFAULT, "us-east-1")
    }

    /// Whether a call is denied.
    pub async fn denied<O: Operation>(&self, cx: &Cx, input: O::Input) -> bool
    where
        O::Input: Clone,
    {
        match self.call::<O>(cx, input).await {
            Ok(_) => false,
            Err(Failure::Denied(_)) => true,
            Err(other) => panic!("{other:?}"),
        }
    }

    pub async fn call<O: Operation>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Failure>
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(cx, input).await
    }

    /// What root's call answers.
    pub async fn ok<O: Operation>(&self, input: O::Input) -> O::Output
    where
        O::Input: Clone,
    {
        self.call::<O>(&self.root(), input).await.unwrap()
    }

    /// The error that root's call ends in.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.call::<O>(&self.root(), input).await.map(|_| ()) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }
}
