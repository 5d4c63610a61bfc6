//! Elastic Load Balancing, version 2: application and network load balancers, and what belongs to them.
//!
//! What users ask for is stored; a loop hands the whole of it to the data plane as a configuration with a
//! generation, and another one keeps what the data plane knows of targets' health.
//!
//! This crate never carries traffic, never keeps a certificate's key, and answers what it does not serve with an
//! error: lambda targets, gateway load balancers, trust stores, authentication.
//!
//! Read in this order: [`tables`], [`find`] (from ARNs to rows), [`given`] and [`answer`] (AWS's shapes at the
//! edge), `ops`, [`loops`], [`data_plane`], [`access_logs`].

pub mod access_logs;
pub mod answer;
pub mod data_plane;
pub mod error;
pub mod find;
pub mod given;
pub mod interfaces;
pub mod loops;
pub mod network;
pub mod ops;
pub mod page;
pub mod tables;

use std::sync::Arc;

use gantry_api_elbv2 as api;
use gantry_base::{AccountId, Clock, Ids, Region, Timestamp};
use gantry_iam_core::{Caller, Policy};
use gantry_objects::Buckets;
use gantry_service::balancers::{Balancer, BalancerInterface, BalancersOf};
use gantry_service::{Certificates, Cx, Failure, Origin, Permission, Registry, Siblings};
use gantry_store::{Db, Scan, key};

pub use access_logs::AccessLogs;
pub use data_plane::DataPlane;
use tables::interface::interfaces_key;
use tables::{INTERFACES, LOAD_BALANCERS};

/// What ELB itself may do in its siblings, as AWS's service-linked role has it.
const SERVICE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[
    "ec2:AssociateAddress","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:ModifyNetworkInterfaceAttribute","ec2:CreateTags",
    "ec2:Describe*","ecs:DescribeContainerInstances"]}]}"#;

/// What ELB works with.
#[derive(Clone)]
pub struct Parts {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub siblings: Siblings,
    /// Where the certificates of listeners and their keys are.
    pub certificates: Arc<dyn Certificates>,
    /// The buckets that users name for access logs.
    pub buckets: Arc<dyn Buckets>,
    /// What load balancers' names end with: `localhost`.
    pub domain: String,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Elb {
    parts: Arc<Parts>,
    service: Arc<Caller>,
    data_plane: DataPlane,
}

impl std::ops::Deref for Elb {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Elb {
    /// The service over its parts.
    pub fn new(parts: Parts) -> Elb {
        let policy = Policy::parse(gantry_iam_core::Kind::Identity, SERVICE_POLICY)
            .expect("the service's own policy is well formed");
        let service = Caller::service("elasticloadbalancing.amazonaws.com", vec![Arc::new(policy)]);
        Elb { parts: Arc::new(parts), service: Arc::new(service), data_plane: DataPlane::default() }
    }

    /// What the data plane is handed, and what it says.
    pub fn data_plane(&self) -> &DataPlane {
        &self.data_plane
    }

    /// The same call as the service itself.
    pub(crate) fn as_service(&self, cx: &Cx) -> Cx {
        cx.as_caller((*self.service).clone())
    }

    /// A context in which ELB calls its siblings for itself.
    pub(crate) fn for_itself(&self, account: AccountId, region: &Region, now: Timestamp) -> Cx {
        Cx {
            caller: self.service.clone(),
            key: None,
            account,
            region: region.clone(),
            request_id: self.ids.uuid().into(),
            now,
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.siblings.clone(),
        }
    }

