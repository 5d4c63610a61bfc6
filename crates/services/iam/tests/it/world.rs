//! One account with its administrator, and how to call as whoever.

use std::sync::Arc;
use std::time::Duration;

use gantry_api_iam as api;
use gantry_api_sts as sts;
use gantry_base::{AccountId, Clock, ManualClock, Region, SeededIds, Timestamp};
use gantry_iam::{Iam, Identities, Issuers};
use gantry_iam_core::Caller;
use gantry_service::{Cx, Failure, Handlers, OnBehalf, Origin, Registry, Sealer};
use gantry_store::{Db, Redb};
use gantry_wire::Operation;

pub const HOME: &str = "111111111111";
pub const AWAY: &str = "222222222222";

pub fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub struct World {
    pub clock: ManualClock,
    pub iam: Iam,
    pub identities: Identities,
    pub handlers: Handlers,
    pub db: Db,
}

impl World {
    pub fn new() -> World {
        World::over(Db::new(Arc::new(Redb::in_memory().unwrap())), 1)
    }

    /// A Gantry over a store, as after a restart.
    pub fn over(db: Db, seed: u64) -> World {
        World::asking(db, seed, Issuers::default())
    }

    /// One that asks issuers of tokens in this way.
    pub fn asking(db: Db, seed: u64, issuers: Issuers) -> World {
        let sealer = Sealer::new(&[7; Sealer::KEY_LENGTH]);
        let iam = Iam::new(db.clone(), sealer, Arc::new(SeededIds::new(seed))).asking(issuers);
        let mut registry = Registry::default();
        gantry_iam::register(&mut registry, &iam);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = ManualClock::at(Timestamp::from_secs(1_767_312_000));
        World { clock, identities: Identities::new(iam.clone()), iam, handlers, db }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, secs: u64) {
        self.clock.advance(Duration::from_secs(secs));
    }

    /// Calls in a region, whose partition names the caller.
    pub async fn call_in<O: Operation>(
        &self,
        region: &str,
        caller: Arc<Caller>,
        input: O::Input,
    ) -> Result<O::Output, String>
    where
        O::Input: Clone,
    {
        let region: Region = region.parse().unwrap();
        let caller = Arc::new(Caller::clone(&caller).in_partition(region.partition()));
        let cx = Cx { region, ..self.cx(caller) };
        self.handlers.call::<O>(&cx, input).await.map_err(words)
    }

    pub fn cx(&self, caller: Arc<Caller>) -> Cx {
        Cx {
            account: caller.principal.account().unwrap_or(account(HOME)),
            caller,
            key: None,
            region: Region::default(),
            request_id: "r".into(),
            now: self.now(),
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.handlers.clone(),
        }
    }

    /// Calls as the account's root.
    pub async fn root<O: Operation>(&self, input: O::Input) -> Result<O::Output, String>
    where
        O::Input: Clone,
    {
        self.call::<O>(Arc::new(Caller::root(account(HOME))), input).await
    }

    /// Calls as whoever holds the keys.
    pub async fn with_keys<O: Operation>(
        &self,
        keys: (&str, Option<&str>),
        input: O::Input,
    ) -> Result<O::Output, String>
    where
        O::Input: Clone,
    {
        let identity = self.identities.find(keys.0, keys.1, self.now()).await;
        self.call::<O>(identity.map_err(|unknown| format!("{unknown:?}"))?.caller, input).await
    }

    pub async fn call<O: Operation>(&self, caller: Arc<Caller>, input: O::Input) -> Result<O::Output, String>
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(&self.cx(caller), input).await.map_err(words)
    }

    /// A user with one inline policy and an access key; returns the key's id.
    pub async fn user(&self, name: &str, statement: &str) -> String {
        self.root::<api::CreateUser>(api::CreateUserRequest { user_name: name.into(), ..Default::default() })
            .await
            .unwrap();
        if !statement.is_empty() {
            self.root::<api::PutUserPolicy>(api::PutUserPolicyRequest {
                user_name: name.into(),
                policy_name: "inline".into(),
                policy_document: document(statement),
            })
            .await
            .unwrap();
        }
        let created = self
            .root::<api::CreateAccessKey>(api::CreateAccessKeyRequest { user_name: Some(name.into()) })
            .await
            .unwrap();
        created.access_key.access_key_id
    }

    /// A role whose trust policy has this statement.
    pub async fn role(&self, name: &str, statement: &str) -> Result<api::Role, String> {
        let request = api::CreateRoleRequest {
            role_name: name.into(),
            assume_role_policy_document: document(statement),
            ..Default::default()
        };
        Ok(self.root::<api::CreateRole>(request).await?.role)
    }

    pub async fn put_role_policy(&self, role: &str, statement: &str) {
        self.root::<api::PutRolePolicy>(api::PutRolePolicyRequest {
            role_name: role.into(),
            policy_name: "inline".into(),
            policy_document: document(statement),
        })
        .await
        .unwrap();
    }

    pub async fn assume(&self, key: &str, role: &str) -> Result<sts::Credentials, String> {
        let request = assume(role);
        Ok(self.with_keys::<sts::AssumeRole>((key, None), request).await?.credentials.unwrap())
    }
}

/// A service at work for the home account.
pub fn by(service: &'static str) -> OnBehalf {
    OnBehalf { service, source: format!("arn:aws:ecs:us-east-1:{HOME}:*").parse().unwrap() }
}

/// The request for a session of a role at home.
pub fn assume(role: &str) -> sts::AssumeRoleRequest {
    sts::AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{HOME}:role/{role}"),
        role_session_name: "s1".into(),
        ..Default::default()
    }
}

pub fn document(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#)
}

pub const ALLOW_ALL: &str = r#""Effect":"Allow","Action":"*","Resource":"*""#;
pub const TRUST_ACCOUNT: &str =
    r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole""#;
pub const TRUST_TASKS: &str =
    r#""Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole""#;

/// What a user would see: the code and the text.
pub fn words(failure: Failure) -> String {
    match failure {
        Failure::Answer(error) => format!("{}: {}", error.code, error.message),
        Failure::Denied(denial) => format!("AccessDenied: {denial}"),
        Failure::Conflict => "conflict".into(),
        Failure::Internal(text) => format!("internal: {text}"),
    }
}
