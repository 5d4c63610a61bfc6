//! A store in memory, a clock that is moved by hand, and callers.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_iam as iam;
use gantry_base::{AccountId, Clock, ManualClock, SeededIds, Timestamp};
use gantry_iam::Iam;
use gantry_iam_core::policy::{Kind, Policy};
use gantry_kms::Kms;
use gantry_kms::loops::{KeyDeletion, KeyExpiry, KeyRotation};
use gantry_reconcile::{Next, Runner};
use gantry_service::{Caller, Cx, Failure, Handlers, Origin, Principal, Registry, Sealer};
use gantry_store::{Db, Kv, Order, Range, Redb};
use gantry_wire::{ApiError, Operation};

pub struct World {
    handlers: Handlers,
    clock: Arc<ManualClock>,
    db: Db,
}

impl World {
    pub fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let mut registry = Registry::default();
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let iam = Iam::new(db.clone(), sealer.clone(), Arc::new(SeededIds::new(8)));
        gantry_iam::register(&mut registry, &iam);
        gantry_kms::register(&mut registry, db.clone(), Arc::new(SeededIds::new(7)), sealer);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        World { handlers, clock, db }
    }

    pub fn advance_days(&self, days: u64) {
        self.clock.advance(Duration::from_secs(days * 24 * 3600));
    }

    fn runner(&self) -> Runner {
        Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)))
    }

    /// One pass of the loop that deletes keys.
    pub async fn delete_due(&self) -> Next {
        self.runner().once(&KeyDeletion::new(self.db.clone())).await.unwrap()
    }

    /// One pass of the loop that takes expired materials away.
    pub async fn expire_due(&self) -> Next {
        self.runner().once(&KeyExpiry::new(self.db.clone())).await.unwrap()
    }

    /// One pass of the loop that rotates keys.
    pub async fn rotate_due(&self) -> Next {
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let kms = Kms::new(self.db.clone(), Arc::new(SeededIds::new(9)), sealer);
        self.runner().once(&KeyRotation::new(kms)).await.unwrap()
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

    /// A user of an account with an identity policy of these actions on everything. IAM knows nothing of them, so no policy
    /// can name them.
    pub fn user_of(&self, account: &str, name: &str, actions: &[&str]) -> Cx {
        self.user_with(account, name, "AIDAAAAAAAAAAAAAAAAAA", actions)
    }

    /// A user of the default account whom policies can name.
    pub async fn made_user(&self, name: &str, actions: &[&str]) -> Cx {
        let input = iam::CreateUserRequest { user_name: name.to_owned(), ..Default::default() };
        let user = self.ok::<iam::CreateUser>(input).await.user.unwrap();
        self.user_with("000000000000", name, &user.user_id, actions)
    }

    fn user_with(&self, account: &str, name: &str, id: &str, actions: &[&str]) -> Cx {
        let account: AccountId = account.parse().unwrap();
        let mut caller = Caller::new(Principal::User {
            account,
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            id: id.into(),
            name: name.into(),
        });
        if !actions.is_empty() {
            let statement = serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
            let document = serde_json::json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
            caller.policies.identity.push(Arc::new(Policy::parse(Kind::Identity, &document).unwrap()));
        }
        self.cx(caller, account, "us-east-1")
    }

    /// A user of the default account.
    pub fn user(&self, name: &str, actions: &[&str]) -> Cx {
        self.user_of("000000000000", name, actions)
    }

    /// Whether a call is denied; any other failure is one of the test.
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
