//! Services: key `account/region/cluster/name`; and what hangs on them under `account/region/cluster/name/id`: their
//! tasks, deployments of before and revisions.
//!
//! A deleted service stays to be described as INACTIVE until another of its name is made.

use gantry_base::{Arn, Tags, Timestamp};
use gantry_ecs_core::placement::Strategy;
use gantry_ecs_core::service::shift::{Pause, PauseHook};
use gantry_ecs_core::service::{Roll, Rollout, Shift, Throttle};
use gantry_store::{Key, Table, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::loops::SERVICES_LOOP;
use crate::names::Place;
use crate::tables::cluster::{self, StrategyItem};
use crate::tables::task::{LaunchType, NetworkRequest};

pub use super::service_deployment::{
    DeploymentConfiguration, DeploymentStatus, Rollback, SERVICE_DEPLOYMENTS, ServiceDeployment,
};

pub const SERVICES: Table<Service> = Table::new("ecs.service", 1);
/// The tasks of services, until their end was taken in.
pub const SERVICE_TASKS: Table<ServiceTask> = Table::new("ecs.service_task", 1);
/// Services that are to be looked at, and when: key as the service's.
pub const SERVICES_DUE: Table<Due> = Table::new("ecs.service_due", 1);
pub const SERVICE_REVISIONS: Table<Revision> = Table::new("ecs.service_revision", 1);

/// Most events that a service shows, as in AWS.
pub const MOST_EVENTS: usize = 100;

/// One service's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceName {
    pub place: Place,
    pub cluster: String,
    pub name: String,
}

impl ServiceName {
    /// The key of its row.
    pub fn key(&self) -> Key {
        cluster::key(&self.place, &self.cluster).with(&self.name)
    }

    /// Reads such a key back.
    pub fn of_key(key: &Key) -> Option<ServiceName> {
        let [account, region, cluster, name] = <[String; 4]>::try_from(key.parts()).ok()?;
        let place = Place { account: account.parse().ok()?, region: region.parse().ok()? };
        Some(ServiceName { place, cluster, name })
    }

    /// Reads an ARN that [`ServiceName::arn`] wrote.
    pub fn of_arn(text: &str) -> Option<ServiceName> {
        let arn: Arn = text.parse().ok()?;
        let place = Place { account: arn.account().parse().ok()?, region: arn.region().parse().ok()? };
        let (cluster, name) = arn.resource().strip_prefix("service/")?.split_once('/')?;
        Some(ServiceName { cluster: cluster.to_owned(), name: name.to_owned(), place })
    }

    /// `arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME`
    pub fn arn(&self) -> Arn {
        self.place.arn(format_args!("service/{}/{}", self.cluster, self.name))
    }

    /// The ARN of a deployment as DescribeServiceDeployments takes it.
    pub fn deployment_arn(&self, id: &str) -> Arn {
        self.place.arn(format_args!("service-deployment/{}/{}/{id}", self.cluster, self.name))
    }

    /// The ARN of a revision.
    pub fn revision_arn(&self, id: &str) -> Arn {
        self.place.arn(format_args!("service-revision/{}/{}/{id}", self.cluster, self.name))
    }

    /// The ARN of a task set.
    pub fn task_set_arn(&self, id: &str) -> Arn {
        self.place.arn(format_args!("task-set/{}/{}/{id}", self.cluster, self.name))
    }

    /// The group of its tasks.
    pub fn group(&self) -> String {
        format!("service:{}", self.name)
    }

    /// Has the loop look at it now.
    pub fn look(&self, tx: &mut Tx) {
        tx.put(&SERVICES_DUE, &self.key(), &Due { at: Timestamp::default() });
        tx.wake(SERVICES_LOOP);
    }
}

/// When a service is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Active,
    /// Deleted, and some of its tasks are still there.
    Draining,
    Inactive,
}

impl Status {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Draining => "DRAINING",
            Status::Inactive => "INACTIVE",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Scheduling {
    Replica,
    Daemon,
}

impl Scheduling {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheduling::Replica => "REPLICA",
            Scheduling::Daemon => "DAEMON",
        }
    }
}

/// Who makes the service's deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Controller {
    Ecs,
    /// The user, by task sets.
    External,
}

