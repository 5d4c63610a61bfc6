//! Carrying out one step. No choice is made here but whether a failure may pass.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use gantry_runtime::{ContainerSpec, EngineError, Image, PullError, Signal};
use tracing::{Instrument, debug_span, info, instrument};

use crate::container;
use crate::known::{Code, Health, Reason, Status};
use crate::step::Step;
use crate::task::{Later, Loop};
use crate::wish::{Desired, Network, Task};

/// How often a pull that fails for a reason that may pass is tried.
const PULLS: u32 = 4;
const PULL_PAUSE: Duration = Duration::from_secs(1);

impl Loop {
    pub(crate) async fn execute(&mut self, step: Step) -> Result<(), Later> {
        let span = debug_span!("step", name = step.name(), task_arn = %self.task.arn);
        self.carry_out(step).instrument(span).await
    }

    async fn carry_out(&mut self, step: Step) -> Result<(), Later> {
        match step {
            Step::Prepare { network, group, pulls } => self.prepare(network, group, pulls).await,
            Step::Create(index) => self.create(index).await,
            Step::Start(index) => self.start(index).await,
            Step::Restart(index) => self.restart(index).await,
            Step::GiveUp(index, reason) => {
                self.known.containers[index].fail(reason);
                Ok(())
            }
            Step::End(reason) => {
                info!(task_arn = %self.task.arn, reason = ?reason.code, detail = %reason.detail, "task ends");
                self.known.end(reason, self.shared.now());
                Ok(())
            }
            Step::AskToStop(index) => {
                let name = &self.known.containers[index].stop_signal;
                let signal = Signal::parse(name).unwrap_or(Signal::TERM);
                self.signal(index, signal).await?;
                self.known.containers[index].asked_to_stop_at = Some(self.shared.now());
                Ok(())
            }
            Step::Kill(index) => {
                self.signal(index, Signal::KILL).await?;
                self.known.containers[index].killed_at = Some(self.shared.now());
                Ok(())
            }
            Step::Clean => self.clean().await,
            // These two are the loop's own.
            Step::Wait { .. } | Step::Forget => Ok(()),
        }
    }

    async fn prepare(&mut self, network: bool, group: bool, pulls: Vec<usize>) -> Result<(), Later> {
        let shared = Arc::clone(&self.shared);
        if !pulls.is_empty() {
            self.known.pull_started_at.get_or_insert(shared.now());
            self.record()?;
        }
        if group
            && self.task.sent.user_namespace
            && shared.engine.gives_users()
            && self.known.first_user.is_none()
        {
            self.known.first_user = shared.users.take(self.task.id.as_str());
            self.record()?;
        }
        let task = self.task.clone();
        let view = self.view();
        let (port, owner) = (self.known.endpoint_port, self.known.first_user);
        let wanted = container::group(&task, &self.known, shared.network.namespace_of(&task.label));
        let attach = async {
            match network {
                true => attach(&shared, &task, port, owner, view).await,
                false => Ok(Attached { port, addresses: Vec::new() }),
            }
        };
        let prepare = async {
            match group {
                true => shared.engine.prepare_task(&wanted).instrument(debug_span!("group")).await,
                false => Ok(()),
            }
        };
        let made = async {
            if owner.is_none() {
                let (attached, prepared) = tokio::join!(attach, prepare);
                return (Some(attached), prepared);
            }
            // Its network is made with its users, and is only furnished then.
            match prepare.await {
                Ok(()) => (Some(attach.await), Ok(())),
                failed => (None, failed),
            }
        };
        let pulled = join_all(pulls.iter().map(|index| self.pull(*index)));
        let ((attached, prepared), pulled) = tokio::join!(made, pulled);

        let now = shared.now();
        for (index, outcome) in pulls.into_iter().zip(pulled) {
            let known = &mut self.known.containers[index];
            match outcome {
                Pulled::Image(image) => {
                    known.status = Status::Pulled;
                    known.image_digest = image.digest;
                    known.image_id = image.config_digest;
                    known.stop_signal = image.config.stop_signal;
                    known.volumes = image.config.volumes.into_keys().collect();
                }
                Pulled::Failed(detail) => known.fail(Reason::new(Code::CannotPullContainer, detail)),
                Pulled::NotWanted => {}
            }
        }
        let waiting = |known: &crate::known::KnownContainer| known.status == Status::Pending;
        if !self.known.containers.iter().any(waiting) && self.known.pull_started_at.is_some() {
            self.known.pull_stopped_at.get_or_insert(now);
        }
        let began = self.known.containers.iter().any(|it| it.has_started());
        let mut later = None;
        match attached {
            None => {}
            Some(Ok(attached)) => {
                self.known.network = true;
                self.known.endpoint_port = attached.port;
                for (known, address) in self.known.containers.iter_mut().zip(attached.addresses) {
                    known.address = address;
                }
                if network && task.network != Network::Host {
                    self.known.network_attached_at.get_or_insert(now);
                }
            }
            // What runs goes on running; it was attached before and nothing took that away.
            Some(Err(error)) if began => later = Some(Later(error)),
            Some(Err(error)) => self.known.end(Reason::new(Code::ResourceInitialization, error), now),
        }
        match prepared {
            Ok(()) => self.known.group = true,
            Err(error) if began || passing(&error) => later = Some(Later(error.to_string())),
            Err(error) => self.known.end(Reason::new(Code::ResourceInitialization, error.to_string()), now),
        }
        later.map_or(Ok(()), Err)
    }

