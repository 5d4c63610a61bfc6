//! Amazon ECS: clusters, task definitions and tasks, and the server side of the nodes' sessions.
//!
//! An operation writes what is wanted and wakes a loop. The loops bring a task to its node: `placement` finds one,
//! `launch` makes what the task needs (interface, secrets, credentials, log streams) and hands it over, `leave`
//! removes the interface afterwards, `forgetting` drops tasks that stopped an hour ago, `deletion` task definitions that
//! nothing runs of, `renewal` gives running tasks new credentials. A node's session sends the whole desired set on
//! each change and takes reports in.
//!
//! Invariants:
//! - What a node shall run is a row (sealed, as it holds secrets), so a restart sends the same again.
//! - A report is one transaction: what is known, the event, the wakes.
//! - What Gantry does not do is refused by the name of the field, at the latest when the task is run.
//! - This crate never decides: `gantry_ecs_core` does.
//!
//! Read in this order: [`config`], [`names`], [`tables`], `members` (nodes as container instances), [`ops`],
//! [`loops`], [`launch`], [`session`], `exec` (sessions in
//! containers), [`explain`] (where tasks are, and why),
//! `sleepers` (services that requests wake).

pub mod config;
mod ending;
pub mod error;
mod events;
mod exec;
pub mod explain;
mod launch;
pub mod loops;
mod machines;
mod members;
pub mod membership;
pub mod names;
pub mod ops;
mod overview;
mod rules;
pub mod session;
mod settings;
mod sleepers;
pub mod tables;
mod tagged;
mod wishes;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_api_ecs as api;
use gantry_base::{Arn, Clock, Ids, Timestamp};
use gantry_iam_core::{Caller, Policy};
use gantry_objects::Buckets;
use gantry_service::balancers::InstancesOf;
use gantry_service::{
    AccessKey, Activations, Cx, FileSystems, OnBehalf, Origin, Registry, RoleCredentials, RoleSession,
    Sealer, Siblings,
};
use gantry_store::Db;

pub use config::Config;
pub use error::EcsError;
pub use events::TOPIC as EVENTS_TOPIC;
pub use names::{Place, TaskName};

/// The service by which tasks' roles must be assumable.
pub const TASKS_PRINCIPAL: &str = "ecs-tasks.amazonaws.com";
/// The service that roles for load balancers trust.
pub const SERVICES_PRINCIPAL: &str = "ecs.amazonaws.com";

/// What ECS itself may do in its siblings, as AWS's service-linked role has it.
const SERVICE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[
    "ecr:DescribeImages","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:CreateTags","ec2:Describe*",
    "elasticloadbalancing:RegisterTargets","elasticloadbalancing:DeregisterTargets","elasticloadbalancing:Describe*",
    "servicediscovery:RegisterInstance","servicediscovery:DeregisterInstance","servicediscovery:Get*",
    "servicediscovery:List*","servicediscovery:CreateHttpNamespace","servicediscovery:CreateService","servicediscovery:DeleteService","servicediscovery:TagResource","servicediscovery:UpdateInstanceCustomHealthStatus","servicediscovery:DiscoverInstances",
    "logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"]}]}"#;

/// The role that the nodes act as for tasks of the launch type EC2 without an execution role: AWS's usual name for the
/// role of container instances. It is the account's own, and need not be there.
pub const INSTANCE_ROLE: &str = "ecsInstanceRole";
/// The service that the role of container instances trusts.
pub const INSTANCES_PRINCIPAL: &str = "ec2.amazonaws.com";

/// ECS at work for a place's tasks. As on AWS, its `aws:SourceArn` names no cluster
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)).
pub(crate) fn for_tasks(place: &Place) -> OnBehalf {
    let source = Arn::regional("ecs", &place.region, place.account, "*");
    OnBehalf { service: TASKS_PRINCIPAL, source }
}