impl Controller {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Controller::Ecs => "ECS",
            Controller::External => "EXTERNAL",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub name: ServiceName,
    pub status: Status,
    pub created_at: Timestamp,
    pub created_by: String,
    pub scheduling: Scheduling,
    pub controller: Controller,
    pub desired_count: u32,
    #[serde(flatten)]
    pub configuration: DeploymentConfiguration,
    #[serde(default)]
    pub grace_seconds: Option<u32>,
    pub managed_tags: bool,
    /// Whether people may look into the containers of its new tasks.
    #[serde(default)]
    pub exec: bool,
    pub propagate_tags: String,
    pub zone_rebalancing: bool,
    /// Tasks are being moved between zones.
    #[serde(default)]
    pub rebalances: bool,
    pub tags: Tags,
    /// AWS's documents of where tasks may go, and what they mean.
    #[serde(default)]
    pub placement_constraints: Value,
    #[serde(default)]
    pub placement_strategy: Value,
    #[serde(default)]
    pub distinct: bool,
    #[serde(default)]
    pub member_of: Vec<String>,
    #[serde(default)]
    pub strategy: Vec<Strategy>,
    /// What new tasks are made of. For the EXTERNAL controller each task set has its own.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// The primary one first.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
    #[serde(default)]
    pub task_sets: Vec<TaskSet>,
    /// The newest first.
    #[serde(default)]
    pub events: Vec<Event>,
    #[serde(default)]
    pub throttle: Throttle,
    #[serde(default)]
    pub steady: bool,
    /// The last try to place a task was in vain: how often in a row, and when it is tried again.
    #[serde(default)]
    pub unplaceable: Option<Unplaceable>,
    /// What tags of its images led to when the registry was asked last, if its service wishes that.
    #[serde(default)]
    pub pushed: Vec<(String, String)>,
    /// It sleeps since then: it has no tasks, until somebody asks for something.
    #[serde(default)]
    pub asleep_since: Option<Timestamp>,
    /// Target groups whose requests wake it, as [`super::sleeper::SLEEPERS`] has them.
    #[serde(default)]
    pub woken_by: Vec<String>,
    /// The request that made it: its client token and what it asked for.
    #[serde(default)]
    pub made_by: Option<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplaceable {
    pub tries: u32,
    pub again_at: Timestamp,
    /// What was told of it.
    pub told: String,
}

/// What tasks are made of; never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Digits.
    pub id: String,
    pub family: String,
    pub revision: u32,
    pub launch: LaunchType,
    /// Empty where a launch type was given.
    #[serde(default)]
    pub providers: Vec<StrategyItem>,
    #[serde(default)]
    pub platform_version: Option<String>,
    #[serde(default)]
    pub network: Option<NetworkRequest>,
    /// The security groups as they were given, which may be none.
    #[serde(default)]
    pub given_groups: Vec<String>,
    #[serde(default)]
    pub load_balancers: Vec<LoadBalancer>,
    /// The target group that it really uses of each of them: one of two takes turns with the other.
    #[serde(default)]
    pub resolved: Vec<String>,
    #[serde(default)]
    pub registries: Vec<Registry>,
    #[serde(default)]
    pub connect: Option<Connect>,
    /// Container and image, as the definition has them.
    #[serde(default)]
    pub images: Vec<(String, String)>,
    pub created_at: Timestamp,
}

impl Revision {
    /// The target group that its tasks are in, for the load balancer of that place in the list.
    pub fn group(&self, at: usize) -> Option<&str> {
        let given = self.load_balancers.get(at).map(|one| &one.target_group);
        self.resolved.get(at).or(given).map(String::as_str)
    }

    /// Where its tasks are targets: its load balancers, each with the group of this revision.
    pub fn targets(&self) -> Vec<LoadBalancer> {
        let all = self.load_balancers.iter().enumerate();
        all.filter_map(|(at, one)| {
            Some(LoadBalancer { target_group: self.group(at)?.to_owned(), ..one.clone() })
        })
        .collect()
    }

    /// All services of Cloud Map that its tasks are registered with.
    pub fn all_registries(&self) -> Vec<Registry> {
        let offered = self.connect.iter().flat_map(|connect| &connect.services).map(|offered| Registry {
            arn: offered.registry.clone(),
            port: Some(offered.port),
            container: None,
            container_port: None,
            with_health: true,
        });
        self.registries.iter().cloned().chain(offered).collect()
    }
}

/// A target group that tasks are registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub target_group: String,
    pub container: String,
    pub port: u16,
    #[serde(default)]
    pub advanced: Option<Advanced>,
}

/// What it takes to move traffic between two target groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advanced {
    /// The other target group.
    pub alternate: String,
    /// The ARN of a rule, or of a listener.
    pub production_rule: String,
    #[serde(default)]
    pub test_rule: Option<String>,
    /// As whom rules are changed.
    pub role: String,
}