    /// Pulls until it succeeds, cannot succeed, or is not wanted any more.
    #[instrument(level = "debug", skip(self))]
    async fn pull(&self, index: usize) -> Pulled {
        let wanted = container::pull(&self.task, index, self.shared.config.image_pull_behavior);
        let mut wishes = self.wishes.clone();
        let mut attempt = 0;
        loop {
            let outcome = tokio::select! {
                outcome = self.shared.engine.pull(&wanted) => outcome,
                _ = wishes.wait_for(|task| task.desired != Desired::Running) => return Pulled::NotWanted,
                () = self.stop.cancelled() => return Pulled::NotWanted,
            };
            let error = match outcome {
                Ok(image) => return Pulled::Image(Box::new(image)),
                Err(error) => error,
            };
            // The engine is being restarted: that is no attempt at all.
            if !matches!(&error, PullError::Engine(error) if passing(error)) {
                attempt += 1;
            }
            if !error.is_transient() || attempt >= PULLS {
                return Pulled::Failed(pull_failure(&wanted.reference, attempt, &error));
            }
            let pause = PULL_PAUSE * 2_u32.pow(attempt.saturating_sub(1));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = wishes.wait_for(|task| task.desired != Desired::Running) => return Pulled::NotWanted,
                () = self.stop.cancelled() => return Pulled::NotWanted,
            }
        }
    }

    fn spec(&self, index: usize) -> std::io::Result<ContainerSpec> {
        let namespace = match self.task.network {
            Network::Host => PathBuf::new(),
            Network::Awsvpc(_) | Network::None | Network::Bridge => {
                self.shared.network.namespace_of(self.task.label_of(index))
            }
        };
        container::spec(&self.shared.files, &self.task, index, &self.known, &namespace)
    }

    async fn create(&mut self, index: usize) -> Result<(), Later> {
        let shared = Arc::clone(&self.shared);
        let spec = match self.spec(index) {
            Ok(spec) => spec,
            Err(error) => {
                let reason = Reason::new(Code::CannotCreateContainer, error.to_string());
                self.known.containers[index].fail(reason);
                return Ok(());
            }
        };
        if let Err(later) = self.publish(index).await? {
            self.known.containers[index].fail(later);
            return Ok(());
        }
        if let Err(why) = crate::logs::try_driver(&self.task, index, &spec.output).await {
            self.known.containers[index].fail(Reason::new(Code::CannotStartContainer, why));
            return Ok(());
        }
        shared.logs.follow(&self.task, index, &spec.output).map_err(|error| Later(error.to_string()))?;
        let known = &mut self.known.containers[index];
        let created = within(CREATE, "created", shared.engine.create(&spec)).await;
        match created {
            Ok(()) => {
                known.status = Status::Created;
                known.created_at = Some(shared.now());
            }
            Err(error) if passing(&error) => return Err(self.again(&error)),
            // It was removed after it was pulled.
            Err(EngineError::NotFound { what: "image", .. }) => known.status = Status::Pending,
            Err(error) => {
                known.fail(why_not(Code::CannotCreateContainer, &error));
            }
        }
        Ok(())
    }

    /// Has ports of this host lead to a container on the bridge. Answers why they can't, in the words of Docker's daemon.
    async fn publish(&mut self, index: usize) -> Result<Result<(), Reason>, Later> {
        let (wanted, ranges) = container::published(&self.task, index);
        if wanted.is_empty() {
            return Ok(Ok(()));
        }
        match self.shared.network.publish(self.task.label_of(index), &wanted).await {
            Ok(bindings) => {
                self.known.containers[index].ports = container::bound(&bindings, &ranges);
                self.record()?;
                Ok(Ok(()))
            }
            Err(error) if error.is_port_taken() => {
                let name = crate::endpoint::docker_name(&self.task, index);
                let id = &self.task.containers[index].id;
                Ok(Err(Reason::new(
                    Code::CannotStartContainer,
                    format!(
                        "Error response from daemon: driver failed programming external connectivity on endpoint \
                         {name} ({id}): {}",
                        container::port_failure(&error)
                    ),
                )))
            }
            Err(error) => Err(Later(error.to_string())),
        }
    }

    /// Makes the process of a container that has ended anew. That it shall, and how often it did, is on disk before:
    /// whoever goes on with it knows which run it is.
    async fn restart(&mut self, index: usize) -> Result<(), Later> {
        let shared = Arc::clone(&self.shared);
        let known = &mut self.known.containers[index];
        if !known.renewing {
            known.renewing = true;
            known.restarts += 1;
            info!(
                task_arn = %self.task.arn,
                container = %self.task.containers[index].name,
                restarts = known.restarts,
                "container starts again"
            );
            self.record()?;
            shared.ledger.flush().await.map_err(|error| Later(error.to_string()))?;
        }
        let spec = match self.spec(index) {
            Ok(spec) => spec,
            Err(error) => {
                let reason = Reason::new(Code::CannotCreateContainer, error.to_string());
                let known = &mut self.known.containers[index];
                known.renewing = false;
                known.fail(reason);
                return Ok(());
            }
        };
        let known = &mut self.known.containers[index];
        match shared.engine.renew(&spec, known.restarts).await {
            Ok(()) => {
                known.renewing = false;
                known.status = Status::Created;
                known.health = Health::Unknown;
            }
            Err(error) if passing(&error) => return Err(Later(error.to_string())),
            Err(error) => {
                known.renewing = false;
                // Its exit code is that of its last run; it does not run again, whatever its policy says.
                known.started_at = known.finished_at;
                known.fail(Reason::new(Code::CannotStartContainer, error.to_string()));
            }
        }
        Ok(())
    }

    async fn start(&mut self, index: usize) -> Result<(), Later> {
        // From here on the container may run, and ask its metadata what it is.
        self.starting = Some(index);
        self.show();
        let id = &self.task.containers[index].id;
        let known = &mut self.known.containers[index];
        match within(START, "running", self.shared.engine.start(id)).await {
            Ok(started) => {
                known.status = Status::Running;
                known.started_at = Some(crate::observe::timestamp(started.at));
                (known.exit_code, known.finished_at, known.reason) = (None, None, None);
                // It may have ended already; then no later event tells of it.
                self.wake.say();
            }
            Err(error) if passing(&error) => return Err(self.again(&error)),
            Err(error) => {
                known.fail(why_not(Code::CannotStartContainer, &error));
            }
        }
        self.starting = None;
        Ok(())
    }

    /// The engine died under a step: what it did of it is to be seen before the next.
    fn again(&self, error: &EngineError) -> Later {
        self.wake.say();
        Later(error.to_string())
    }

    async fn signal(&self, index: usize, signal: Signal) -> Result<(), Later> {
        let id = &self.task.containers[index].id;
        match self.shared.engine.signal(id, signal).await {
            Ok(()) => Ok(()),
            Err(EngineError::NotFound { .. } | EngineError::State { .. }) => {
                // It ended by itself.
                self.wake.say();
                Ok(())
            }
            Err(error) => Err(Later(error.to_string())),
        }
    }

    /// Nothing of the task runs: removes what it had. How its containers ended is on disk before they are gone.
    async fn clean(&mut self) -> Result<(), Later> {
        let shared = Arc::clone(&self.shared);
        let later = |error: &dyn std::fmt::Display| Later(error.to_string());
        self.record()?;
        shared.ledger.flush().await.map_err(|it| later(&it))?;
        for label in self.task.labels() {
            shared.endpoints.close(&label);
        }
        // All of them: a making that was cut off may have left something of a container that is not known to be made.
        let deletions = self.task.containers.iter().map(|container| shared.engine.delete(&container.id));
        try_join_all(deletions).await.map_err(|it| later(&it))?;
        for (index, _) in self.task.containers.iter().enumerate() {
            let finished = shared.logs.finish(&self.task, index);
            finished.map_err(|it| later(&it))?;
        }
        if let Network::Awsvpc(interface) = &self.task.network {
            shared.names.remove(&interface.attachment).await;
        }
        let labels = self.task.labels();
        let detached = try_join_all(labels.iter().map(|label| shared.network.detach(label)));
        let (group, network) = tokio::join!(shared.engine.remove_task(&self.task.id), detached);
        group.map_err(|it| later(&it))?;
        network.map_err(|it| later(&it))?;
        shared.files.remove(&self.task).map_err(|it| later(&it))?;
        if let Some(first) = self.known.first_user {
            shared.users.release(self.task.id.as_str(), first);
        }
        self.known.stopped_at = Some(shared.now());
        info!(task_arn = %self.task.arn, "task stopped");
        Ok(())
    }
}