/// ECS at work for a place's services: it changes rules of load balancers as a role that trusts it.
pub(crate) fn for_services(place: &Place) -> OnBehalf {
    let source = Arn::regional("ecs", &place.region, place.account, "*");
    OnBehalf { service: SERVICES_PRINCIPAL, source }
}

/// EC2 at work for a place's container instances.
pub(crate) fn for_instances(place: &Place) -> OnBehalf {
    let source = Arn::regional("ec2", &place.region, place.account, "instance/*");
    OnBehalf { service: INSTANCES_PRINCIPAL, source }
}

fn service_caller(name: &str, policy: &str) -> Caller {
    let policy = Policy::parse(gantry_iam_core::Kind::Identity, policy)
        .expect("the service's own policy is well formed");
    Caller::service(name, vec![Arc::new(policy)])
}

/// What ECS works with.
pub struct Parts {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub siblings: Siblings,
    pub roles: Arc<dyn RoleCredentials>,
    pub file_systems: Arc<dyn FileSystems>,
    /// The buckets that users name.
    pub buckets: Arc<dyn Buckets>,
    pub activations: Arc<dyn Activations>,
    pub sealer: Sealer,
    pub config: Config,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Ecs(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) connected: session::Connected,
    service: Caller,
    log_writers: session::LogWriters,
    /// Held from looking for room until the tasks that take it are stored.
    accepting: tokio::sync::Mutex<()>,
    execs: exec::Execs,
    usages: session::Usages,
    /// Until when services start no tasks, in milliseconds.
    still_until: AtomicI64,
}

impl std::ops::Deref for Ecs {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

impl Ecs {
    /// The service over its parts.
    pub fn new(parts: Parts) -> Ecs {
        let started = parts.clock.now();
        Ecs(Arc::new(Inner {
            parts,
            connected: session::Connected::new(started),
            service: service_caller("ecs.amazonaws.com", SERVICE_POLICY),
            log_writers: session::LogWriters::default(),
            accepting: tokio::sync::Mutex::default(),
            execs: exec::Execs::default(),
            usages: session::Usages::default(),
            still_until: AtomicI64::new(0),
        }))
    }

    /// Which nodes are connected, and since when they were heard.
    pub fn connected(&self) -> &session::Connected {
        &self.0.connected
    }

    /// Waits for its turn to accept tasks: two who look for room at once would both find the last of it. Other control
    /// planes over the same store are kept off by [`tables::queues::ACCEPTED`].
    pub(crate) async fn accept(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.accepting.lock().await
    }

    /// Has services start no tasks until then: all tasks are being stopped, and none shall come in their place.
    pub fn keep_still(&self, until: Timestamp) {
        self.0.still_until.store(until.as_millis(), Ordering::Relaxed);
    }

    pub(crate) fn is_still(&self, now: Timestamp) -> bool {
        now.as_millis() < self.0.still_until.load(Ordering::Relaxed)
    }

    pub(crate) fn execs(&self) -> &exec::Execs {
        &self.0.execs
    }

    pub(crate) fn usages(&self) -> &session::Usages {
        &self.0.usages
    }

    pub(crate) fn log_writers(&self) -> &session::LogWriters {
        &self.0.log_writers
    }

    /// A context in which ECS calls its siblings for itself.
    pub(crate) fn as_service(&self, place: &Place, now: Timestamp) -> Cx {
        let mut service = self.0.service.clone();
        service.keys.set("aws:SourceAccount", place.account.as_str());
        service.keys.set("aws:SourceArn", for_tasks(place).source.as_str());
        self.as_caller(service, place, now)
    }

    /// A context in which ECS calls its siblings as a role's session.
    pub(crate) fn as_role(&self, session: &RoleSession, place: &Place, now: Timestamp) -> Cx {
        let key = AccessKey {
            id: session.access_key_id.clone(),
            session_token: Some(session.session_token.clone()),
        };
        Cx { key: Some(Arc::new(key)), ..self.as_caller(session.caller.clone(), place, now) }
    }

