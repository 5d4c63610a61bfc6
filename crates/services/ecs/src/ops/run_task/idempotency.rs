//! Client tokens: the same request again gives the same tasks.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html>

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_store::{Key, Tx, number};
use gantry_wire::to_json;
use sha2::{Digest, Sha256};

use crate::error::EcsError;
use crate::names::{Place, TaskName};
use crate::tables::queues::{CLIENT_TOKENS, CLIENT_TOKENS_BY_AGE, ClientToken, Forgetting};
use crate::tables::task::{TASKS, Task};

/// A request's token, and what the request asked for.
pub(super) struct Token {
    key: Key,
    place: Place,
    cluster: String,
    fingerprint: String,
}

impl Token {
    /// The token, if the request has one.
    pub(super) fn of(
        input: &api::RunTaskRequest,
        place: &Place,
        cluster: &str,
    ) -> Result<Option<Token>, EcsError> {
        let Some(token) = input.client_token.as_deref().filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        if token.len() > 64 || !token.bytes().all(|b| (33..=126).contains(&b)) {
            return Err(EcsError::invalid("clientToken must have at most 64 characters of printable ASCII."));
        }
        let mut asked = input.clone();
        asked.client_token = None;
        let fingerprint = hex::encode(Sha256::digest(to_json(&asked).to_string()));
        let key = place.key().with(cluster).with(token);
        Ok(Some(Token { key, place: place.clone(), cluster: cluster.to_owned(), fingerprint }))
    }

    /// The tasks of an earlier run with the token; a conflict if that run asked for something else.
    pub(super) async fn tasks_of_before(&self, tx: &mut Tx) -> Result<Option<Vec<Task>>, EcsError> {
        let Some(before) = tx.get(&CLIENT_TOKENS, &self.key).await? else { return Ok(None) };
        let name = |id: &String| TaskName {
            place: self.place.clone(),
            cluster: self.cluster.clone(),
            id: id.clone(),
        };
        let names: Vec<TaskName> = before.tasks.iter().map(name).collect();
        if before.fingerprint != self.fingerprint {
            return Err(EcsError::Conflict {
                message: "The RunTask request could not be processed due to conflicts. The provided clientToken is \
                          already in use with a different request."
                    .to_owned(),
                resource_ids: names.iter().map(|name| name.arn().to_string()).collect(),
            });
        }
        let keys: Vec<Key> = names.iter().map(TaskName::key).collect();
        Ok(Some(tx.peek_many(&TASKS, &keys).await?.into_iter().flatten().collect()))
    }

    /// Keeps the token with the tasks that this run makes.
    pub(super) fn remember(&self, tx: &mut Tx, tasks: Vec<String>, now: Timestamp) {
        tx.put(
            &CLIENT_TOKENS,
            &self.key,
            &ClientToken { fingerprint: self.fingerprint.clone(), tasks, at: now },
        );
        let at = Key::default().with(&number(now.as_millis().max(0) as u64));
        let key = self.key.parts().iter().fold(at, |key, part| key.with(part));
        tx.put(&CLIENT_TOKENS_BY_AGE, &key, &Forgetting {});
    }
}
