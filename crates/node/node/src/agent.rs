//! The agent: holds the loops of all tasks to the desired set.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use gantry_base::Clock;
use gantry_node_proto::v1;
use gantry_runtime::{ContainerId, Engine, Event};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};

use crate::balancers::Balancers;
use crate::board::Board;
use crate::config::{Config, PullBehavior};
use crate::container;
use crate::endpoint::{Endpoints, Protection, introspection};
use crate::files::Files;
use crate::here;
use crate::images;
use crate::known::Known;
use crate::ledger::{Found, Ledger, LedgerError};
use crate::logs::{Logs, Shipper};
use crate::names::VpcNames;
use crate::network::Network;
use crate::overlays;
use crate::processes::Processes;
use crate::report::refusal;
use crate::session;
use crate::shared::{Shared, Wake};
use crate::task::Loop;
use crate::users::Ranges;
use crate::wish::{self, Desired, Task};

/// How long the loops have to come to the end of their step when the agent stops.
const LAST_STEPS: Duration = Duration::from_secs(10);
/// Before trying again what may pass.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("control plane {url}: {source}")]
    Control { url: String, source: tonic::transport::Error },
}

pub struct Agent {
    shared: Arc<Shared>,
    tasks: HashMap<String, Slot>,
    loops: JoinSet<String>,
    generation: watch::Sender<u64>,
    stop: CancellationToken,
    swept: bool,
    balancers: Balancers,
    /// The references of all images that tasks here use.
    images: Arc<Mutex<HashSet<String>>>,
}

/// A task that is desired, or was and is not gone yet.
struct Slot {
    sent: Arc<v1::DesiredTask>,
    /// `None`: refused.
    running: Option<Running>,
    /// It was told that the task is not desired any more. From then on its loop removes it from the ledger, where nothing
    /// of it may be put again: the next start would take it for one that is to be ended.
    gone: bool,
}

struct Running {
    wishes: watch::Sender<Task>,
    wake: Arc<Wake>,
}

