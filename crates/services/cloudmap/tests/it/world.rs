//! A store in memory with EC2 beside Cloud Map.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_api_ec2 as ec2;
use gantry_api_servicediscovery as api;
use gantry_base::{AccountId, Clock, Ids, ManualClock, SeededIds, Timestamp};
use gantry_cloudmap::CloudMap;
use gantry_service::names::{Zone, ZonesOf};
use gantry_service::{Caller, Cx, Failure, Handlers, Origin, Registry};
use gantry_store::{Db, Redb};
use gantry_wire::{ApiError, Operation};

pub struct World {
    pub service: CloudMap,
    pub db: Db,
    pub clock: Arc<ManualClock>,
    handlers: Handlers,
}

impl World {
    pub fn new() -> World {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let service = CloudMap::new(db.clone(), ids.clone());
        let mut registry = Registry::default();
        service.register(&mut registry);
        gantry_ec2::register(&mut registry, db.clone(), ids, None);
        let handlers = Handlers::new();
        handlers.open(registry);
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        World { service, db, clock, handlers }
    }

    pub fn root_of(&self, account: AccountId) -> Cx {
        Cx {
            caller: Arc::new(Caller::root(account)),
            key: None,
            account,
            region: "us-east-1".parse().unwrap(),
            request_id: "request".into(),
            now: self.clock.now(),
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.handlers.clone(),
        }
    }

    pub fn root(&self) -> Cx {
        self.root_of(AccountId::DEFAULT)
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

    /// The default VPC's id.
    pub async fn vpc(&self) -> String {
        let vpcs = self.ok::<ec2::DescribeVpcs>(Default::default()).await.vpcs.unwrap();
        vpcs.into_iter().next().unwrap().vpc_id.unwrap()
    }

    /// The operation of that id.
    pub async fn operation(&self, id: Option<String>) -> api::Operation {
        let input = api::GetOperationRequest { operation_id: id.unwrap(), ..Default::default() };
        self.ok::<api::GetOperation>(input).await.operation.unwrap()
    }

    /// A private namespace in the default VPC; its id.
    pub async fn private(&self, name: &str) -> String {
        let input = api::CreatePrivateDnsNamespaceRequest {
            name: name.into(),
            vpc: self.vpc().await,
            ..Default::default()
        };
        let made = self.ok::<api::CreatePrivateDnsNamespace>(input).await;
        self.operation(made.operation_id).await.targets.unwrap().remove("NAMESPACE").unwrap()
    }

    /// An HTTP namespace; its id.
    pub async fn http(&self, name: &str) -> String {
        let input = api::CreateHttpNamespaceRequest { name: name.into(), ..Default::default() };
        let made = self.ok::<api::CreateHttpNamespace>(input).await;
        self.operation(made.operation_id).await.targets.unwrap().remove("NAMESPACE").unwrap()
    }

    /// A service with records of these types; its id.
    pub async fn service(&self, namespace: &str, name: &str, types: &[&str]) -> String {
        self.ok::<api::CreateService>(service(namespace, name, types)).await.service.unwrap().id.unwrap()
    }

    pub async fn register(&self, service: &str, id: &str, attributes: &[(&str, &str)]) {
        self.ok::<api::RegisterInstance>(instance(service, id, attributes)).await;
    }

    /// The zones that a VPC sees.
    pub async fn zones(&self, cx: &Cx, vpc: &str) -> Vec<Zone> {
        self.handlers.call_within::<ZonesOf>(cx, vec![vpc.to_owned()]).await.unwrap()
    }
}

/// A service with a custom health check and records of these types.
pub fn service(namespace: &str, name: &str, types: &[&str]) -> api::CreateServiceRequest {
    let records = types.iter().map(|kind| api::DnsRecord { r#type: (*kind).into(), ttl: 10 }).collect();
    let dns = api::DnsConfig { dns_records: records, ..Default::default() };
    api::CreateServiceRequest {
        name: name.into(),
        namespace_id: Some(namespace.into()),
        dns_config: (!types.is_empty()).then_some(dns),
        health_check_custom_config: Some(Default::default()),
        ..Default::default()
    }
}

pub fn instance(service: &str, id: &str, attributes: &[(&str, &str)]) -> api::RegisterInstanceRequest {
    let attributes: BTreeMap<String, String> =
        attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    api::RegisterInstanceRequest {
        service_id: service.into(),
        instance_id: id.into(),
        attributes,
        ..Default::default()
    }
}
