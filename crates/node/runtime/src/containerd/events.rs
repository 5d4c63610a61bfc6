//! Containerd's events, for as long as the engine lives.

use std::time::Duration;

use gantry_containerd_api::events::{TaskDelete, TaskExit, TaskOom, TaskStart};
use gantry_containerd_api::services::events::{PublishRequest, SubscribeRequest};
use gantry_containerd_api::to_any;
use gantry_containerd_api::types::Envelope;
use prost::Message;
use tokio::sync::broadcast;
use tonic::{Response, Status, Streaming};

use super::client::{Client, NAMESPACE};
use crate::engine::container::ContainerId;
use crate::engine::observed::Event;

/// A reader that is further behind is told to look at everything.
pub(crate) const BACKLOG: usize = 4096;
/// A topic of our own.
const HELLO: &str = "/gantry/hello";
const HELLO_EVERY: Duration = Duration::from_millis(5);
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_MOST: Duration = Duration::from_secs(1);

/// Listens, and again whenever containerd breaks off. It never ends by itself.
pub(crate) async fn listen(client: Client, sender: broadcast::Sender<Event>) {
    let mut pause = PAUSE;
    loop {
        if let Ok(mut stream) = subscribe(&client).await {
            pause = PAUSE;
            // What happened until now was not heard.
            tell(&sender, Event::Resync);
            while let Ok(Some(envelope)) = stream.message().await {
                if let Some(event) = read(&envelope) {
                    tell(&sender, event);
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MOST);
    }
}

/// Answers when containerd has begun to listen for us. It says so only with the first event, so we make one.
async fn subscribe(client: &Client) -> Result<Streaming<Envelope>, Status> {
    let tasks = format!("namespace=={NAMESPACE},topic~=\"^/tasks/(start|exit|oom|delete)$\"");
    let hello = format!("namespace=={NAMESPACE},topic==\"{HELLO}\"");
    let mut events = client.events();
    let subscribed = events.subscribe(SubscribeRequest { filters: vec![tasks, hello] });
    tokio::pin!(subscribed);
    loop {
        tokio::select! {
            biased;
            answer = &mut subscribed => return answer.map(Response::into_inner),
            () = tokio::time::sleep(HELLO_EVERY) => {
                let event = Some(to_any("containerd.events.TaskStart", &TaskStart::default()));
                client.events().publish(PublishRequest { topic: HELLO.to_owned(), event }).await?;
            }
        }
    }
}

fn tell(sender: &broadcast::Sender<Event>, event: Event) {
    // Without a listener nobody wants to know.
    let _ = sender.send(event);
}

/// The event of a container's own process; those of further processes in it are nobody's business.
fn read(envelope: &Envelope) -> Option<Event> {
    let value = envelope.event.as_ref()?.value.as_slice();
    let id = |id: String| ContainerId::new(id).ok();
    match envelope.topic.as_str() {
        "/tasks/start" => Some(Event::Started(id(TaskStart::decode(value).ok()?.container_id)?)),
        "/tasks/exit" => {
            let exit = TaskExit::decode(value).ok()?;
            (exit.id == exit.container_id).then(|| id(exit.container_id).map(Event::Exited))?
        }
        "/tasks/oom" => Some(Event::OutOfMemory(id(TaskOom::decode(value).ok()?.container_id)?)),
        "/tasks/delete" => {
            let delete = TaskDelete::decode(value).ok()?;
            let whole = delete.id.is_empty() || delete.id == delete.container_id;
            whole.then(|| id(delete.container_id).map(Event::Removed))?
        }
        _ => None,
    }
}
