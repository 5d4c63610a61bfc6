//! Machines that become nodes, and cease to be: what the operator of this Gantry asks, and what the machines do.

use std::collections::BTreeMap;

use gantry_base::{Authority, Timestamp};
use gantry_ecs_core::stop::Stop;
use gantry_service::{Activated, Failure};
use gantry_store::{Scan, StoreError, Tx, key};
use sha2::{Digest, Sha256};

use crate::loops::PLACEMENT_LOOP;
use crate::names::{Place, TaskName};
use crate::session::SESSION_WAKE;
use crate::tables::capacity_provider;
use crate::tables::cluster::{self, CLUSTERS};
use crate::tables::container_instance::{self, MEMBERSHIPS, Status};
use crate::tables::enrolment::{ENROLMENTS, Enrolment, NODE_TOKENS, NodeToken, Terms};
use crate::tables::node::{NODES, RESERVATIONS};
use crate::tables::task::{LaunchType, TASKS};
use crate::{Ecs, ending, members};

/// Most tokens that are good at once.
const MOST_TOKENS: usize = 1000;
/// How often a change that lost a race is made again.
const ATTEMPTS: u32 = 32;

/// What a machine comes with.
#[derive(Debug, Clone, Copy)]
pub enum Ticket<'a> {
    /// A token of the operator's.
    Token { id: &'a str, secret: &'a str },
    /// An activation of Systems Manager, which makes a container instance for EXTERNAL of the cluster that it names.
    Activation { id: &'a str, code: &'a str, cluster: &'a str },
}

impl Ticket<'_> {
    fn id(&self) -> &str {
        match self {
            Ticket::Token { id, .. } | Ticket::Activation { id, .. } => id,
        }
    }
}

/// Why a machine is not let in, or an operator's wish not done.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    #[error("it is not good: unknown, used up or expired")]
    BadToken,
    #[error("there is no node {0}")]
    UnknownNode(String),
    #[error("{0} is this machine's own node")]
    OwnNode(String),
    #[error("there is no cluster {0}: make it first with aws ecs create-cluster")]
    NoCluster(String),
    #[error("there is no capacity provider {0}: make it first with aws ecs create-capacity-provider")]
    NoProvider(String),
    #[error("{MOST_TOKENS} tokens are good already; those that expire make room")]
    TooManyTokens,
    #[error("{0}")]
    Refused(String),
    #[error("the store does not answer: {0:?}")]
    Store(#[from] StoreError),
}

impl From<Failure> for MembershipError {
    fn from(failure: Failure) -> Self {
        MembershipError::Refused(format!("{failure:?}"))
    }
}

/// Who makes nodes: the operator of this Gantry, or a machine that has the operator's token.
struct Operator(String);

impl Authority for Operator {
    fn describe(&self) -> String {
        self.0.clone()
    }
}

/// A node, for whoever runs this Gantry.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeState {
    pub id: String,
    pub hostname: String,
    pub address: String,
    /// None: the node of this machine itself, which serves EC2 and FARGATE.
    pub launch: Option<LaunchType>,
    pub cluster: String,
    pub zone: String,
    pub connected: bool,
    /// None: it has joined and was never heard.
    pub last_heard: Option<Timestamp>,
    pub cpu_units: u32,
    pub memory_mib: u32,
    pub tasks: usize,
}

fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// Whether a node of that name came by a token.
pub(crate) fn is_joined(node: &str) -> bool {
    node.starts_with("i-") || node.starts_with("mi-") || node.starts_with("fargate-")
}

impl Ecs {
    /// A new token: its id and its secret, which is kept nowhere.
    pub async fn new_node_token(
        &self,
        terms: Terms,
        expires_at: Timestamp,
        uses: u32,
    ) -> Result<(String, String), MembershipError> {
        let now = self.clock.now();
        let (id, secret) = (self.ids.hex(12), self.ids.hex(48));
        let mut tx = self.db.begin();
        if terms.launch != LaunchType::Fargate {
            let found = tx.get(&CLUSTERS, &cluster::key(&terms.place, &terms.cluster)).await?;
            found
                .filter(|cluster| cluster.active)
                .ok_or_else(|| MembershipError::NoCluster(terms.cluster.clone()))?;
        }
        if let Some(provider) = &terms.capacity_provider {
            let found = capacity_provider::active(&mut tx, &terms.place, provider).await?;
            found.ok_or_else(|| MembershipError::NoProvider(provider.clone()))?;
        }
        let mut good = 0;
        for (key, token) in tx.peek_scan(&NODE_TOKENS, &key!(), Scan::all()).await? {
            match token.expires_at > now && token.uses_left > 0 {
                true => good += 1,
                false => tx.delete(&NODE_TOKENS, &key),
            }
        }
        if good >= MOST_TOKENS {
            return Err(MembershipError::TooManyTokens);
        }
        let token = NodeToken { terms, secret_sha256: digest(&secret), expires_at, uses_left: uses };
        tx.put(&NODE_TOKENS, &key!(id), &token);
        tx.commit(&Operator("the operator lets machines join".to_owned())).await?;
        Ok((id, secret))
    }