/// How tasks are found by Service Connect, and where they find others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// AWS's document, with the namespace by its ARN.
    pub document: Value,
    pub namespace_arn: String,
    pub namespace_name: String,
    #[serde(default)]
    pub services: Vec<Offered>,
}

/// A port of the tasks that others find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    pub discovery_name: String,
    /// The ARN of the service in Cloud Map.
    pub registry: String,
    pub port: u16,
    /// Names and ports by which others reach it.
    #[serde(default)]
    pub aliases: Vec<(String, u16)>,
    /// 0: a quiet connection goes on.
    #[serde(default)]
    pub idle_seconds: Option<u32>,
    /// `http`, `http2` or `grpc`, where the port's definition says so.
    #[serde(default)]
    pub app_protocol: Option<String>,
    /// How long a request may take; 0: as long as it will.
    #[serde(default)]
    pub request_seconds: Option<u32>,
}

/// A service of Cloud Map that tasks are registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub arn: String,
    /// The port of every task, or the container's by which it is found.
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub container: Option<String>,
    #[serde(default)]
    pub container_port: Option<u16>,
    /// Cloud Map is told how tasks are.
    #[serde(default)]
    pub with_health: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/` and digits; also what started its tasks.
    pub id: String,
    /// The id under which DescribeServiceDeployments knows it.
    pub service_deployment: String,
    pub revision: Revision,
    pub rollout: Rollout,
    pub rollout_reason: String,
    pub failed: u32,
    /// It was completed once.
    pub proven: bool,
    /// How far it is in moving traffic, if it does; and its shares of traffic in thousandths.
    #[serde(default)]
    pub shift: Option<Shift>,
    /// How far it is where it rolls, and has hooks or a bake time.
    #[serde(default)]
    pub roll: Option<Roll>,
    #[serde(default)]
    pub production: u32,
    #[serde(default)]
    pub test: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Deployment {
    /// Its hooks.
    pub fn hooks(&self) -> &[PauseHook] {
        match (&self.shift, &self.roll) {
            (Some(shift), _) => &shift.hooks,
            (None, Some(roll)) => &roll.hooks,
            (None, None) => &[],
        }
    }

    /// Those of its hooks that have begun in its stage, where it can have some.
    pub fn pauses_mut(&mut self) -> Option<&mut Vec<Pause>> {
        match (&mut self.shift, &mut self.roll) {
            (Some(shift), _) => Some(&mut shift.pauses),
            (None, Some(roll)) => Some(&mut roll.pauses),
            (None, None) => None,
        }
    }
}

/// A share of the service, by the EXTERNAL controller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSet {
    /// `ecs-svc/` and digits.
    pub id: String,
    #[serde(default)]
    pub external_id: Option<String>,
    pub primary: bool,
    /// It was deleted, and some of its tasks are still there.
    #[serde(default)]
    pub draining: bool,
    pub percent: f64,
    pub revision: Revision,
    pub steady: bool,
    pub steady_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub throttle: Throttle,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub client_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub at: Timestamp,
    pub message: String,
}

/// What a service knows of a task of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTask {
    pub deployment: String,
    /// It was healthy at some time.
    #[serde(default)]
    pub was_healthy: bool,
    /// It is stopped as it was unhealthy.
    #[serde(default)]
    pub unhealthy: bool,
    /// Where it is a target.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Where it is an instance of Cloud Map's.
    #[serde(default)]
    pub registered: Vec<Registered>,
    /// It stops once no requests lead to it any more, and at the latest then.
    #[serde(default)]
    pub drains_until: Option<Timestamp>,
}

/// A task in a target group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The target group's ARN.
    pub group: String,
    /// Its address, or the id of its instance.
    pub address: String,
    pub port: u16,
    pub since: Timestamp,
}

/// A task as an instance of Cloud Map's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The ARN of the service in Cloud Map.
    pub registry: String,
    /// What Cloud Map was told last.
    pub healthy: bool,
}

impl Service {
    /// Tells the users of something.
    pub fn tell(&mut self, id: String, at: Timestamp, what: &str) {
        let message = format!("(service {}) {what}", self.name.name);
        self.events.insert(0, Event { id, at, message });
        self.events.truncate(MOST_EVENTS);
    }

    /// Writes it.
    pub fn put(&self, tx: &mut Tx) {
        tx.put(&SERVICES, &self.name.key(), self);
    }
}
