//! A control plane that says what the test wants and keeps what it is told.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use gantry_node::AgentError;
use gantry_node_proto::packed::{pack, unpack};
use gantry_node_proto::v1::control_server::{Control, ControlServer};
use gantry_node_proto::v1::{self, control_message, node_message};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

/// Nothing that a test waits for takes so long, on however busy a machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

#[derive(Clone, Default)]
pub struct Plane {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    desired: watch::Sender<v1::Desired>,
    hellos: Mutex<Vec<v1::Hello>>,
    /// The tasks that each complete report named.
    complete: watch::Sender<Vec<Vec<String>>>,
    /// Every report of a task, oldest first.
    reports: watch::Sender<HashMap<String, Vec<v1::TaskReport>>>,
    logs: watch::Sender<Vec<v1::LogBatch>>,
    /// Why an agent could not go on: nobody waits for it any more.
    failed: watch::Sender<Option<String>>,
    /// By task, container and output: the offset before which everything was accepted.
    accepted: Mutex<HashMap<(String, String, i32), u64>>,
    /// How often it was asked what containers use, and what was answered.
    asked: watch::Sender<u32>,
    usages: watch::Sender<Vec<v1::Usage>>,
    /// How many `PutLogs` are refused before one is taken.
    log_failures: Mutex<u32>,
}

