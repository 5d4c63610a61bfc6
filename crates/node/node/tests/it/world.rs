//! One node of the test's own: directory, engine, control plane, agent.

use std::path::PathBuf;
use std::sync::Arc;

use gantry_base::{Clock, Timestamp};
use gantry_node::{Agent, Capacity, Config, IMAGE_CACHE_BYTES, LOG_BACKLOG_BYTES, NoNetwork, PullBehavior};
use gantry_node_proto::v1;
use gantry_runtime::Simulated;
use tokio_util::sync::CancellationToken;

use crate::control::{Plane, Served};

pub struct World {
    pub plane: Plane,
    pub engine: Arc<Simulated>,
    pub dir: tempfile::TempDir,
    served: Option<Served>,
    clock: Arc<TokioClock>,
    agent: Option<(CancellationToken, tokio::task::JoinHandle<()>)>,
}

/// The time of the simulated engine.
struct TokioClock(tokio::time::Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.elapsed().as_millis().try_into().unwrap())
    }
}

impl World {
    /// With its agent running.
    pub async fn start() -> Self {
        let plane = Plane::default();
        let served = plane.serve().await;
        let mut world = Self {
            plane,
            engine: Arc::new(Simulated::new()),
            dir: tempfile::tempdir().unwrap(),
            served: Some(served),
            clock: Arc::new(TokioClock(tokio::time::Instant::now())),
            agent: None,
        };
        world.begin();
        world
    }

    pub fn begin(&mut self) {
        let config = Config {
            node_id: "node-1".to_owned(),
            hostname: "host".to_owned(),
            address: "127.0.0.1".to_owned(),
            data_dir: self.dir.path().to_owned(),
            control: self.served.as_ref().unwrap().url.clone(),
            tls: None,
            endpoint: "127.0.0.1:4566".parse().unwrap(),
            capacity: Capacity { cpu_units: 2048, memory_bytes: 1 << 30, ..Capacity::default() },
            attributes: Default::default(),
            versions: Default::default(),
            log_backlog_bytes: LOG_BACKLOG_BYTES,
            image_pull_behavior: PullBehavior::default(),
            image_cache_bytes: IMAGE_CACHE_BYTES,
            connected: Default::default(),
            introspection: None,
        };
        let stop = CancellationToken::new();
        let (engine, clock) = (self.engine.clone(), self.clock.clone());
        let (plane, token) = (self.plane.clone(), stop.clone());
        let agent = tokio::spawn(async move {
            let ended = Agent::run(config, engine, Arc::new(NoNetwork), clock, token).await;
            plane.node_ended(ended.err());
        });
        self.agent = Some((stop, agent));
    }

    /// Ends the agent as a signal would.
    pub async fn end(&mut self) {
        let (stop, agent) = self.agent.take().unwrap();
        stop.cancel();
        agent.await.unwrap();
    }

    /// Ends the control plane; what it was told stays.
    pub fn cut_off(&mut self) {
        self.served = None;
    }

    pub fn output(&self, task: &str, container: &str) -> PathBuf {
        let id = self.engine.specs().into_iter().find(|spec| {
            spec.task.as_str() == task && spec.labels["com.amazonaws.ecs.container-name"] == container
        });
        id.unwrap().output.stdout
    }

    /// How often the engine was asked so.
    pub fn calls(&self, beginning: &str) -> usize {
        let calls = self.engine.calls();
        calls.iter().filter(|it| it.starts_with(beginning)).count()
    }
}

pub fn arn(id: &str) -> String {
    format!("arn:aws:ecs:us-east-1:000000000000:task/default/{id}")
}

/// A task without a network, of containers that are named like their images.
pub fn task(id: &str, containers: &[&str]) -> v1::DesiredTask {
    v1::DesiredTask {
        task_arn: arn(id),
        task_id: id.to_owned(),
        desired_status: v1::DesiredStatus::Running.into(),
        containers: containers.iter().map(|name| container(name)).collect(),
        network: Some(v1::Network { mode: v1::NetworkMode::None.into(), interface: None }),
        ..v1::DesiredTask::default()
    }
}

fn container(name: &str) -> v1::Container {
    v1::Container {
        name: name.to_owned(),
        essential: true,
        image: Some(v1::Image { reference: name.to_owned(), ..v1::Image::default() }),
        log_configuration: Some(v1::LogConfiguration {
            driver: "awslogs".to_owned(),
            group: "/test".to_owned(),
            stream: format!("stream/{name}"),
            region: "us-east-1".to_owned(),
            ..v1::LogConfiguration::default()
        }),
        ..v1::Container::default()
    }
}

pub fn stopped(mut task: v1::DesiredTask) -> v1::DesiredTask {
    task.set_desired_status(v1::DesiredStatus::Stopped);
    task
}
