//! A service's tasks, and what is known of each.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::service::{self as core, Checks, Phase, Wanted};
use gantry_ecs_core::stop::StopCode;
use gantry_ecs_core::{DesiredStatus, HealthStatus, TaskStatus};
use gantry_store::{Key, Scan, StoreError, Tx};

use crate::error::EcsError;
use crate::members::join;
use crate::names::TaskName;
use crate::ops::deployment_fields::breaker;
use crate::ops::run_task::placement::try_now;
use crate::tables::container_instance::{self, ContainerInstance, Status as InstanceStatus};
use crate::tables::service::{
    Revision, SERVICE_TASKS, Scheduling, Service, ServiceName, ServiceTask, Status,
};
use crate::tables::task::{LaunchType, TASKS, Task};
use crate::tables::task_definition::{self, TASK_DEFINITIONS};
use crate::{Ecs, wishes};

use super::rebalancing::ZONE;
use super::start;

/// One task.
pub(super) struct Member {
    pub id: String,
    pub row: ServiceTask,
    before: ServiceTask,
    /// None once it was forgotten.
    pub task: Option<Task>,
    /// What load balancers say of it; none where it is no target.
    pub targets: Checks,
    /// The target group that finds it unhealthy, and why.
    pub unhealthy_in: Option<(String, u16, String)>,
    pub forgotten: bool,
}

pub(super) struct Members {
    pub all: Vec<Member>,
    /// Revisions whose containers have health checks.
    checked: HashSet<String>,
    pub instances: Vec<ContainerInstance>,
    /// The definition of new tasks says in which zones they are.
    pub bound_to_zones: bool,
    /// Where daemons shall be.
    eligible: Vec<String>,
}

/// What a deployment's or task set's tasks are made of.
pub(super) fn revision_of<'a>(row: &'a Service, deployment: &str) -> Option<&'a Revision> {
    let deployments = row.deployments.iter().map(|one| (&one.id, &one.revision));
    let sets = row.task_sets.iter().map(|one| (&one.id, &one.revision));
    deployments.chain(sets).find(|(id, _)| *id == deployment).map(|(_, revision)| revision)
}

impl Members {
    pub(super) async fn load(tx: &mut Tx, row: &Service) -> Result<Members, StoreError> {
        let name = &row.name;
        let rows = tx.peek_scan(&SERVICE_TASKS, &name.key(), Scan::all()).await?;
        let id_of = |key: &Key| key.parts().pop().unwrap_or_default();
        let keys: Vec<Key> = rows
            .iter()
            .map(|(key, _)| {
                TaskName { place: name.place.clone(), cluster: name.cluster.clone(), id: id_of(key) }.key()
            })
            .collect();
        let tasks = tx.peek_many(&TASKS, &keys).await?;
        let all = rows.into_iter().zip(tasks).map(|((key, row), task)| Member {
            id: id_of(&key),
            before: row.clone(),
            row,
            task,
            targets: Checks::None,
            unhealthy_in: None,
            forgotten: false,
        });
        let mut members = Members {
            all: all.collect(),
            checked: HashSet::new(),
            instances: Vec::new(),
            bound_to_zones: false,
            eligible: Vec::new(),
        };
        let revisions = row.deployments.iter().map(|one| &one.revision);
        let revisions = revisions.chain(row.task_sets.iter().map(|one| &one.revision));
        for (at, revision) in revisions.enumerate() {
            let key = task_definition::key(&name.place, &revision.family, revision.revision);
            let definition = tx.peek(&TASK_DEFINITIONS, &key).await?;
            let spec = definition.and_then(|definition| definition.spec(&name.place).ok());
            let Some(spec) = spec else { continue };
            if spec.containers.iter().any(|one| one.health_check.is_some()) {
                members.checked.insert(revision.id.clone());
            }
            members.bound_to_zones |= at == 0 && spec.constraints.iter().any(|one| one.contains(ZONE));
        }
        Ok(members)
    }

