//! Target groups at run time: their members, and which of them gets what comes next.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use arc_swap::ArcSwap;
use gantry_elb_core::action::What;
use gantry_elb_core::choose::{Candidate, choose};
use gantry_elb_core::configuration::{Configuration, Known, Target, TargetGroup, TargetKey, Way};
use gantry_elb_core::counts::{Counts, OfGroup};
use gantry_elb_core::health::{Checked, Health, Reason, State};
use smallvec::SmallVec;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::asleep::{Sleep, Waker};
use crate::http::pool::{IDLE, Pool};
use crate::one::target::Link;
use crate::{Options, check, counts};

/// All groups.
pub struct Table {
    groups: ArcSwap<BTreeMap<String, Arc<Group>>>,
    balancers: ArcSwap<BTreeMap<String, Arc<counts::Balancer>>>,
    options: Options,
    changed: watch::Sender<u64>,
}

/// A group.
pub struct Group {
    pub arn: String,
    configuration: ArcSwap<TargetGroup>,
    /// How its load balancer reaches its targets.
    way: ArcSwap<Way>,
    members: ArcSwap<Vec<Arc<Member>>>,
    turn: AtomicU64,
    pub counts: counts::Group,
    pub sleep: Sleep,
}

/// A target of a group.
pub struct Member {
    pub key: TargetKey,
    address: SocketAddr,
    pub zone: RwLock<String>,
    pub pool: Pool,
    /// Requests or connections that it has and has not ended.
    pub outstanding: AtomicU32,
    /// What it answers to checks, and since when it is healthy.
    state: Mutex<(Checked, Option<Instant>)>,
    draining: std::sync::atomic::AtomicBool,
    /// Whether it is healthy; what is bound to it may end when it is not.
    pub healthy: watch::Sender<bool>,
    /// Ends its checks.
    pub gone: CancellationToken,
}

/// Most groups have few targets.
type Few<T> = SmallVec<[T; 8]>;

fn locked<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T: Clone>(lock: &RwLock<T>) -> T {
    lock.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn write<T>(lock: &RwLock<T>, value: T) {
    *lock.write().unwrap_or_else(PoisonError::into_inner) = value;
}

impl Member {
    fn new(key: TargetKey, target: &Target) -> Member {
        let checked = Checked::from(target.known.clone());
        let healthy = checked.health.state == State::Healthy;
        Member {
            key,
            address: SocketAddr::new(target.address, target.port),
            zone: RwLock::new(target.zone.clone()),
            pool: Pool::default(),
            outstanding: AtomicU32::new(0),
            state: Mutex::new((checked, healthy.then(Instant::now))),
            draining: target.draining.into(),
            healthy: watch::Sender::new(healthy),
            gone: CancellationToken::new(),
        }
    }

    /// Where it takes connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its health as it is known.
    pub fn health(&self) -> Health {
        locked(&self.state).0.health.clone()
    }

    /// Whether it gets nothing new.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Takes the result of a check in; true if what is known changed.
    pub fn observe(&self, change: impl FnOnce(&mut Checked)) -> bool {
        let (changed, healthy) = {
            let mut state = locked(&self.state);
            let before = state.0.health.clone();
            change(&mut state.0);
            let healthy = state.0.health.serves();
            match (healthy, state.1.is_some()) {
                (true, false) => state.1 = Some(Instant::now()),
                (false, true) => state.1 = None,
                _ => {}
            }
            (before != state.0.health, healthy)
        };
        self.healthy.send_if_modified(|now| std::mem::replace(now, healthy) != healthy);
        changed
    }

    /// Keeps a connection, which is idle since now, for the next request, if there can be one.
    pub fn keep(self: &Arc<Self>, target: Link, now: Instant) {
        if self.is_draining() || self.gone.is_cancelled() || !self.pool.put(target, now) {
            return;
        }
        let member = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE).await;
                if !member.upgrade().is_some_and(|member| member.pool.sweep()) {
                    return;
                }
            }
        });
    }

    /// What it is chosen by; since when it is healthy only where it matters.
    fn candidate(&self, warms: bool) -> Candidate {
        let state = locked(&self.state);
        let since = state.1.filter(|_| warms);
        let since = since.map_or(0, |since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        Candidate {
            serves: state.0.health.serves(),
            outstanding: self.outstanding.load(Ordering::Relaxed),
            healthy_for_ms: since,
        }
    }
}

/// Counts something that a member has, as long as it is held.
pub struct Lease(Arc<Member>);

impl Lease {
    /// One more for the member.
    pub fn new(member: Arc<Member>) -> Lease {
        member.outstanding.fetch_add(1, Ordering::Relaxed);
        Lease(member)
    }

