//! The containers that containerd has a record of.
//!
//! They are read once and remembered: nobody else writes in our namespace.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use gantry_containerd_api::services::containers::{
    Container, CreateContainerRequest, DeleteContainerRequest, GetContainerRequest, ListContainersRequest,
    container,
};
use prost_types::Any;

use super::client::{self, Client};
use crate::engine::container::{ContainerId, TaskId};
use crate::engine::error::EngineError;

const TASK: &str = "gantry/task";
const IMAGE: &str = "gantry/image";
const DIGEST: &str = "gantry/digest";
const BOOT: &str = "gantry/boot";
/// Before the names of the caller's own labels.
const OWN: &str = "label/";
const SPEC: &str = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

/// What a container's record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub task: TaskId,
    pub image: String,
    pub digest: String,
    /// The boot of the machine in which it was created.
    pub boot: String,
    pub labels: BTreeMap<String, String>,
}

pub(crate) struct Records {
    client: Client,
    known: Mutex<BTreeMap<ContainerId, Arc<Record>>>,
}

/// How containerd runs a container.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub shim: String,
    /// What writes the output of containers that may be slowed.
    pub output_writer: Option<PathBuf>,
    pub options: Option<Any>,
    pub snapshotter: String,
}

impl Records {
    /// Reads what containerd has.
    pub(crate) async fn load(client: Client) -> Result<Self, EngineError> {
        let failure = |status| client::failure("list containers", &status);
        let answer = client.containers().list_stream(ListContainersRequest::default()).await;
        let mut stream = answer.map_err(failure)?.into_inner();
        let mut known = BTreeMap::new();
        while let Some(message) = stream.message().await.map_err(failure)? {
            let Some(container) = message.container else { continue };
            match parse(&container) {
                Some((id, record)) => {
                    known.insert(id, Arc::new(record));
                }
                None => tracing::warn!(id = container.id, "a container that is not ours is left alone"),
            }
        }
        Ok(Self { client, known: Mutex::new(known) })
    }

    pub(crate) fn get(&self, id: &ContainerId) -> Option<Arc<Record>> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<(ContainerId, Arc<Record>)> {
        self.lock().iter().map(|(id, record)| (id.clone(), record.clone())).collect()
    }

    /// The record that containerd has, though no answer of it told so.
    pub(crate) async fn find(&self, id: &ContainerId) -> Result<Option<Arc<Record>>, EngineError> {
        let request = GetContainerRequest { id: id.to_string() };
        let answer = client::found("look at a container", self.client.containers().get(request).await)?;
        let Some((id, record)) = answer.and_then(|it| it.container).as_ref().and_then(parse) else {
            return Ok(None);
        };
        let record = Arc::new(record);
        self.lock().insert(id, record.clone());
        Ok(Some(record))
    }

    /// Puts the record into containerd. False if there is one of that id.
    pub(crate) async fn create(
        &self,
        id: &ContainerId,
        record: Record,
        spec: Vec<u8>,
        runner: &Runner,
    ) -> Result<bool, EngineError> {
        let container = Container {
            id: id.to_string(),
            labels: labels(&record),
            image: record.image.clone(),
            runtime: Some(container::Runtime { name: runner.shim.clone(), options: runner.options.clone() }),
            spec: Some(Any { type_url: SPEC.to_owned(), value: spec }),
            snapshotter: runner.snapshotter.clone(),
            snapshot_key: id.to_string(),
            ..Container::default()
        };
        let request = CreateContainerRequest { container: Some(container) };
        let answer = self.client.containers().create(request).await;
        let made = client::created("record a container", answer)?.is_some();
        if made {
            self.lock().insert(id.clone(), Arc::new(record));
        }
        Ok(made)
    }

    pub(crate) async fn delete(&self, id: &ContainerId) -> Result<(), EngineError> {
        let request = DeleteContainerRequest { id: id.to_string() };
        client::found("forget a container", self.client.containers().delete(request).await)?;
        self.lock().remove(id);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContainerId, Arc<Record>>> {
        self.known.lock().expect("no holder of the lock panics")
    }
}

fn labels(record: &Record) -> HashMap<String, String> {
    let ours = [
        (TASK, record.task.as_str()),
        (IMAGE, &record.image),
        (DIGEST, &record.digest),
        (BOOT, &record.boot),
    ];
    let ours = ours.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let own = record.labels.iter().map(|(name, value)| (format!("{OWN}{name}"), value.clone()));
    ours.chain(own).collect()
}

fn parse(container: &Container) -> Option<(ContainerId, Record)> {
    let label = |name: &str| container.labels.get(name).cloned();
    let own = container
        .labels
        .iter()
        .filter_map(|(name, value)| name.strip_prefix(OWN).map(|name| (name.to_owned(), value.clone())));
    let record = Record {
        task: TaskId::new(label(TASK)?).ok()?,
        image: label(IMAGE)?,
        digest: label(DIGEST)?,
        boot: label(BOOT)?,
        labels: own.collect(),
    };
    Some((ContainerId::new(container.id.clone()).ok()?, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_went() {
        let record = Record {
            task: TaskId::new("t").unwrap(),
            image: "app:1".into(),
            digest: "sha256:x".into(),
            boot: "b".into(),
            labels: BTreeMap::from([("gantry/task".into(), "mine".into())]),
        };
        let container = Container { id: "t-c".into(), labels: labels(&record), ..Container::default() };
        assert_eq!(parse(&container), Some((ContainerId::new("t-c").unwrap(), record)));
        assert_eq!(parse(&Container { id: "x".into(), ..Container::default() }), None);
    }
}
