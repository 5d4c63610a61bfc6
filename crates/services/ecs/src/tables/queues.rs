//! What the loops have still to do, so that a pass reads only that.

use gantry_base::Timestamp;
use gantry_ecs_core::placement::Wants;
use gantry_store::{Key, Table, number};
use serde::{Deserialize, Serialize};

use crate::names::TaskName;

/// Tasks without a node, oldest first: key `created/account/region/cluster/id`.
pub const WAITING: Table<Waiting> = Table::new("ecs.waiting", 1);
/// One row, written with every task that is accepted, so that of two who looked for room at once one looks again.
pub const ACCEPTED: Table<()> = Table::new("ecs.accepted", 1);
/// Tasks with a node that lack what they need to start: key `account/region/cluster/id`.
pub const LAUNCHING: Table<Launching> = Table::new("ecs.launching", 1);
/// Tasks off their node whose interface is still there: key `account/region/cluster/id`.
pub const LEAVING: Table<Leaving> = Table::new("ecs.leaving", 1);
/// Stopped tasks by when they are forgotten: key `due/account/region/cluster/id`.
pub const FORGETTING: Table<Forgetting> = Table::new("ecs.forgetting", 1);
/// Running tasks by when their roles' credentials are renewed: key `due/account/region/cluster/id`.
pub const RENEWING: Table<Renewing> = Table::new("ecs.renewing", 1);
/// Client tokens of runs: key `account/region/cluster/token`.
pub const CLIENT_TOKENS: Table<ClientToken> = Table::new("ecs.client_token", 1);
/// The same by age: key `time/account/region/cluster/token`.
pub const CLIENT_TOKENS_BY_AGE: Table<Forgetting> = Table::new("ecs.client_token_by_age", 1);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub wants: Wants,
    pub since: Timestamp,
    /// Why no node took it when it was last tried.
    #[serde(default)]
    pub refused: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Launching {
    pub node: String,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    pub eni_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forgetting {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Renewing {
    pub node: String,
}

/// The tasks that a run with this token made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientToken {
    /// Of the request's parameters, to tell a repeated request from another one.
    pub fingerprint: String,
    pub tasks: Vec<String>,
    pub at: Timestamp,
}

/// A key that sorts by time.
pub fn at(time: Timestamp, name: &TaskName) -> Key {
    name.key_under(&number(time.as_millis().max(0) as u64).to_string())
}

/// The time in such a key.
pub fn time_of(key: &Key) -> Option<Timestamp> {
    Some(Timestamp::from_millis(key.parts().first()?.parse().ok()?))
}