    /// Lets a machine join that has the token: its name, and what `sign` makes for that name.
    pub async fn join_node<T>(
        &self,
        ticket: Ticket<'_>,
        hostname: &str,
        sign: impl Fn(&str) -> Result<T, String>,
    ) -> Result<(String, T), MembershipError> {
        let now = self.clock.now();
        let mut attempts = 0;
        loop {
            let mut tx = self.db.begin();
            let terms = self.use_ticket(&mut tx, ticket, now).await?.ok_or(MembershipError::BadToken)?;
            let kind = match terms.launch {
                LaunchType::Ec2 => "i",
                LaunchType::External => "mi",
                LaunchType::Fargate => "fargate",
            };
            let id = format!("{kind}-{}", self.ids.hex(17));
            let made = sign(&id).map_err(MembershipError::Refused)?;
            let enrolment = Enrolment { terms, hostname: hostname.to_owned(), joined_at: now };
            tx.put(&ENROLMENTS, &key!(id), &enrolment);
            match tx.commit(&Operator(format!("a machine joins by {}", ticket.id()))).await {
                Err(StoreError::Conflict) if attempts < ATTEMPTS => attempts += 1,
                ended => {
                    ended?;
                    tracing::info!(node = id, hostname, ticket = ticket.id(), "a machine has joined");
                    return Ok((id, made));
                }
            }
        }
    }

    /// On which terms the ticket lets a machine in, this once; none where it is not good.
    async fn use_ticket(
        &self,
        tx: &mut Tx,
        ticket: Ticket<'_>,
        now: Timestamp,
    ) -> Result<Option<Terms>, MembershipError> {
        match ticket {
            Ticket::Token { id, secret } => {
                let row = tx.get(&NODE_TOKENS, &key!(id)).await?;
                let good = row.filter(|row| {
                    row.secret_sha256 == digest(secret) && row.expires_at > now && row.uses_left > 0
                });
                let Some(mut row) = good else { return Ok(None) };
                row.uses_left -= 1;
                match row.uses_left {
                    0 => tx.delete(&NODE_TOKENS, &key!(id)),
                    _ => tx.put(&NODE_TOKENS, &key!(id), &row),
                }
                Ok(Some(row.terms))
            }
            Ticket::Activation { id, code, cluster } => {
                let Some(Activated { account, region }) = self.activations.redeem(tx, id, code, now).await?
                else {
                    return Ok(None);
                };
                let zone = format!("{region}a");
                let place = Place { account, region };
                let found = tx.get(&CLUSTERS, &cluster::key(&place, cluster)).await?;
                found
                    .filter(|cluster| cluster.active)
                    .ok_or_else(|| MembershipError::NoCluster(cluster.to_owned()))?;
                let (launch, cluster) = (LaunchType::External, cluster.to_owned());
                let attributes = BTreeMap::new();
                Ok(Some(Terms { launch, place, cluster, zone, attributes, capacity_provider: None }))
            }
        }
    }

    /// Whether a node may speak for itself: one that joined and was removed may not.
    pub(crate) async fn is_enrolled(&self, node: &str) -> Result<bool, StoreError> {
        Ok(!is_joined(node) || self.db.begin().peek(&ENROLMENTS, &key!(node)).await?.is_some())
    }