    /// Reads the container instances where tasks are on some, and for daemons where they shall be.
    pub(super) async fn look_at_instances(
        &mut self,
        ecs: &Ecs,
        tx: &mut Tx,
        row: &mut Service,
        now: Timestamp,
    ) -> Result<(), EcsError> {
        let launches = row.deployments.iter().map(|one| &one.revision);
        let mut launches = launches.chain(row.task_sets.iter().map(|one| &one.revision));
        if row.status != Status::Active || !launches.any(|one| one.launch != LaunchType::Fargate) {
            return Ok(());
        }
        let (place, cluster) = (row.name.place.clone(), row.name.cluster.clone());
        join(tx, &place, &cluster, now).await?;
        self.instances = container_instance::of_cluster(tx, &place, &cluster).await?;
        if row.scheduling != Scheduling::Daemon {
            return Ok(());
        }
        let Some(deployment) = row.deployments.first() else { return Ok(()) };
        let Some(run) = start::run(tx, row, &deployment.revision, &deployment.id, Vec::new()).await? else {
            return Ok(());
        };
        // Room is no question here: an instance that has none is still to have its daemon.
        let active: Vec<&ContainerInstance> =
            self.instances.iter().filter(|one| one.status == InstanceStatus::Active).collect();
        let wants: Vec<_> = active
            .iter()
            .map(|one| {
                let mut wants = run.wants(&place, &cluster, deployment.revision.launch);
                (wants.cpu_units, wants.memory_mib, wants.gpus) = (0, 0, 0);
                wants.host_ports = Vec::new();
                wants.distinct = false;
                wants.instance = Some(one.id.clone());
                std::sync::Arc::new(wants)
            })
            .collect();
        let verdicts = try_now(ecs, &place, &cluster, &self.instances, &wants, now).await?;
        let fits = active.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_ok());
        self.eligible = fits.map(|(one, _)| one.id.clone()).collect();
        row.desired_count = u32::try_from(self.eligible.len()).unwrap_or(u32::MAX);
        Ok(())
    }

    /// Whether the containers of that revision have health checks.
    pub(super) fn has_checks(&self, revision: &Revision) -> bool {
        self.checked.contains(&revision.id)
    }

    /// Everything about the service that decisions need.
    pub(super) fn snapshot(&self, row: &Service, now: Timestamp) -> core::Service {
        let mut throttle = row.throttle;
        if let Some(unplaceable) = &row.unplaceable {
            throttle.until = throttle.until.max(unplaceable.again_at);
        }
        let deployments = row.deployments.iter().map(|one| core::Deployment {
            id: one.id.clone(),
            rollout: one.rollout,
            failed: one.failed,
            proven: one.proven,
            shift: one.shift.clone(),
            roll: one.roll.clone(),
            production: one.production,
            test: one.test,
        });
        core::Service {
            active: row.status == Status::Active,
            wanted: match row.scheduling {
                // Asleep it wants none; what the user asked for is what it wakes up to.
                Scheduling::Replica if row.asleep_since.is_some() => Wanted::Replicas(0),
                Scheduling::Replica => Wanted::Replicas(row.desired_count),
                Scheduling::Daemon => Wanted::OnEach(self.eligible.clone()),
            },
            minimum_percent: row.configuration.minimum_percent,
            maximum_percent: row.configuration.maximum_percent,
            breaker: breaker(&row.configuration.breaker),
            deployments: deployments.collect(),
            tasks: self.all.iter().map(|member| self.task(row, member, now)).collect(),
            throttle,
            unplaceable: row.unplaceable.is_some(),
            steady: row.steady,
            rebalancing: None,
            rest: None,
        }
    }

    /// One task as decisions see it.
    pub(super) fn task(&self, row: &Service, member: &Member, now: Timestamp) -> core::Task {
        let task = member.task.as_ref();
        let instance = task.and_then(|task| task.instance_id.clone());
        let leaving = instance.as_ref().is_some_and(|id| {
            let known = self.instances.iter().find(|one| one.id == *id);
            !self.instances.is_empty() && known.is_none_or(|one| one.status != InstanceStatus::Active)
        });
        let aged = self.ages_at(row, member).is_some_and(|at| at <= now);
        core::Task {
            id: member.id.clone(),
            deployment: member.row.deployment.clone(),
            phase: task.map_or(Phase::Stopped { failed: false }, |task| self.phase(row, member, task, now)),
            ran: task.is_some_and(|task| task.life.times().started.is_some()),
            was_healthy: member.row.was_healthy,
            counted: member.row.unhealthy,
            created_at: task.map_or(now, |task| task.created_at),
            zone: task.and_then(|task| task.zone.clone()),
            instance,
            leaving: leaving || aged,
            protected: task.and_then(|task| task.protected_until).is_some_and(|until| until > now),
        }
    }

    /// When the task is older than its service wishes.
    fn ages_at(&self, row: &Service, member: &Member) -> Option<Timestamp> {
        let (lifetime, task) = (wishes::lifetime(&row.tags)?, member.task.as_ref()?);
        Some(task.created_at + wishes::lives_for(lifetime, &member.id))
    }

    /// When the next task is too old.
    pub(super) fn next_to_age(&self, row: &Service, now: Timestamp) -> Option<Timestamp> {
        let ages = self.all.iter().filter_map(|member| self.ages_at(row, member));
        ages.filter(|at| *at > now).min()
    }

    fn phase(&self, row: &Service, member: &Member, task: &Task, now: Timestamp) -> Phase {
        let life = &task.life;
        if life.is_stopped() {
            let failed = match life.stop_reason().map(|stop| stop.code) {
                Some(StopCode::UserInitiated | StopCode::InfrastructureHealth) | None => false,
                Some(StopCode::ServiceSchedulerInitiated) => member.row.unhealthy,
                Some(StopCode::TaskFailedToStart | StopCode::EssentialContainerExited) => true,
            };
            return Phase::Stopped { failed };
        }
        if life.desired() == DesiredStatus::Stopped {
            let drains = life.status() == TaskStatus::Deactivating;
            return if drains { Phase::Draining } else { Phase::Stopping };
        }
        match life.status() {
            TaskStatus::Running => {
                let revision = revision_of(row, &member.row.deployment);
                let has_checks = revision.is_some_and(|revision| self.has_checks(revision));
                let since = life.times().started.unwrap_or(task.created_at);
                // The grace period is for checks of containers as well as for those of load balancers.
                let grace = Duration::from_secs(row.grace_seconds.unwrap_or(0).into());
                let own = match (has_checks, life.health()) {
                    (false, _) => Checks::None,
                    (true, HealthStatus::Healthy) => Checks::Passing,
                    (true, HealthStatus::Unhealthy) if now < since + grace => Checks::Waiting,
                    (true, HealthStatus::Unhealthy) => Checks::Failing,
                    (true, HealthStatus::Unknown) => Checks::Waiting,
                };
                Phase::Running { since, checks: both(own, member.targets) }
            }
            status if status.is_before_running() => Phase::Pending,
            _ => Phase::Stopping,
        }
    }

    /// Writes what has changed.
    pub(super) fn write(&self, tx: &mut Tx, name: &ServiceName, _: Timestamp) {
        for member in &self.all {
            let key = name.key().with(&member.id);
            if member.forgotten {
                tx.delete(&SERVICE_TASKS, &key);
            } else if member.row != member.before {
                tx.put(&SERVICE_TASKS, &key, &member.row);
            }
        }
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Member> {
        self.all.iter_mut().find(|member| member.id == id)
    }

    /// Live tasks by capacity provider.
    pub(super) fn providers(&self, deployment: &str) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        let tasks = self.all.iter().filter(|member| member.row.deployment == deployment);
        for task in tasks.filter_map(|member| member.task.as_ref()) {
            if task.life.desired() == DesiredStatus::Running
                && let Some(provider) = &task.capacity_provider
            {
                *counts.entry(provider.clone()).or_default() += 1;
            }
        }
        counts
    }
}

/// What two kinds of checks say together.
fn both(one: Checks, other: Checks) -> Checks {
    match (one, other) {
        (Checks::None, only) | (only, Checks::None) => only,
        (Checks::Failing, _) | (_, Checks::Failing) => Checks::Failing,
        (Checks::Waiting, _) | (_, Checks::Waiting) => Checks::Waiting,
        (Checks::Passing, Checks::Passing) => Checks::Passing,
    }
}