    fn as_caller(&self, caller: Caller, place: &Place, now: Timestamp) -> Cx {
        Cx {
            caller: Arc::new(caller),
            key: None,
            account: place.account,
            region: place.region.clone(),
            request_id: self.ids.uuid().into(),
            now,
            origin: Arc::new(Origin { secure: true, ..Origin::default() }),
            siblings: self.siblings.clone(),
        }
    }

    /// Serves ECS's operations.
    pub fn register(&self, registry: &mut Registry) {
        let service = self.clone();
        registry.on_within::<InstancesOf, _, _>(move |cx, ()| {
            let ecs = service.clone();
            async move { machines::of(&ecs, cx).await }
        });
        macro_rules! serve {
            ($($operation:ident: $module:ident),* $(,)?) => {$(
                let service = self.clone();
                registry.on::<api::$operation, _, _, _>(move |cx, input| {
                    let ecs = service.clone();
                    async move { ops::$module::run(&ecs, cx, input).await }
                });
            )*};
        }
        serve! {
            ContinueServiceDeployment: continue_service_deployment,
            CreateCapacityProvider: create_capacity_provider,
            CreateCluster: create_cluster,
            CreateService: create_service,
            CreateTaskSet: create_task_set,
            DeleteAccountSetting: delete_account_setting,
            DeleteAttributes: delete_attributes,
            DeleteCapacityProvider: delete_capacity_provider,
            DeleteCluster: delete_cluster,
            DeleteService: delete_service,
            DeleteTaskDefinitions: delete_task_definitions,
            DeleteTaskSet: delete_task_set,
            DeregisterContainerInstance: deregister_container_instance,
            DeregisterTaskDefinition: deregister_task_definition,
            DescribeCapacityProviders: describe_capacity_providers,
            DescribeClusters: describe_clusters,
            DescribeContainerInstances: describe_container_instances,
            DescribeServiceDeployments: describe_service_deployments,
            DescribeServiceRevisions: describe_service_revisions,
            DescribeServices: describe_services,
            DescribeTaskDefinition: describe_task_definition,
            DescribeTaskSets: describe_task_sets,
            DescribeTasks: describe_tasks,
            DiscoverPollEndpoint: discover_poll_endpoint,
            ExecuteCommand: execute_command,
            GetTaskProtection: get_task_protection,
            ListAccountSettings: list_account_settings,
            ListAttributes: list_attributes,
            ListClusters: list_clusters,
            ListContainerInstances: list_container_instances,
            ListServiceDeployments: list_service_deployments,
            ListServices: list_services,
            ListServicesByNamespace: list_services_by_namespace,
            ListTagsForResource: list_tags_for_resource,
            ListTaskDefinitionFamilies: list_task_definition_families,
            ListTaskDefinitions: list_task_definitions,
            ListTasks: list_tasks,
            PutAccountSetting: put_account_setting,
            PutAccountSettingDefault: put_account_setting_default,
            PutAttributes: put_attributes,
            PutClusterCapacityProviders: put_cluster_capacity_providers,
            RegisterContainerInstance: register_container_instance,
            RegisterTaskDefinition: register_task_definition,
            RunTask: run_task,
            StartTask: start_task,
            StopServiceDeployment: stop_service_deployment,
            StopTask: stop_task,
            SubmitAttachmentStateChanges: submit_attachment_state_changes,
            SubmitContainerStateChange: submit_container_state_change,
            SubmitTaskStateChange: submit_task_state_change,
            TagResource: tag_resource,
            UntagResource: untag_resource,
            UpdateCapacityProvider: update_capacity_provider,
            UpdateCluster: update_cluster,
            UpdateClusterSettings: update_cluster_settings,
            UpdateContainerAgent: update_container_agent,
            UpdateContainerInstancesState: update_container_instances_state,
            UpdateService: update_service,
            UpdateServicePrimaryTaskSet: update_service_primary_task_set,
            UpdateTaskProtection: update_task_protection,
            UpdateTaskSet: update_task_set,
        }
    }
}
