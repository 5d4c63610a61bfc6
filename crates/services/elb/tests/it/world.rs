//! A store in memory, a clock that is set, callers, and a certificate.

use std::sync::Arc;

use async_trait::async_trait;
use gantry_api_ec2 as ec2;
use gantry_api_elbv2 as api;
use gantry_base::{AccountId, Arn, Clock, ManualClock, Region, SeededIds, Timestamp};
use gantry_ec2::Ipv4Block;
use gantry_elb::loops::{Interfaces, LoadBalancing};
use gantry_elb::{Elb, Parts};
use gantry_elb_core::configuration::Configuration;
use gantry_iam_core::policy::{Kind, Policy};
use gantry_objects::InMemory;
use gantry_reconcile::Runner;
use gantry_service::balancers::{Instance, InstancesOf};
use gantry_service::{Caller, Certificates, Cx, Failure, Handlers, KeyedCertificate, Origin, Registry};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation};

pub const CERTIFICATE: &str = "arn:aws:acm:us-east-1:000000000000:certificate/one";

/// Has two certificates, `one` and `two`.
struct Two;

#[async_trait]
impl Certificates for Two {
    async fn certificate(&self, arn: &Arn) -> Result<Option<KeyedCertificate>, Failure> {
        let there = ["certificate/one", "certificate/two"].contains(&arn.resource());
        Ok(there.then(|| KeyedCertificate { chain_pem: arn.resource().into(), key_pem: "key".into() }))
    }
}

/// The one container instance that there is.
pub fn machine() -> Instance {
    Instance { id: "i-0123456789abcdef0".into(), address: [192, 0, 2, 7].into(), zone: "us-east-1b".into() }
}

pub struct World {
    pub elb: Elb,
    pub handlers: Handlers,
    pub clock: Arc<ManualClock>,
    /// One is there: `logs`.
    pub buckets: Arc<InMemory>,
    db: Db,
}

impl World {
    /// Without public addresses.
    pub fn new() -> World {
        World::with_public(None)
    }

