//! Whether nodes have room for a run now. The loop places; this tells the user at once where each task goes, and what
//! could not be placed.

use std::collections::HashMap;
use std::sync::Arc;

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_ecs_core::placement::{Action, Refusals, Strategy, Waiting, Wants, plan};
use gantry_ecs_core::query::Expression;
use gantry_store::{Scan, key};

use crate::Ecs;
use crate::error::EcsError;
use crate::loops::placement::World;
use crate::names::{Place, TaskName};
use crate::tables::container_instance::{self, ContainerInstance};
use crate::tables::queues::WAITING;
use crate::tables::task::LaunchType;

/// Most strategies and constraints in one request.
const MOST_STRATEGIES: usize = 5;
const MOST_CONSTRAINTS: usize = 10;

/// Most tasks that wait already and are looked at.
const MOST_AHEAD: usize = 500;

/// What a request says of the instances of its tasks.
#[derive(Default)]
pub(crate) struct Rules {
    pub strategy: Vec<Strategy>,
    /// The tasks must be on distinct instances.
    pub distinct: bool,
    /// Expressions that were understood.
    pub member_of: Vec<String>,
}

/// Reads the request's strategies and constraints.
pub(super) fn rules(input: &api::RunTaskRequest, launch: LaunchType) -> Result<Rules, EcsError> {
    let strategies = input.placement_strategy.as_deref().unwrap_or_default();
    let constraints = input.placement_constraints.as_deref().unwrap_or_default();
    if launch == LaunchType::Fargate {
        if !strategies.is_empty() {
            return Err(EcsError::invalid(
                "Placement strategies are not supported with FARGATE launch type.",
            ));
        }
        if !constraints.is_empty() {
            return Err(EcsError::invalid(
                "Placement constraints are not supported with FARGATE launch type.",
            ));
        }
        return Ok(Rules::default());
    }
    if strategies.len() > MOST_STRATEGIES {
        return Err(EcsError::invalid(format!("Maximum number of strategies is {MOST_STRATEGIES}.")));
    }
    if constraints.len() > MOST_CONSTRAINTS {
        return Err(EcsError::invalid(format!(
            "At most {MOST_CONSTRAINTS} placement constraints can be given."
        )));
    }
    let mut rules = Rules::default();
    for constraint in constraints {
        let expression = constraint.expression.as_deref().filter(|text| !text.is_empty());
        match (constraint.r#type.as_deref(), expression) {
            (Some("distinctInstance"), None) => rules.distinct = true,
            (Some("distinctInstance"), Some(_)) => {
                return Err(EcsError::invalid("distinctInstance expression should not be specified."));
            }
            (Some("memberOf"), Some(text)) => {
                Expression::parse(text).map_err(|bad| EcsError::invalid(bad.0))?;
                rules.member_of.push(text.to_owned());
            }
            (Some("memberOf"), None) => {
                return Err(EcsError::invalid("memberOf constraint must have an expression."));
            }
            _ => return Err(EcsError::invalid("Invalid placement constraint.")),
        }
    }
    rules.strategy = strategies.iter().map(strategy).collect::<Result<_, _>>()?;
    Ok(rules)
}

fn strategy(one: &api::PlacementStrategy) -> Result<Strategy, EcsError> {
    let field = one.field.as_deref().unwrap_or_default();
    let lower = field.to_ascii_lowercase();
    match (one.r#type.as_deref(), lower.as_str()) {
        (Some("random"), "") => Ok(Strategy::Random),
        (Some("random"), _) => Err(EcsError::invalid("random field should not be specified.")),
        (Some("spread"), "attribute:ecs.availability-zone") => Ok(Strategy::SpreadOverZones),
        (Some("spread"), "instanceid" | "host") => Ok(Strategy::SpreadOverNodes),
        (Some("spread"), _) => match field.strip_prefix("attribute:").filter(|name| !name.is_empty()) {
            Some(name) => Ok(Strategy::SpreadOverAttribute(name.to_owned())),
            None => Err(EcsError::invalid(format!("spread field '{field}' is invalid."))),
        },
        (Some("binpack"), "cpu") => Ok(Strategy::BinpackCpu),
        (Some("binpack"), "memory") => Ok(Strategy::BinpackMemory),
        (Some("binpack"), _) => Err(EcsError::invalid(format!("binpack field '{field}' is invalid."))),
        _ => Err(EcsError::invalid("Invalid placement strategy.")),
    }
}

