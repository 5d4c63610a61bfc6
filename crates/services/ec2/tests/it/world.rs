//! A store in memory, a clock that stands still, and callers.

use std::net::Ipv4Addr;
use std::sync::Arc;

use gantry_api_ec2 as api;
use gantry_base::{AccountId, Clock, ManualClock, Region, SeededIds, Timestamp};
use gantry_ec2::Ipv4Block;
use gantry_iam_core::policy::{Kind, Policy};
use gantry_service::{Caller, Cx, Failure, Handlers, Origin, Registry};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation};

#[derive(Clone)]
pub struct World {
    pub handlers: Handlers,
    clock: Arc<ManualClock>,
}

impl World {
    pub fn new() -> World {
        Self::with_public(Some(Ipv4Block::new(Ipv4Addr::new(198, 51, 100, 0), 30)))
    }

    pub fn with_public(public: Option<Ipv4Block>) -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let mut registry = Registry::default();
        gantry_ec2::register(&mut registry, db, Arc::new(SeededIds::new(7)), public);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        World { handlers, clock }
    }

    fn cx(&self, caller: Caller, account: AccountId, region: &str) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account,
            region: region.parse::<Region>().unwrap(),
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

    /// A service that may do anything.
    pub fn service(&self, name: &str) -> Cx {
        let all =
            policy(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
        self.cx(Caller::service(name, vec![all]), AccountId::DEFAULT, "us-east-1")
    }

    /// A service that may do what the policy says.
    pub fn limited(&self, json: &str) -> Cx {
        self.cx(Caller::service("x.amazonaws.com", vec![policy(json)]), AccountId::DEFAULT, "us-east-1")
    }

    pub async fn call<O: Operation>(&self, cx: &Cx, input: O::Input) -> Result<O::Output, Failure>
    where
        O::Input: Clone,
    {
        self.handlers.call::<O>(cx, input).await
    }

    /// The error that the call ends in.
    pub async fn refused<O: Operation>(&self, cx: &Cx, input: O::Input) -> ApiError
    where
        O::Input: Clone,
    {
        match self.call::<O>(cx, input).await.map(|_| ()) {
            Err(Failure::Answer(error)) => error,
            other => panic!("an answered error was expected, not {other:?}"),
        }
    }

    /// The answer of a call that is to succeed.
    pub async fn ok<O: Operation>(&self, cx: &Cx, input: O::Input) -> O::Output
    where
        O::Input: Clone,
    {
        self.call::<O>(cx, input).await.unwrap_or_else(|failure| panic!("{}: {failure:?}", O::NAME))
    }

    /// A VPC of the caller's own.
    pub async fn vpc(&self, cx: &Cx, cidr: &str) -> String {
        let input = api::CreateVpcRequest { cidr_block: Some(cidr.into()), ..Default::default() };
        self.ok::<api::CreateVpc>(cx, input).await.vpc.unwrap().vpc_id.unwrap()
    }

    /// A subnet in the first zone.
    pub async fn subnet(&self, cx: &Cx, vpc: &str, cidr: &str) -> String {
        let input = api::CreateSubnetRequest {
            vpc_id: vpc.into(),
            cidr_block: Some(cidr.into()),
            ..Default::default()
        };
        self.ok::<api::CreateSubnet>(cx, input).await.subnet.unwrap().subnet_id.unwrap()
    }

    pub async fn subnets(&self, cx: &Cx) -> Vec<api::Subnet> {
        self.call::<api::DescribeSubnets>(cx, Default::default()).await.unwrap().subnets.unwrap()
    }

    pub async fn create(&self, cx: &Cx, input: api::CreateNetworkInterfaceRequest) -> api::NetworkInterface {
        self.call::<api::CreateNetworkInterface>(cx, input).await.unwrap().network_interface.unwrap()
    }

    pub async fn interfaces(&self, cx: &Cx, filters: &[(&str, &str)]) -> Vec<api::NetworkInterface> {
        let input = api::DescribeNetworkInterfacesRequest { filters: filter(filters), ..Default::default() };
        self.call::<api::DescribeNetworkInterfaces>(cx, input).await.unwrap().network_interfaces.unwrap()
    }
}

fn policy(json: &str) -> Arc<Policy> {
    Arc::new(Policy::parse(Kind::Identity, json).unwrap())
}

pub fn filter(filters: &[(&str, &str)]) -> Option<Vec<api::Filter>> {
    let one = |(name, value): &(&str, &str)| api::Filter {
        name: Some((*name).into()),
        values: Some(value.split(',').map(Into::into).collect()),
    };
    Some(filters.iter().map(one).collect())
}

pub fn tags(pairs: &[(&str, &str)]) -> Option<Vec<api::TagSpecification>> {
    let tag =
        |(key, value): &(&str, &str)| api::Tag { key: Some((*key).into()), value: Some((*value).into()) };
    let tags = Some(pairs.iter().map(tag).collect());
    Some(vec![api::TagSpecification { resource_type: Some("network-interface".into()), tags }])
}