    pub fn with_public(public: Option<Ipv4Block>) -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let ids = Arc::new(SeededIds::new(7));
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let handlers = Handlers::new();
        let buckets = Arc::new(InMemory::with(["logs"]));
        let elb = Elb::new(Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            siblings: handlers.clone(),
            certificates: Arc::new(Two),
            buckets: buckets.clone(),
            domain: "localhost".into(),
        });
        let mut registry = Registry::default();
        gantry_ec2::register(&mut registry, db.clone(), ids, public);
        elb.register(&mut registry);
        registry.on_within::<InstancesOf, _, _>(|_, ()| async { Ok(vec![machine()]) });
        handlers.open(registry);
        World { elb, handlers, clock, buckets, db }
    }

    pub fn cx(&self, caller: Caller) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account: AccountId::DEFAULT,
            region: "us-east-1".parse::<Region>().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin::default()),
            siblings: self.handlers.clone(),
        }
    }

    /// A caller that may do what the policy says.
    pub fn limited(&self, json: &str) -> Cx {
        let policy = Arc::new(Policy::parse(Kind::Identity, json).unwrap());
        self.cx(Caller::service("x.amazonaws.com", vec![policy]))
    }

    pub async fn call<O: Operation>(&self, input: O::Input) -> O::Output
    where
        O::Input: Clone,
    {
        let cx = self.cx(Caller::root(AccountId::DEFAULT));
        self.handlers.call::<O>(&cx, input).await.unwrap_or_else(|failure| panic!("{}: {failure:?}", O::NAME))
    }

    /// The error that the call ends in.
    pub async fn refused<O: Operation>(&self, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        let cx = self.cx(Caller::root(AccountId::DEFAULT));
        match self.handlers.call::<O>(&cx, input).await.map(|_| ()) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }

    /// What the data plane is handed after a pass.
    pub async fn configuration(&self) -> Arc<Configuration> {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(1)));
        runner.once(&LoadBalancing::new(self.elb.clone())).await.unwrap();
        self.elb.data_plane().configuration().borrow().clone()
    }

    /// Has EC2 make and remove the interfaces of load balancers; those that there are then.
    pub async fn interfaces(&self) -> Vec<ec2::NetworkInterface> {
        let runner = Runner::new(self.db.clone(), self.clock.clone(), Arc::new(SeededIds::new(2)));
        runner.once(&Interfaces::new(self.elb.clone())).await.unwrap();
        self.call::<ec2::DescribeNetworkInterfaces>(Default::default()).await.network_interfaces.unwrap()
    }

    pub async fn subnets(&self) -> Vec<ec2::Subnet> {
        self.call::<ec2::DescribeSubnets>(Default::default()).await.subnets.unwrap()
    }

    pub async fn subnet_ids(&self) -> Vec<String> {
        self.subnets().await.into_iter().map(|subnet| subnet.subnet_id.unwrap()).take(2).collect()
    }

    pub async fn vpc(&self) -> String {
        self.subnets().await[0].vpc_id.clone().unwrap()
    }

    pub async fn balancer(&self, name: &str, kind: &str) -> api::LoadBalancer {
        let input = api::CreateLoadBalancerInput {
            name: name.into(),
            subnets: Some(self.subnet_ids().await),
            r#type: Some(kind.into()),
            ..Default::default()
        };
        self.call::<api::CreateLoadBalancer>(input).await.load_balancers.unwrap().remove(0)
    }

    pub async fn group_input(&self, name: &str, protocol: &str) -> api::CreateTargetGroupInput {
        api::CreateTargetGroupInput {
            name: name.into(),
            protocol: Some(protocol.into()),
            port: Some(80),
            vpc_id: Some(self.vpc().await),
            target_type: Some("ip".into()),
            ..Default::default()
        }
    }

    pub async fn group(&self, name: &str, protocol: &str) -> String {
        let input = self.group_input(name, protocol).await;
        let made = self.call::<api::CreateTargetGroup>(input).await;
        made.target_groups.unwrap().remove(0).target_group_arn.unwrap()
    }

    pub async fn listener(&self, of: &str, protocol: &str, port: i32, group: &str) -> api::Listener {
        let input = listener_input(of, protocol, port, vec![to(group)]);
        self.call::<api::CreateListener>(input).await.listeners.unwrap().remove(0)
    }

    pub async fn health(&self, group: &str) -> Vec<api::TargetHealthDescription> {
        let input = api::DescribeTargetHealthInput { target_group_arn: group.into(), ..Default::default() };
        self.call::<api::DescribeTargetHealth>(input).await.target_health_descriptions.unwrap()
    }

    pub async fn register(&self, group: &str, ids: &[&str]) {
        let input = api::RegisterTargetsInput {
            target_group_arn: group.into(),
            targets: ids.iter().map(|id| target(id)).collect(),
        };
        self.call::<api::RegisterTargets>(input).await;
    }
}

pub fn target(id: &str) -> api::TargetDescription {
    let within = id.starts_with("172.31.");
    let zone = (!within).then(|| "all".to_owned());
    api::TargetDescription { id: id.into(), availability_zone: zone, ..Default::default() }
}

pub fn listener_input(
    of: &str,
    protocol: &str,
    port: i32,
    actions: Vec<api::Action>,
) -> api::CreateListenerInput {
    api::CreateListenerInput {
        load_balancer_arn: of.into(),
        protocol: Some(protocol.into()),
        port: Some(port),
        default_actions: actions,
        ..Default::default()
    }
}

pub fn to(group: &str) -> api::Action {
    api::Action { r#type: "forward".into(), target_group_arn: Some(group.into()), ..Default::default() }
}

pub fn fixed(status: &str) -> api::Action {
    let config = api::FixedResponseActionConfig { status_code: status.into(), ..Default::default() };
    api::Action { r#type: "fixed-response".into(), fixed_response_config: Some(config), ..Default::default() }
}

/// What an error says.
pub fn says(error: &ApiError) -> (&str, &str) {
    (&error.code, &error.message)
}
