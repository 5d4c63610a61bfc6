//! A simulated node: it dials, says who it is, and does what a test tells it.

use std::collections::VecDeque;
use std::time::Duration;

use gantry_ecs::session::{Trust, control, processes};
use gantry_node_proto::v1::control_client::ControlClient;
use gantry_node_proto::v1::{
    self, Capacity, ContainerReport, ContainerStatus, ControlMessage, Desired, DesiredStatus, DesiredTask,
    Hello, NodeMessage, Reason, ReasonCode, Report, TaskReport, TaskStatus, control_message, node_message,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(120);
/// A moment that nodes name when they tell of one.
pub const AT_MS: i64 = 1_800_000_001_000;

pub struct SimNode {
    pub client: ControlClient<Channel>,
    sender: mpsc::Sender<NodeMessage>,
    incoming: Streaming<ControlMessage>,
    sequence: u64,
    /// Sets that came while an acknowledgement was waited for.
    early: VecDeque<Desired>,
    pub generation: u64,
}

/// Serves the world's sessions without TLS, and gives a client to it.
pub async fn client(world: &World) -> ControlClient<Channel> {
    ControlClient::new(channel(world).await)
}

/// The way to the world's server.
pub async fn channel(world: &World) -> Channel {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .add_service(control(&world.ecs, Trust::Connection))
        .add_service(processes(&world.ecs, Trust::Connection))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), world.stop.clone().cancelled_owned());
    tokio::spawn(server);
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

pub fn hello(id: &str) -> Hello {
    Hello {
        node_id: id.into(),
        hostname: id.into(),
        capacity: Some(Capacity { cpu_units: 4096, memory_bytes: 8 << 30, ..Default::default() }),
        attributes: [("ecs.cpu-architecture".to_string(), "x86_64".to_string())].into(),
        ..Default::default()
    }
}

fn message(message: node_message::Message) -> NodeMessage {
    NodeMessage { message: Some(message) }
}

impl SimNode {
    /// A node that has said Hello and that it has no task.
    pub async fn join(world: &World, id: &str) -> SimNode {
        let client = client(world).await;
        let mut node = SimNode::dial(client, hello(id)).await.unwrap();
        node.report_all(Vec::new()).await;
        node
    }

    pub async fn dial(mut client: ControlClient<Channel>, hello: Hello) -> Result<SimNode, Status> {
        let (sender, receiver) = mpsc::channel(16);
        sender.send(message(node_message::Message::Hello(hello))).await.unwrap();
        let incoming = client.session(ReceiverStream::new(receiver)).await?.into_inner();
        Ok(SimNode { client, sender, incoming, sequence: 0, early: VecDeque::new(), generation: 0 })
    }

    pub async fn next(&mut self) -> Result<Option<control_message::Message>, Status> {
        let next = tokio::time::timeout(PATIENCE, self.incoming.message()).await.expect("a message in time");
        Ok(next?.and_then(|one| one.message))
    }

    /// The next desired set.
    pub async fn desired(&mut self) -> Desired {
        let desired = match self.early.pop_front() {
            Some(desired) => desired,
            None => loop {
                let message = self.next().await.unwrap().expect("the session goes on");
                if let control_message::Message::Desired(desired) = message {
                    break desired;
                }
            },
        };
        assert!(desired.generation > self.generation, "generations rise");
        self.generation = desired.generation;
        desired
    }

    /// The first desired set that fits.
    pub async fn desired_when(&mut self, fits: impl Fn(&Desired) -> bool) -> Desired {
        loop {
            let desired = self.desired().await;
            if fits(&desired) {
                return desired;
            }
        }
    }

    /// Whether a desired set that nobody has looked at yet wants the task stopped.
    pub fn was_told_to_stop(&self, arn: &str) -> bool {
        let stops =
            |task: &DesiredTask| task.task_arn == arn && task.desired_status() == DesiredStatus::Stopped;
        self.early.iter().any(|desired| desired.tasks.iter().any(stops))
    }

    /// The task once the node shall have it.
    pub async fn task(&mut self, arn: &str, status: DesiredStatus) -> DesiredTask {
        let is_it = |task: &DesiredTask| task.task_arn == arn && task.desired_status() == status;
        let desired = self.desired_when(|desired| desired.tasks.iter().any(is_it)).await;
        desired.tasks.into_iter().find(is_it).unwrap()
    }

    async fn send_report(&mut self, tasks: Vec<TaskReport>, complete: bool) {
        self.sequence += 1;
        let sequence = self.sequence;
        let report = Report { sequence, generation: self.generation, tasks, complete };
        self.sender.send(message(node_message::Message::Report(report))).await.unwrap();
        loop {
            match self.next().await.unwrap().expect("an acknowledgement") {
                control_message::Message::ReportAck(ack) => return assert_eq!(ack.sequence, sequence),
                control_message::Message::Desired(desired) => self.early.push_back(desired),
                control_message::Message::StartProcess(_) => panic!("nobody asked for a process"),
                control_message::Message::Measure(_) => panic!("nobody asked what is used"),
            }
        }
    }

    /// Answers what containers use.
    pub async fn say_usage(&mut self, usage: v1::Usage) {
        self.sender.send(message(node_message::Message::Usage(usage))).await.unwrap();
    }

    /// Reports tasks, and waits until that is durable.
    pub async fn report(&mut self, tasks: Vec<TaskReport>) {
        self.send_report(tasks, false).await;
    }

    /// Reports that these are all the tasks there are.
    pub async fn report_all(&mut self, tasks: Vec<TaskReport>) {
        self.send_report(tasks, true).await;
    }
}

/// A task whose container `app` runs.
pub fn running(arn: &str) -> TaskReport {
    TaskReport {
        task_arn: arn.into(),
        status: TaskStatus::Running.into(),
        containers: vec![container("app", ContainerStatus::Running, None)],
        pull_started_at_ms: AT_MS,
        pull_stopped_at_ms: AT_MS + 10,
        started_at_ms: AT_MS + 20,
        ..Default::default()
    }
}

/// A task that ended by itself, or as it was told.
pub fn stopped(arn: &str, exit_code: i32, code: ReasonCode) -> TaskReport {
    TaskReport {
        status: TaskStatus::Stopped.into(),
        containers: vec![container("app", ContainerStatus::Stopped, Some(exit_code))],
        reason: Some(Reason { code: code.into(), ..Default::default() }),
        execution_stopped_at_ms: AT_MS + 100,
        stopping_at_ms: AT_MS + 90,
        stopped_at_ms: AT_MS + 110,
        ..running(arn)
    }
}

pub fn container(name: &str, status: ContainerStatus, exit_code: Option<i32>) -> ContainerReport {
    ContainerReport {
        name: name.into(),
        status: status.into(),
        runtime_id: "0a0b".into(),
        image_digest: "sha256:00".into(),
        exit_code,
        ..Default::default()
    }
}

/// The environment of a container.
pub fn environment(container: &v1::Container) -> std::collections::BTreeMap<&str, &str> {
    container.environment.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect()
}