    /// The member.
    pub fn member(&self) -> &Arc<Member> {
        &self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Group {
    /// How it is to be.
    pub fn configuration(&self) -> Arc<TargetGroup> {
        self.configuration.load_full()
    }

    /// How its load balancer reaches its targets.
    pub fn way(&self) -> Arc<Way> {
        self.way.load_full()
    }

    /// Its members.
    pub fn members(&self) -> Arc<Vec<Arc<Member>>> {
        self.members.load_full()
    }

    /// The member at an address, if it may get something new: one that is drained keeps its own clients no longer.
    pub fn member(&self, address: SocketAddr) -> Option<Arc<Member>> {
        let members = self.members();
        let found = members.iter().find(|member| member.address() == address)?;
        let serves =
            found.health().serves() || !members.iter().any(|it| !it.is_draining() && it.health().serves());
        (!found.is_draining() && serves).then(|| found.clone())
    }

    /// Whether somebody passes its checks who may get something new.
    pub fn has_healthy(&self) -> bool {
        self.members().iter().any(|member| !member.is_draining() && member.health().serves())
    }

    /// Who gets the next request. `zones` are those of the load balancer, and `cross_zone` whether it goes to any of
    /// them; `but` is left out while others are there. `random` is any number, and chooses where a flow is to stay.
    pub fn choose(
        &self,
        zones: &[String],
        cross_zone: bool,
        but: &[SocketAddr],
        flow: Option<u64>,
    ) -> Option<Arc<Member>> {
        let configuration = self.configuration.load();
        let members = self.members.load();
        let slow_start = u64::from(configuration.slow_start_seconds) * 1000;
        let mut open: Few<&Arc<Member>> = members
            .iter()
            .filter(|member| !member.is_draining() && !but.contains(&member.address()))
            .collect();
        let turn = flow.unwrap_or_else(|| self.turn.fetch_add(1, Ordering::Relaxed));
        if !configuration.cross_zone.unwrap_or(cross_zone) {
            open = in_one_zone(open, zones, turn);
        }
        let mut candidates: Few<Candidate> =
            open.iter().map(|member| member.candidate(slow_start > 0)).collect();
        // Too few healthy ones: all are taken for healthy.
        let serving = candidates.iter().filter(|candidate| candidate.serves).count();
        if serving == 0 && self.sleep.is_waking() {
            return None;
        }
        let percent = (serving * 100).checked_div(candidates.len()).unwrap_or(0);
        let least = usize::try_from(configuration.minimum_healthy_count).unwrap_or(1);
        let least_percent = usize::try_from(configuration.minimum_healthy_percentage).unwrap_or(0);
        if serving < least.min(candidates.len()) || percent < least_percent {
            candidates.iter_mut().for_each(|candidate| candidate.serves = true);
        }
        let random = || flow.unwrap_or_else(rand::random);
        let chosen = choose(configuration.algorithm, slow_start, &candidates, turn, random)?;
        Some(open[chosen].clone())
    }

    fn follow(self: &Arc<Self>, wanted: &Arc<TargetGroup>, options: &Options, changed: &watch::Sender<u64>) {
        self.configuration.store(wanted.clone());
        let old = self.members();
        let mut members = Vec::with_capacity(wanted.targets.len());
        for target in &wanted.targets {
            let key = TargetKey { group: self.arn.clone(), id: target.id.clone(), port: target.port };
            let address = SocketAddr::new(target.address, target.port);
            let known = old.iter().find(|member| member.key == key && member.address == address);
            let member = match known {
                // One that came back begins anew, with its first check.
                Some(member) if member.is_draining() && !target.draining => {
                    member.gone.cancel();
                    self.begin(key, target, options, changed)
                }
                Some(member) => {
                    write(&member.zone, target.zone.clone());
                    if target.draining && !member.draining.swap(true, Ordering::Relaxed) {
                        member.gone.cancel();
                        member.pool.clear();
                    }
                    member.clone()
                }
                None => self.begin(key, target, options, changed),
            };
            members.push(member);
        }
        for member in old.iter().filter(|old| !members.iter().any(|member| Arc::ptr_eq(old, member))) {
            member.gone.cancel();
            member.pool.clear();
            if wanted.terminate_connections {
                member.healthy.send_if_modified(|healthy| std::mem::replace(healthy, false));
            }
        }
        self.members.store(members.into());
    }

    fn begin(
        self: &Arc<Self>,
        key: TargetKey,
        target: &Target,
        options: &Options,
        changed: &watch::Sender<u64>,
    ) -> Arc<Member> {
        let member = Arc::new(Member::new(key, target));
        if !target.draining {
            tokio::spawn(check::keep(self.clone(), member.clone(), options.reach.clone(), changed.clone()));
        }
        member
    }
}

/// Those of one zone: the zones that have healthy targets take turns, as their addresses do in AWS's DNS.
fn in_one_zone<'a>(all: Few<&'a Arc<Member>>, zones: &[String], turn: u64) -> Few<&'a Arc<Member>> {
    let zone_of = |member: &Arc<Member>| read(&member.zone);
    let well: Vec<&String> = zones
        .iter()
        .filter(|zone| all.iter().any(|member| zone_of(member) == **zone && member.health().serves()))
        .collect();
    let Some(at) = turn.checked_rem(well.len() as u64).and_then(|at| usize::try_from(at).ok()) else {
        return all;
    };
    let zone = well[at];
    all.into_iter().filter(|member| [zone.as_str(), "all"].contains(&zone_of(member).as_str())).collect()
}