    /// All nodes, by their ids.
    pub async fn node_states(&self) -> Result<Vec<NodeState>, MembershipError> {
        let mut tx = self.db.begin();
        let open = self.connected().open();
        let mut nodes = Vec::new();
        for (key, row) in tx.peek_scan(&NODES, &key!(), Scan::all()).await? {
            let id = key.parts().pop().unwrap_or_default();
            let terms = tx.peek(&ENROLMENTS, &key!(id)).await?.map(|one| one.terms);
            let tasks = tx.peek_scan(&RESERVATIONS, &key!(id), Scan::all()).await?.len();
            nodes.push(NodeState {
                connected: open.contains(&id),
                last_heard: Some(self.connected().last_heard(&id)),
                hostname: row.hostname,
                address: row.address,
                launch: row.launch,
                cluster: terms.as_ref().map(|terms| terms.cluster.clone()).unwrap_or_default(),
                zone: terms.map(|terms| terms.zone).unwrap_or_default(),
                cpu_units: row.cpu_units,
                memory_mib: row.memory_mib,
                tasks,
                id,
            });
        }
        for (key, row) in tx.peek_scan(&ENROLMENTS, &key!(), Scan::all()).await? {
            let id = key.parts().pop().unwrap_or_default();
            if nodes.iter().all(|node| node.id != id) {
                nodes.push(NodeState {
                    id,
                    hostname: row.hostname,
                    address: String::new(),
                    launch: Some(row.terms.launch),
                    cluster: row.terms.cluster,
                    zone: row.terms.zone,
                    connected: false,
                    last_heard: None,
                    cpu_units: 0,
                    memory_mib: 0,
                    tasks: 0,
                });
            }
        }
        Ok(nodes)
    }

    /// Makes an end of a node that joined: its tasks are lost, it is no container instance, and it may not come back.
    pub async fn remove_node(&self, node: &str) -> Result<(), MembershipError> {
        if !is_joined(node) {
            return match self.db.begin().peek(&NODES, &key!(node)).await? {
                Some(_) => Err(MembershipError::OwnNode(node.to_owned())),
                None => Err(MembershipError::UnknownNode(node.to_owned())),
            };
        }
        let mut attempts = 0;
        loop {
            match self.try_remove(node).await {
                Err(MembershipError::Store(StoreError::Conflict)) if attempts < ATTEMPTS => attempts += 1,
                ended => {
                    ended?;
                    break;
                }
            }
        }
        self.connected().forget(node);
        tracing::info!(node, "a node was removed");
        Ok(())
    }

    async fn try_remove(&self, node: &str) -> Result<(), MembershipError> {
        let now = self.clock.now();
        let mut tx = self.db.begin();
        let enrolment = tx.get(&ENROLMENTS, &key!(node)).await?;
        let Enrolment { terms, .. } =
            enrolment.ok_or_else(|| MembershipError::UnknownNode(node.to_owned()))?;
        for (key, _) in tx.peek_scan(&RESERVATIONS, &key!(node), Scan::all()).await? {
            let Some(name) = TaskName::of_key(&key) else { continue };
            if let Some(mut task) = tx.get(&TASKS, &name.key()).await? {
                ending::fail(&mut tx, &mut task, Stop::node_gone(node), now);
            }
        }
        if let Some(membership) = tx
            .get(&MEMBERSHIPS, &container_instance::membership_key(node, &terms.place, &terms.cluster))
            .await?
            && let Some(mut instance) =
                members::find(&mut tx, &terms.place, &terms.cluster, &membership.instance).await?
        {
            instance.status = Status::Inactive;
            members::write(&mut tx, &terms.place, &mut instance);
        }
        tx.delete(&ENROLMENTS, &key!(node));
        tx.delete(&NODES, &key!(node));
        tx.wake(PLACEMENT_LOOP);
        tx.wake(SESSION_WAKE);
        tx.commit(&Operator(format!("node {node} is removed"))).await?;
        Ok(())
    }
}

/// Makes the node the container instance that its terms say, the first time that it is heard.
pub(crate) async fn enlist(
    tx: &mut Tx,
    node: &str,
    instance_id: &str,
    terms: &Terms,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Terms { launch, place, cluster, .. } = terms;
    if *launch == LaunchType::Fargate {
        return Ok(());
    }
    let membership = container_instance::membership_key(node, place, cluster);
    if tx.get(&MEMBERSHIPS, &membership).await?.is_some() {
        return Ok(());
    }
    if !tx.get(&CLUSTERS, &cluster::key(place, cluster)).await?.is_some_and(|cluster| cluster.active) {
        tracing::warn!(node, cluster, "the node's cluster is gone: it is no container instance");
        return Ok(());
    }
    let mut instance = members::of_node(node, instance_id, instance_id.to_owned(), cluster, now);
    instance.capacity_provider.clone_from(&terms.capacity_provider);
    members::write(tx, place, &mut instance);
    Ok(())
}