impl Agent {
    /// Runs until `stop` is cancelled. Containers keep running then, and an agent that is started again on the same
    /// data directory goes on with them.
    pub async fn run(
        config: Config,
        engine: Arc<dyn Engine>,
        network: Arc<dyn Network>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> Result<(), AgentError> {
        let (ledger, found) = Ledger::open(&config.data_dir.join("node")).await?;
        let channel = session::channel(&config)
            .map_err(|source| AgentError::Control { url: config.control.clone(), source })?;
        let processes = Processes::new(&config.node_id, Arc::clone(&engine), channel.clone());
        let client = session::client(channel);
        let (shipper, shipping) = Shipper::new(config.node_id.clone());
        let files = Files::new(&config.data_dir);
        let logs =
            Logs::new(ledger.clone(), Arc::clone(&clock), shipper, files.clone(), config.log_backlog_bytes);
        let shared = Arc::new(Shared {
            endpoints: Endpoints::new(
                Arc::clone(&network),
                Arc::clone(&engine),
                config.endpoint,
                Protection::new(&config.node_id, client.clone()),
            ),
            names: VpcNames::new(Arc::clone(&network)),
            board: Board::default(),
            config,
            engine,
            network,
            clock,
            ledger,
            files,
            logs,
            users: Ranges::default(),
            processes,
        });
        let mut agent = Self {
            shared: Arc::clone(&shared),
            tasks: HashMap::new(),
            loops: JoinSet::new(),
            generation: watch::Sender::new(found.generation),
            stop: stop.clone(),
            swept: false,
            balancers: Balancers::default(),
            images: Arc::default(),
        };
        agent.expect(&found).await;
        agent.resume(found);
        let newest = session::Newest::new(None);
        let mut desired = newest.subscribe();
        let session = AbortOnDropHandle::new(tokio::spawn(session::keep(
            Arc::clone(&shared),
            client.clone(),
            agent.generation.subscribe(),
            newest,
            stop.clone(),
        )));
        let shipping = AbortOnDropHandle::new(tokio::spawn(shipping.run(client)));
        let used = Arc::clone(&agent.images);
        let images = AbortOnDropHandle::new(tokio::spawn(images::keep(
            Arc::clone(&shared.engine),
            shared.config.image_cache_bytes,
            move || used.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        )));
        let introspection = shared.config.introspection.map(|at| {
            let version = shared.config.versions.get("gantry").cloned().unwrap_or_default();
            let views = shared.endpoints.views.clone();
            AbortOnDropHandle::new(tokio::spawn(introspection::serve(at, views, version)))
        });
        agent.serve(&mut desired).await;
        drop(introspection);
        images.abort();
        shipping.abort();
        agent.end().await;
        if let Err(error) = session.await {
            error!(%error, "the session's loop failed");
        }
        Ok(())
    }

    /// Has the network stay as it is for the tasks that an earlier run left.
    async fn expect(&self, found: &Found) {
        let attached = found.desired.values().filter_map(|sent| {
            let task = Task::parse(Arc::new(sent.clone())).ok()?;
            match task.network {
                wish::Network::Awsvpc(interface) => Some(interface.attachment),
                _ => None,
            }
        });
        // Each task's own loop tries again, and says why it can't.
        if let Err(error) = self.shared.network.expect(attached.collect()).await {
            warn!(%error, "the networks of tasks could not be left as they are");
        }
    }

    /// Goes on with what an earlier run left.
    fn resume(&mut self, found: Found) {
        let Found { desired, mut known, output, .. } = found;
        let arns: HashSet<String> = desired.keys().cloned().collect();
        info!(tasks = arns.len(), "ledger read");
        self.shared.logs.resume(output, &|task_arn| arns.contains(task_arn));
        for (arn, sent) in &desired {
            if let Some(first) = known.get(arn).and_then(|known| known.first_user) {
                self.shared.users.keep(&sent.task_id, first);
            }
        }
        for (arn, sent) in desired {
            let known = known.remove(&arn);
            self.begin(arn, sent, known);
        }
        self.note_images();
    }

    async fn serve(&mut self, desired: &mut watch::Receiver<Option<Arc<v1::Desired>>>) {
        let engine = Arc::clone(&self.shared.engine);
        let mut events = engine.events();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                Ok(()) = desired.changed() => {
                    let newest = desired.borrow_and_update().clone();
                    if let Some(newest) = newest
                        && !self.want(&newest).await
                    {
                        tokio::time::sleep(PAUSE).await;
                        desired.mark_changed();
                    }
                }
                event = events.next() => match event {
                    Some(event) => self.happened(&event),
                    None => {
                        tokio::time::sleep(PAUSE).await;
                        events = engine.events();
                        self.happened(&Event::Resync);
                    }
                },
                Some(ended) = self.loops.join_next() => match ended {
                    Ok(arn) => {
                        self.tasks.remove(&arn);
                        self.note_images();
                    }
                    // Its ledger row is there; the next start goes on with it.
                    Err(error) => error!(%error, "a task's loop failed"),
                },
            }
        }
    }

    /// Takes over a desired set: it is on disk before anything is done about it. False if it shall be tried again.
    async fn want(&mut self, desired: &v1::Desired) -> bool {
        let ledgered = *self.generation.borrow();
        if desired.generation < ledgered {
            warn!(generation = desired.generation, ledgered, "an older desired set was passed over");
            return true;
        }
        let desired = &here::told(desired, self.shared.config.endpoint);
        let changes = self.changes(desired);
        let rows = changes.iter().map(|sent| (sent.task_arn.clone(), Some(sent.clone()))).collect();
        if let Err(error) = self.shared.ledger.put_desired(desired.generation, rows).await {
            error!(%error, generation = desired.generation, "a desired set was not taken over");
            return false;
        }
        self.generation.send_replace(desired.generation);
        self.shared.names.give(desired.names.clone(), desired.zones.clone()).await;
        // Tasks run all the same; the network tries again by itself.
        if let Err(error) = self.shared.network.spread(overlays::parse(&desired.overlays)).await {
            error!(%error, "a VPC has no way to other nodes yet");
        }
        let balanced = self.balancers.follow(&*self.shared.network, &desired.balancers).await;
        let named: HashSet<&str> = desired.tasks.iter().map(|task| task.task_arn.as_str()).collect();
        for sent in changes {
            let gone = !named.contains(sent.task_arn.as_str());
            self.change(sent, gone).await;
        }
        self.note_images();
        if !self.swept {
            self.swept = self.sweep().await;
        }
        self.swept && balanced
    }

    /// The tasks that are new or other than before; those that are not named any more as stopped ones.
    fn changes(&self, desired: &v1::Desired) -> Vec<v1::DesiredTask> {
        let mut changes = Vec::new();
        let mut named = HashSet::new();
        for sent in &desired.tasks {
            named.insert(&sent.task_arn);
            if self.tasks.get(&sent.task_arn).is_none_or(|slot| *slot.sent != *sent) {
                changes.push(sent.clone());
            }
        }
        for (arn, slot) in &self.tasks {
            if !named.contains(arn) && !slot.gone {
                let mut sent = (*slot.sent).clone();
                sent.set_desired_status(v1::DesiredStatus::Stopped);
                changes.push(sent);
            }
        }
        changes
    }

    async fn change(&mut self, sent: v1::DesiredTask, gone: bool) {
        let arn = sent.task_arn.clone();
        let Some(slot) = self.tasks.get_mut(&arn) else {
            return self.begin(arn, sent, None);
        };
        let sent = Arc::new(sent);
        slot.sent = Arc::clone(&sent);
        slot.gone = gone;
        let Some(running) = &slot.running else {
            if gone {
                self.tasks.remove(&arn);
                self.shared.board.forget(&arn);
                if let Err(error) = self.shared.ledger.forget(&arn).await {
                    error!(task_arn = %arn, %error, "a task stays in the ledger");
                }
            }
            return;
        };
        match Task::parse(sent) {
            Ok(mut task) => {
                if gone {
                    task.desired = Desired::Gone;
                }
                running.wishes.send_replace(task);
            }
            Err(reason) => {
                error!(task_arn = %arn, why = %reason.detail, "a change of a task was passed over")
            }
        }
    }

    fn begin(&mut self, arn: String, sent: v1::DesiredTask, known: Option<Known>) {
        let sent = Arc::new(sent);
        let task = match Task::parse(Arc::clone(&sent)) {
            Ok(task) => task,
            Err(reason) => {
                warn!(task_arn = %arn, why = %reason.detail, "task refused");
                let report = refusal(&arn, &reason, self.shared.now());
                self.shared.board.post(report);
                self.tasks.insert(arn, Slot { sent, running: None, gone: false });
                return;
            }
        };
        let (wishes, wanted) = watch::channel(task);
        let wake = Arc::new(Wake::default());
        let stepped =
            Loop::new(Arc::clone(&self.shared), wanted, known, Arc::clone(&wake), self.stop.clone());
        let ended = arn.clone();
        self.loops.spawn(async move {
            stepped.run().await;
            ended
        });
        let running = Some(Running { wishes, wake });
        self.tasks.insert(arn, Slot { sent, running, gone: false });
    }

    fn note_images(&self) {
        let of = |slot: &Slot| -> Vec<String> {
            match &slot.running {
                Some(running) => {
                    let task = running.wishes.borrow();
                    let of = |index| container::pull(&task, index, PullBehavior::Default).reference;
                    (0..task.containers.len()).map(of).collect()
                }
                None => Vec::new(),
            }
        };
        let used = self.tasks.values().flat_map(of).collect();
        *self.images.lock().unwrap_or_else(PoisonError::into_inner) = used;
    }

    fn happened(&self, event: &Event) {
        match event {
            Event::Resync => {
                for running in self.tasks.values().filter_map(|slot| slot.running.as_ref()) {
                    running.wake.say();
                }
            }
            Event::Started(id) | Event::Exited(id) | Event::OutOfMemory(id) | Event::Removed(id) => {
                if let Some(running) = self.of(id) {
                    running.wake.say();
                }
            }
        }
    }

    fn of(&self, id: &ContainerId) -> Option<&Running> {
        let (task_id, _) = id.as_str().rsplit_once('-')?;
        self.tasks.values().find(|slot| slot.sent.task_id == task_id)?.running.as_ref()
    }

    /// Removes what no desired task has: once, when it is first known what is desired. True when it is done.
    async fn sweep(&self) -> bool {
        let tasks: Vec<Task> = self
            .tasks
            .values()
            .filter_map(|slot| Some(slot.running.as_ref()?.wishes.borrow().clone()))
            .collect();
        let labels = tasks.iter().flat_map(Task::labels).chain(self.balancers.labels()).collect();
        if let Err(error) = self.shared.network.retain(&labels).await {
            warn!(%error, "networks of unknown tasks stay for now");
            return false;
        }
        let seen = match self.shared.engine.observe().await {
            Ok(seen) => seen,
            Err(error) => {
                warn!(%error, "containers of unknown tasks stay for now");
                return false;
            }
        };
        let known: HashSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
        let mut strays = HashSet::new();
        for container in seen {
            if known.contains(container.task.as_str()) {
                continue;
            }
            warn!(container = %container.id, task = %container.task, "a container of no desired task is removed");
            if let Err(error) = self.shared.engine.delete(&container.id).await {
                warn!(container = %container.id, %error, "a stray container stays for now");
                return false;
            }
            strays.insert(container.task);
        }
        for task in strays {
            if let Err(error) = self.shared.engine.remove_task(&task).await {
                warn!(%task, %error, "a stray group stays for now");
                return false;
            }
        }
        true
    }

    /// Lets every loop come to the end of its step.
    async fn end(mut self) {
        self.shared.processes.end().await;
        let last = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_STEPS, last).await.is_err() {
            warn!("a task's step did not end in time");
            self.loops.shutdown().await;
        }
        self.shared.logs.stop();
        // An agent that is started again at once finds the file closed, whoever still holds the ledger.
        if let Err(error) = self.shared.ledger.close().await {
            error!(%error, "the ledger was not written to the end");
        }
        if let Err(error) = self.shared.network.remove_idle_routers().await {
            warn!(%error, "routers stay");
        }
    }
}