impl Table {
    /// An empty one.
    pub fn new(options: Options) -> Table {
        Table {
            groups: ArcSwap::default(),
            balancers: ArcSwap::default(),
            options,
            changed: watch::Sender::new(0),
        }
    }

    /// Ticks whenever a target's health changes.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Who brings targets back that sleep.
    pub fn waker(&self) -> &Arc<dyn Waker> {
        &self.options.waker
    }

    /// The group of an ARN.
    pub fn group(&self, arn: &str) -> Option<Arc<Group>> {
        self.groups.load().get(arn).cloned()
    }

    /// What a load balancer carries is counted here.
    pub fn counts_of(&self, arn: &str) -> Arc<counts::Balancer> {
        self.balancers.load().get(arn).cloned().unwrap_or_default()
    }

    /// What was carried.
    pub fn counts(&self) -> Counts {
        let balancers = self.balancers.load();
        let groups = self.groups.load();
        let of_group = |group: &Group| {
            let (mut healthy_hosts, mut unhealthy_hosts) = (0, 0);
            let members = group.members();
            let outstanding = members.iter().map(|member| member.outstanding.load(Ordering::Relaxed)).sum();
            for member in members.iter().filter(|member| !member.is_draining()) {
                match member.health().state {
                    State::Healthy => healthy_hosts += 1,
                    State::Unhealthy => unhealthy_hosts += 1,
                    _ => {}
                }
            }
            OfGroup { healthy_hosts, unhealthy_hosts, outstanding, ..group.counts.get() }
        };
        Counts {
            load_balancers: balancers.iter().map(|(arn, one)| (arn.clone(), one.get())).collect(),
            target_groups: groups.iter().map(|(arn, group)| (arn.clone(), of_group(group))).collect(),
        }
    }

    /// What is known of all targets under check.
    pub fn known(&self) -> Known {
        let groups = self.groups.load();
        let members = groups.values().flat_map(|group| group.members().iter().cloned().collect::<Vec<_>>());
        members
            .filter(|member| !member.is_draining())
            .map(|member| (member.key.clone(), member.health()))
            .collect()
    }

    /// Has the groups be as they are to be. Members that stay keep what they have.
    pub fn follow(&self, wanted: &Configuration) {
        let old = self.groups.load();
        let ways = ways(wanted);
        let mut groups = BTreeMap::new();
        for (arn, configuration) in &wanted.target_groups {
            let way = match ways.get(arn.as_str()) {
                Some(way) if !configuration.of_instances => Arc::clone(way),
                // Machines are not in the network.
                _ => Arc::default(),
            };
            let group = old.get(arn).cloned().unwrap_or_else(|| {
                Arc::new(Group {
                    arn: arn.clone(),
                    configuration: ArcSwap::new(configuration.clone()),
                    way: ArcSwap::new(way.clone()),
                    members: ArcSwap::default(),
                    turn: AtomicU64::new(0),
                    counts: counts::Group::default(),
                    sleep: Sleep::default(),
                })
            });
            group.way.store(way);
            group.follow(configuration, &self.options, &self.changed);
            groups.insert(arn.clone(), group);
        }
        for (arn, group) in old.iter() {
            if !groups.contains_key(arn) {
                group.members().iter().for_each(|member| member.gone.cancel());
            }
        }
        self.groups.store(groups.into());
        let old = self.balancers.load();
        let of = |arn: &String| (arn.clone(), old.get(arn).cloned().unwrap_or_default());
        let balancers: BTreeMap<_, _> = wanted.load_balancers.iter().map(|one| of(&one.arn)).collect();
        self.balancers.store(balancers.into());
        self.changed.send_modify(|tick| *tick += 1);
    }

    /// Ends all checks.
    pub fn end(&self) {
        for group in self.groups.load().values() {
            group.members().iter().for_each(|member| member.gone.cancel());
        }
    }
}

/// How the load balancer of each group is in its network.
fn ways(wanted: &Configuration) -> HashMap<&str, &Arc<Way>> {
    let mut ways = HashMap::new();
    for of in &wanted.load_balancers {
        let rules = of.listeners.iter().flat_map(|listener| &listener.rules);
        for action in rules.flat_map(|rule| &rule.actions) {
            if let What::Forward(forward) = &action.what {
                ways.extend(forward.target_groups.iter().map(|group| (group.arn.as_str(), &of.way)));
            }
        }
    }
    ways
}

/// What is known of a target that nobody checks.
pub fn unchecked() -> Health {
    Health::because(State::Unavailable, Reason::HealthCheckDisabled)
}