enum Pulled {
    Image(Box<Image>),
    /// Why not, as ECS tells it.
    Failed(String),
    NotWanted,
}

/// A failed pull in the words that follow `CannotPullContainerError:`
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html)).
fn pull_failure(reference: &str, attempts: u32, error: &PullError) -> String {
    let tried = format!("pull image manifest has been retried {attempts} time(s)");
    match error {
        PullError::NotFound { .. }
        | PullError::Unauthorized { .. }
        | PullError::TooManyRequests { .. }
        | PullError::Network { .. } => format!("{tried}: failed to resolve ref {reference}: {error}"),
        PullError::NoPlatform { .. } => format!("{tried}: {error}"),
        other => other.to_string(),
    }
}

/// What the runtime has for a step, as with AWS's agent.
const CREATE: Duration = Duration::from_secs(4 * 60);
const START: Duration = Duration::from_secs(3 * 60);

/// Waits for a step of the runtime, for so long.
async fn within<T>(
    limit: Duration,
    what: &'static str,
    step: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::time::timeout(limit, step).await.unwrap_or(Err(EngineError::Timeout { what, limit }))
}

fn why_not(code: Code, error: &EngineError) -> Reason {
    match error {
        EngineError::Timeout { what, limit } => Reason::new(
            Code::RuntimeTimeout,
            format!("Could not transition to {what}; timed out after waiting {}m0s", limit.as_secs() / 60),
        ),
        error => {
            let text = error.to_string();
            // What the image or the definition names can't be run; on AWS that shows when the container is started.
            match text.starts_with("unable to start container process") {
                true => Reason::new(Code::CannotStartContainer, format!("{RUNC_REFUSED}{text}")),
                false => Reason::new(code, text),
            }
        }
    }
}