    /// All load balancers that have interfaces.
    async fn balancers(&self, cx: &Cx) -> Result<Vec<Balancer>, Failure> {
        cx.authorize(Permission::of("elasticloadbalancing:DescribeLoadBalancers"))?;
        let mut tx = self.db.begin();
        let mut all = Vec::new();
        for (_, row) in tx.peek_scan(&LOAD_BALANCERS, &key!(), Scan::all()).await? {
            let under = interfaces_key(row.account, &row.region, &row.id);
            let interfaces = tx.peek_scan(&INTERFACES, &under, Scan::all()).await?;
            let interfaces = interfaces.into_iter().map(|(_, one)| BalancerInterface {
                eni_id: one.eni_id,
                mac: one.mac,
                vpc_id: one.vpc_id,
                vpc_cidr: one.vpc_cidrs.into_iter().next().unwrap_or_default(),
                subnet_id: one.subnet_id,
                subnet_cidr: one.subnet_cidr,
                private_ipv4: one.private_ipv4.to_string(),
                public_ipv4: one.public_ipv4.map(|address| address.to_string()),
                security_groups: one.security_groups,
            });
            all.push(Balancer {
                account: row.account,
                region: row.region.clone(),
                // Some clients take whatever ends with `localhost` for their own machine, so there is AWS's name too.
                names: [self.domain.as_str(), "amazonaws.com"]
                    .map(|of| row.dns_name(of).to_lowercase())
                    .to_vec(),
                guarded: !row.security_groups.is_empty(),
                interfaces: interfaces.collect(),
            });
        }
        Ok(all)
    }

    /// Serves ELB's operations. The loops of [`loops::spawn`] must run beside them.
    pub fn register(&self, registry: &mut Registry) {
        let service = self.clone();
        registry.on_within::<BalancersOf, _, _>(move |cx, ()| {
            let elb = service.clone();
            async move { elb.balancers(&cx).await }
        });
        macro_rules! serve {
            ($($operation:ident: $module:ident),* $(,)?) => {$(
                let service = self.clone();
                registry.on::<api::$operation, _, _, _>(move |cx, input| {
                    let elb = service.clone();
                    async move { ops::$module::run(&elb, cx, input).await }
                });
            )*};
        }
        serve! {
            AddListenerCertificates: add_listener_certificates,
            AddTags: add_tags,
            CreateListener: create_listener,
            CreateLoadBalancer: create_load_balancer,
            CreateRule: create_rule,
            CreateTargetGroup: create_target_group,
            DeleteListener: delete_listener,
            DeleteLoadBalancer: delete_load_balancer,
            DeleteRule: delete_rule,
            DeleteTargetGroup: delete_target_group,
            DeregisterTargets: deregister_targets,
            DescribeAccountLimits: describe_account_limits,
            DescribeCapacityReservation: describe_capacity_reservation,
            DescribeListenerAttributes: describe_listener_attributes,
            DescribeListenerCertificates: describe_listener_certificates,
            DescribeListeners: describe_listeners,
            DescribeLoadBalancerAttributes: describe_load_balancer_attributes,
            DescribeLoadBalancers: describe_load_balancers,
            DescribeRules: describe_rules,
            DescribeSSLPolicies: describe_ssl_policies,
            DescribeTags: describe_tags,
            DescribeTargetGroupAttributes: describe_target_group_attributes,
            DescribeTargetGroups: describe_target_groups,
            DescribeTargetHealth: describe_target_health,
            DescribeTrustStoreAssociations: describe_trust_store_associations,
            DescribeTrustStoreRevocations: describe_trust_store_revocations,
            DescribeTrustStores: describe_trust_stores,
            ModifyListener: modify_listener,
            ModifyListenerAttributes: modify_listener_attributes,
            ModifyLoadBalancerAttributes: modify_load_balancer_attributes,
            ModifyRule: modify_rule,
            ModifyTargetGroup: modify_target_group,
            ModifyTargetGroupAttributes: modify_target_group_attributes,
            RegisterTargets: register_targets,
            RemoveListenerCertificates: remove_listener_certificates,
            RemoveTags: remove_tags,
            SetIpAddressType: set_ip_address_type,
            SetRulePriorities: set_rule_priorities,
            SetSecurityGroups: set_security_groups,
            SetSubnets: set_subnets,
        }
    }
}