/// Serves on a port of its own until it is dropped.
pub struct Served {
    pub url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Plane {
    pub async fn serve(&self) -> Served {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = ControlServer::new(self.clone());
        let task = tokio::spawn(async move {
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        Served { url, task }
    }

    /// From now on exactly these tasks are desired.
    pub fn desire(&self, tasks: impl IntoIterator<Item = v1::DesiredTask>) {
        self.inner.desired.send_modify(|desired| {
            desired.generation += 1;
            desired.tasks = tasks.into_iter().collect();
        });
    }

    /// An agent of this control plane has ended, and how if not as it should.
    pub fn node_ended(&self, error: Option<AgentError>) {
        if let Some(error) = error {
            self.inner.failed.send_replace(Some(error.to_string()));
        }
    }

    /// Asks what containers use, and waits for the answer.
    pub async fn measure(&self) -> v1::Usage {
        let mut usages = self.inner.usages.subscribe();
        let before = usages.borrow().len();
        self.inner.asked.send_modify(|asked| *asked += 1);
        let found = tokio::time::timeout(PATIENCE, usages.wait_for(|all| all.len() > before)).await;
        found.expect("an answer comes").unwrap().last().unwrap().clone()
    }

    async fn failure(&self) -> String {
        let mut failed = self.inner.failed.subscribe();
        let failed = failed.wait_for(Option::is_some).await.unwrap();
        failed.clone().unwrap()
    }

    pub fn fail_logs(&self, times: u32) {
        *self.inner.log_failures.lock().unwrap() = times;
    }

    pub fn hellos(&self) -> Vec<v1::Hello> {
        self.inner.hellos.lock().unwrap().clone()
    }

    /// Waits for so many complete reports, and gives back the tasks that each named.
    pub async fn complete(&self, count: usize) -> Vec<Vec<String>> {
        let mut complete = self.inner.complete.subscribe();
        let found = complete.wait_for(|complete| complete.len() >= count);
        let found = tokio::time::timeout(std::time::Duration::from_secs(300), found).await;
        found.expect("the reports come").unwrap().clone()
    }

    /// All reports of a task so far.
    pub fn reports(&self, arn: &str) -> Vec<v1::TaskReport> {
        let reports = self.inner.reports.borrow();
        reports.get(arn).cloned().unwrap_or_default()
    }

    /// Waits for a report of the task that is as wanted.
    pub async fn until(&self, arn: &str, wanted: impl Fn(&v1::TaskReport) -> bool) -> v1::TaskReport {
        let mut reports = self.inner.reports.subscribe();
        let found = reports
            .wait_for(|reports| reports.get(arn).and_then(|reports| reports.last()).is_some_and(&wanted));
        tokio::select! {
            found = found => found.unwrap()[arn].last().unwrap().clone(),
            why = self.failure() => panic!("the agent ended: {why}"),
            () = tokio::time::sleep(PATIENCE) => panic!("{arn} is {:?}", self.reports(arn).last()),
        }
    }

    pub async fn until_status(&self, arn: &str, status: v1::TaskStatus) -> v1::TaskReport {
        self.until(arn, |report| report.status() == status).await
    }

    /// Waits for so many messages of a log stream, and gives them back.
    pub async fn messages(&self, stream: &str, count: usize) -> Vec<String> {
        self.messages_until(stream, |messages| messages.len() >= count).await
    }

    /// Waits until a log stream is as wanted, and gives its messages back.
    pub async fn messages_until(&self, stream: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let of = |batches: &Vec<v1::LogBatch>| -> Vec<String> {
            batches
                .iter()
                .filter(|batch| batch.stream == stream)
                .flat_map(|batch| {
                    unpack(&batch.events).map(|event| event.unwrap().message.to_owned()).collect::<Vec<_>>()
                })
                .collect()
        };
        let mut logs = self.inner.logs.subscribe();
        let found = logs.wait_for(|batches| wanted(&of(batches)));
        if let Ok(found) = tokio::time::timeout(PATIENCE, found).await {
            return of(&found.unwrap());
        }
        panic!("{stream} has only {:?}", of(&self.inner.logs.borrow()));
    }
}

#[tonic::async_trait]
impl Control for Plane {
    type SessionStream = Pin<Box<dyn Stream<Item = Result<v1::ControlMessage, Status>> + Send>>;

    async fn session(
        &self,
        request: Request<Streaming<v1::NodeMessage>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let mut inbound = request.into_inner();
        let inner = Arc::clone(&self.inner);
        let (out, outbound) = mpsc::channel(16);
        tokio::spawn(async move {
            let mut desired = inner.desired.subscribe();
            desired.mark_changed();
            let mut asked = inner.asked.subscribe();
            loop {
                let message = tokio::select! {
                    message = inbound.next() => match message {
                        Some(Ok(message)) => message.message.unwrap(),
                        _ => return,
                    },
                    _ = desired.changed() => {
                        let newest = desired.borrow_and_update().clone();
                        if newest.generation > 0 {
                            say(&out, control_message::Message::Desired(newest)).await;
                        }
                        continue;
                    }
                    _ = asked.changed() => {
                        say(&out, control_message::Message::Measure(v1::Measure {})).await;
                        continue;
                    }
                };
                match message {
                    node_message::Message::Hello(hello) => inner.hellos.lock().unwrap().push(hello),
                    node_message::Message::Heartbeat(_) => {}
                    node_message::Message::Usage(usage) => inner.usages.send_modify(|all| all.push(usage)),
                    node_message::Message::Report(report) => {
                        let ack = v1::ReportAck { sequence: report.sequence };
                        if report.complete {
                            let named = report.tasks.iter().map(|task| task.task_arn.clone()).collect();
                            inner.complete.send_modify(|complete| complete.push(named));
                        }
                        inner.reports.send_modify(|reports| {
                            for task in report.tasks {
                                reports.entry(task.task_arn.clone()).or_default().push(task);
                            }
                        });
                        say(&out, control_message::Message::ReportAck(ack)).await;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(outbound))))
    }

    async fn put_logs(
        &self,
        request: Request<v1::PutLogsRequest>,
    ) -> Result<Response<v1::PutLogsResponse>, Status> {
        {
            let mut failures = self.inner.log_failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err(Status::unavailable("not now"));
            }
        }
        let mut batches = request.into_inner().batches;
        {
            // As the contract says: what was accepted before is told by its offset and cut off.
            let mut accepted = self.inner.accepted.lock().unwrap();
            for batch in &mut batches {
                let key = (batch.task_arn.clone(), batch.container.clone(), batch.output);
                let accepted = accepted.entry(key).or_insert(0);
                let mut fresh = Vec::new();
                for event in
                    unpack(&batch.events).map(Result::unwrap).filter(|event| event.end_offset > *accepted)
                {
                    pack(&mut fresh, event.timestamp_ms, event.end_offset, event.message);
                }
                batch.events = fresh.into();
                *accepted = batch.end_offset.max(*accepted);
            }
        }
        let acks = batches
            .iter()
            .map(|batch| v1::LogAck { accepted_offset: batch.end_offset, refused: String::new() })
            .collect();
        self.inner.logs.send_modify(|all| all.extend(batches));
        Ok(Response::new(v1::PutLogsResponse { acks }))
    }

    async fn task_protection(
        &self,
        request: Request<v1::TaskProtectionRequest>,
    ) -> Result<Response<v1::TaskProtectionResponse>, Status> {
        let asked = request.into_inner();
        let body = match asked.update {
            Some(update) => format!("{} {:?}", update.enabled, update.expires_in_minutes),
            None => asked.task_arn,
        };
        Ok(Response::new(v1::TaskProtectionResponse { status: 200, body: format!("{body:?}") }))
    }
}

async fn say(out: &mpsc::Sender<Result<v1::ControlMessage, Status>>, message: control_message::Message) {
    let message = v1::ControlMessage { message: Some(message) };
    // The node may have gone.
    let _ = out.send(Ok(message)).await;
}