/// What AWS says before runc's own words.
const RUNC_REFUSED: &str = "ResourceInitializationError: failed to create new container runtime task: failed to create \
                            shim task: OCI runtime create failed: runc create failed: ";

/// Whether the engine may do later what it did not do now.
fn passing(error: &EngineError) -> bool {
    matches!(error, EngineError::Unavailable(_))
}

/// A task's network as it was made.
struct Attached {
    /// Of a task in the host's network: where its metadata is.
    port: Option<u16>,
    /// Of its containers on the bridge.
    addresses: Vec<Option<Ipv4Addr>>,
}

/// The error is a sentence for the user.
#[instrument(level = "debug", skip_all)]
async fn attach(
    shared: &Arc<crate::shared::Shared>,
    task: &Task,
    port: Option<u16>,
    owner: Option<u32>,
    view: tokio::sync::watch::Receiver<crate::endpoint::View>,
) -> Result<Attached, String> {
    let mut attached = Attached { port: None, addresses: Vec::new() };
    shared.files.write(task, owner).map_err(|error| format!("failed to write the task's files: {error}"))?;
    let failed = |error: gantry_net::NetError| format!("failed to configure the network: {error}");
    match &task.network {
        Network::Host => {
            let opened = shared.endpoints.open_on_host(task, port, view);
            attached.port =
                Some(opened.map_err(|error| format!("no port for the task's metadata: {error}"))?);
            return Ok(attached);
        }
        Network::None => {
            shared.network.attach_lone(&task.label).await.map_err(failed)?;
        }
        Network::Bridge => {
            let each = task.containers.iter().zip(&task.sent.containers).map(|(container, sent)| {
                let view = view.clone();
                async move {
                    if sent.disable_networking {
                        return Ok(None);
                    }
                    let address = shared.network.attach_bridged(&container.label).await?;
                    shared.endpoints.open(&container.label, view).await?;
                    Ok(Some(address))
                }
            });
            attached.addresses = try_join_all(each).await.map_err(failed)?;
            return Ok(attached);
        }
        Network::Awsvpc(interface) => {
            let attachment = interface.attachment.clone();
            shared.network.attach(attachment).await.map_err(failed)?;
            let named = shared.names.add(interface).await;
            named.map_err(failed)?;
        }
    }
    shared.endpoints.open(&task.label, view).await.map_err(failed)?;
    Ok(attached)
}
