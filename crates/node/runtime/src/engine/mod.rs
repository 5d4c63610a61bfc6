//! The trait that a node's agent steps its tasks with.

pub(crate) mod attached;
pub(crate) mod container;
pub(crate) mod error;
pub(crate) mod image;
pub(crate) mod observed;

use async_trait::async_trait;
use futures::stream::BoxStream;

use attached::{Attach, Attached};
use container::{ContainerId, ContainerSpec, Exec, ExecOutput, Signal, TaskId, TaskSpec};
use error::{EngineError, PullError};
use image::{Image, Pull};
use observed::{Event, Exit, Observed, Started, Stats};

/// What an engine tells of, without end. A reader that lags is told to look at everything again.
pub type Events = BoxStream<'static, Event>;

/// Runs containers, grouped into tasks.
///
/// A container goes `create` → `start` → (`signal`) → `wait` → (`renew` → `start` → ...) → `delete`. Every method may be called again
/// after a crash of the caller or of the engine and then answers as the first call would have. A method that
/// answers [`EngineError::Unavailable`] did not necessarily do nothing; repeat it.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Makes the image present and unpacked. Concurrent pulls of one image or layer happen once.
    async fn pull(&self, pull: &Pull) -> Result<Image, PullError>;

    /// The image known by this reference, if it is present.
    async fn image(&self, reference: &str) -> Result<Option<Image>, EngineError>;

    /// All images that are present, by reference.
    async fn images(&self) -> Result<Vec<Image>, EngineError>;

    /// Forgets the reference; its data goes when nothing else needs it. No such image is no error.
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError>;

    /// Whether tasks can have users of their own here.
    fn gives_users(&self) -> bool;

    /// Makes the task's group with its limits, and its user namespace. Called again, it sets the limits anew.
    async fn prepare_task(&self, task: &TaskSpec) -> Result<(), EngineError>;

    /// Removes the task's group. Its containers must have been deleted. No such task is no error.
    async fn remove_task(&self, task: &TaskId) -> Result<(), EngineError>;

    /// Makes the container and its process up to the point where only `start` is missing.
    ///
    /// Its task must have been prepared and its image pulled ([`EngineError::NotFound`] otherwise).
    /// A container of this id that exists is left as it is: ids are never used for a second container.
    async fn create(&self, container: &ContainerSpec) -> Result<(), EngineError>;

    /// Runs the container's process. One that already ran is left as it is and answers when it began.
    async fn start(&self, id: &ContainerId) -> Result<Started, EngineError>;

    /// Makes the process of a container that has stopped anew, up to the point where only `start` is missing, on the
    /// file system that it left.
    ///
    /// `attempt` counts from 1 and is told apart from earlier ones: one that was made is left as it is.
    async fn renew(&self, container: &ContainerSpec, attempt: u32) -> Result<(), EngineError>;

    /// Sends a signal to the container's first process. One that has stopped gets none, and that is no error.
    async fn signal(&self, id: &ContainerId, signal: Signal) -> Result<(), EngineError>;

    /// Waits, across restarts of the engine, for the process to end. One that never started waits on.
    async fn wait(&self, id: &ContainerId) -> Result<Exit, EngineError>;

    /// Runs one more process in a running container and waits for it, at most for its timeout.
    async fn exec(&self, id: &ContainerId, exec: &Exec) -> Result<ExecOutput, EngineError>;

    /// Starts one more process in a running container, with the caller at its other end.
    async fn attach(&self, id: &ContainerId, attach: &Attach) -> Result<Attached, EngineError>;

    /// Removes the container with its process, file system and shim, killing it if it runs.
    /// Answers how it had ended if that is still known. No such container is no error.
    async fn delete(&self, id: &ContainerId) -> Result<Option<Exit>, EngineError>;

    /// The container as it is now.
    async fn inspect(&self, id: &ContainerId) -> Result<Option<Observed>, EngineError>;

    /// All containers as they are now, sorted by id.
    async fn observe(&self) -> Result<Vec<Observed>, EngineError>;

    /// Tells of changes from now on. It says where to look: what is so is said by `observe` and `inspect`.
    fn events(&self) -> Events;

    /// How many bytes the container has written to its file system, and not removed again. Counting takes a while.
    async fn disk_usage(&self, id: &ContainerId) -> Result<u64, EngineError>;

    /// What the container uses now; `None` when it is not running.
    async fn stats(&self, id: &ContainerId) -> Result<Option<Stats>, EngineError>;
}