/// Where a task goes: an instance for what needs one.
pub(crate) type Verdict = Result<Option<String>, Arc<Refusals>>;

/// Where each task of a run would go now, or why nowhere. `instances` are those of the run's cluster.
pub(crate) async fn try_now(
    ecs: &Ecs,
    place: &Place,
    cluster: &str,
    instances: &[ContainerInstance],
    wants: &[Arc<Wants>],
    now: Timestamp,
) -> Result<Vec<Verdict>, EcsError> {
    // A transaction of its own, which only reads: the run must not conflict with every placement.
    let mut tx = ecs.db.begin();
    let mut world = World::of(ecs, &mut tx).await?;
    // What was accepted before and is not placed yet comes first.
    let rows = tx.peek_scan(&WAITING, &key!(), Scan::first(MOST_AHEAD)).await?;
    let ahead = rows.len();
    let mut clusters: HashMap<(Place, String), ()> = HashMap::new();
    for (key, row) in &rows {
        if row.wants.needs_instance()
            && let Some(name) = TaskName::of_key(key)
        {
            clusters.insert((name.place, name.cluster), ());
        }
    }
    clusters.remove(&(place.clone(), cluster.to_owned()));
    for (place, cluster) in clusters.into_keys() {
        let others = container_instance::of_cluster(&mut tx, &place, &cluster).await?;
        world.add_instances(&place, &cluster, &others);
    }
    world.add_instances(place, cluster, instances);
    let mut snapshot = world.snapshot;
    let earlier = rows.into_iter().map(|(_, row)| Arc::new(row.wants));
    let waiting = |(index, wants): (usize, Arc<Wants>)| Waiting { id: index.to_string(), wants };
    snapshot.waiting = earlier.chain(wants.iter().cloned()).enumerate().map(waiting).collect();
    let mut verdicts: Vec<Verdict> = vec![Ok(None); wants.len()];
    for action in plan(&snapshot, now) {
        let (task, verdict) = match action {
            Action::Refuse { task, why } => (task, Err(why)),
            Action::Place { task, node } => {
                let wants = &snapshot.waiting[task].wants;
                let instance = snapshot.instances.get(&wants.cluster).and_then(|all| all.get(&node));
                (task, Ok(instance.filter(|_| wants.needs_instance()).map(|one| one.id.clone())))
            }
        };
        if let Some(at) = task.checked_sub(ahead) {
            verdicts[at] = verdict;
        }
    }
    Ok(verdicts)
}

/// A task's failures as AWS gives them: for EC2 one for each instance, for Fargate one.
pub(super) fn failures(
    place: &Place,
    instances: &[ContainerInstance],
    wants: &Wants,
    why: &Refusals,
) -> Vec<api::Failure> {
    if !wants.needs_instance() || why.0.is_empty() {
        let reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
        return vec![api::Failure {
            arn: None,
            reason: Some(reason.to_owned()),
            detail: Some(why.to_string()),
        }];
    }
    let mut failures = Vec::with_capacity(why.0.len());
    for (id, refusal) in &why.0 {
        // One that was not asked for has nothing to do with it.
        let named = |one: &&ContainerInstance| one.node.as_ref().unwrap_or(&one.id) == id;
        let instance = instances.iter().find(named);
        if wants.instance.is_some() && wants.instance.as_ref() != instance.map(|one| &one.id) {
            continue;
        }
        failures.push(api::Failure {
            arn: instance.map(|one| one.arn(place).to_string()),
            reason: Some(refusal.code().to_owned()),
            detail: Some(refusal.to_string()),
        });
    }
    failures
}
