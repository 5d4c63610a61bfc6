//! The HTTP server of one task, for its own containers.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_runtime::Engine;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::stats::Samples;
use super::{Protection, View, credentials, metadata};
use crate::wish::Network;

/// Connections of one task at once.
const CONNECTIONS: usize = 64;
const HEADERS: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(200);
/// How long an answer waits for the start of the container that asks to be known.
const START: Duration = Duration::from_secs(5);

pub async fn serve(
    listener: std::net::TcpListener,
    view: watch::Receiver<View>,
    engine: Arc<dyn Engine>,
    protection: Protection,
) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a listener cannot be used"),
    };
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    let samples = Arc::new(Mutex::new(Samples::default()));
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (view, engine, samples) = (view.clone(), Arc::clone(&engine), Arc::clone(&samples));
        let protection = protection.clone();
        open.spawn(async move {
            let service = service_fn(|request| {
                let sources = Sources {
                    engine: Arc::clone(&engine),
                    samples: Arc::clone(&samples),
                    protection: protection.clone(),
                };
                let view = view.clone();
                async move { Ok::<_, Infallible>(respond(request, view, sources).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "a metadata connection broke off");
            }
            drop(turn);
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    newest: watch::Receiver<View>,
    sources: Sources,
) -> Response<Full<Bytes>> {
    let path: Vec<String> =
        request.uri().path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if let ["api", id, "task-protection", "v1", "state"] = path.as_slice() {
        let view = newest.borrow().clone();
        let (status, body) = match of(&view, id) {
            Some(_) => sources.protection.answer(request, &view.task).await,
            None => not_found(&format!(
                "unable to get task arn from request: unable to get docker ID from v3 ID: {id}"
            )),
        };
        return write(status, &body);
    }
    if request.method() != Method::GET {
        return write(StatusCode::METHOD_NOT_ALLOWED, &json!("method not allowed"));
    }
    let view = newest.borrow().clone();
    let (status, body) = match path.as_slice() {
        ["v2", "credentials", id] => credentials::answer(view.task.sent.task_role.as_ref(), id),
        [version @ ("v3" | "v4"), id, rest @ ..] => match of(&view, id) {
            Some(index) => {
                let view = started(newest, index).await;
                let (status, body) = metadata_of(&view, index, rest, &sources).await;
                (status, if *version == "v3" { metadata::as_v3(body) } else { body })
            }
            None => not_found(&format!(
                "{} metadata handler: unable to get container ID from request: unable to get \
                 docker ID from v3 ID: {id}",
                version.to_uppercase()
            )),
        },
        // By the address alone: a task is asked within its own namespace.
        ["v2", "metadata"] => (StatusCode::OK, metadata::as_v3(metadata::task(&view, false, None))),
        ["v2", "metadata", id] => match of(&view, id) {
            Some(index) => (StatusCode::OK, metadata::as_v3(metadata::container(&view, index))),
            None => not_found("V2 container metadata handler: unable to get the container"),
        },
        ["v2", "stats"] => (StatusCode::OK, all_stats(&view, &sources).await),
        ["v2", "stats", id] => match of(&view, id) {
            Some(index) => metadata_of(&view, index, &["stats"], &sources).await,
            None => not_found("V2 container stats handler: unable to get the container"),
        },
        _ => not_found("page not found"),
    };
    write(status, &body)
}

fn of(view: &View, id: &str) -> Option<usize> {
    view.task.containers.iter().position(|container| container.id.as_str() == id)
}

/// The view in which the start of this container has come out: a container that asks for itself runs, and is told so.
async fn started(mut newest: watch::Receiver<View>, index: usize) -> View {
    let known = newest.wait_for(|view| view.starting != Some(index));
    if let Ok(Ok(view)) = tokio::time::timeout(START, known).await {
        return view.clone();
    }
    // The engine is long about it, or the task's loop has ended: what is known is all there is to say.
    let view = newest.borrow();
    view.clone()
}

/// Where answers come from beside what is known.
struct Sources {
    engine: Arc<dyn Engine>,
    samples: Arc<Mutex<Samples>>,
    protection: Protection,
}

async fn metadata_of(view: &View, index: usize, rest: &[&str], sources: &Sources) -> (StatusCode, Value) {
    match rest {
        [] => (StatusCode::OK, metadata::container(view, index)),
        ["task"] => (StatusCode::OK, metadata::task(view, false, used_bytes(view, sources).await)),
        ["taskWithTags"] => (StatusCode::OK, metadata::task(view, true, used_bytes(view, sources).await)),
        ["stats"] => match stats_of(view, index, sources).await {
            Some(stats) => (StatusCode::OK, stats),
            None => not_found("V4 stats: the container does not run"),
        },
        ["task", "stats"] => (StatusCode::OK, all_stats(view, sources).await),
        _ => not_found("404 page not found"),
    }
}

async fn all_stats(view: &View, sources: &Sources) -> Value {
    let mut all = Map::new();
    for (index, container) in view.task.containers.iter().enumerate() {
        let stats = stats_of(view, index, sources).await;
        all.insert(container.id.to_string(), stats.unwrap_or(Value::Null));
    }
    Value::Object(all)
}

/// What the containers have written; Fargate alone tells of it.
async fn used_bytes(view: &View, sources: &Sources) -> Option<u64> {
    let metadata = view.task.sent.metadata.as_ref()?;
    if metadata.launch_type != "FARGATE" {
        return None;
    }
    let mut used = 0;
    for container in &view.task.containers {
        // One that is not made yet has written nothing.
        used += sources.engine.disk_usage(&container.id).await.unwrap_or(0);
    }
    Some(used)
}

async fn stats_of(view: &View, index: usize, sources: &Sources) -> Option<Value> {
    let container = &view.task.containers[index];
    match sources.engine.stats(&container.id).await {
        Ok(found) => found.map(|found| {
            use gantry_base::{Clock, SystemClock};
            let now = SystemClock.now().to_rfc3339();
            let own = !matches!(view.task.network, Network::Host);
            let mut samples = sources.samples.lock().unwrap_or_else(PoisonError::into_inner);
            samples.say(container.id.as_str(), &container.name, now, found, own)
        }),
        Err(error) => {
            tracing::debug!(container = %container.id, %error, "no stats");
            None
        }
    }
}

fn not_found(why: &str) -> (StatusCode, Value) {
    (StatusCode::NOT_FOUND, json!(why))
}

pub fn write(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_base::Timestamp;
    use gantry_node_proto::v1;
    use gantry_runtime::Simulated;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use crate::known::{Known, Status};
    use crate::wish::Task;

    fn view() -> View {
        let sent = v1::DesiredTask {
            task_arn: "arn:aws:ecs:us-east-1:000000000000:task/default/1".to_owned(),
            task_id: "1".to_owned(),
            desired_status: v1::DesiredStatus::Running.into(),
            containers: vec![v1::Container {
                name: "web".to_owned(),
                image: Some(v1::Image { reference: "web".to_owned(), ..v1::Image::default() }),
                ..v1::Container::default()
            }],
            network: Some(v1::Network { mode: v1::NetworkMode::Host.into(), interface: None }),
            ..v1::DesiredTask::default()
        };
        let task = Task::parse(Arc::new(sent)).unwrap();
        let mut known = Known::new(1);
        known.containers[0].status = Status::Created;
        View { task, known, starting: Some(0) }
    }

    #[tokio::test]
    async fn a_container_that_asks_while_it_is_started_is_told_that_it_runs() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let before = view();
        let id = before.task.containers[0].id.clone();
        let (say, newest) = watch::channel(before.clone());
        let serving =
            tokio::spawn(serve(listener, newest, Arc::new(Simulated::new()), Protection::default()));

        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET /v4/{id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        // Whoever holds the view asks for it: the request has come.
        let waits = async {
            while say.receiver_count() < 3 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(START, waits).await.expect("it waits to be told");
        let mut after = before;
        after.known.containers[0].status = Status::Running;
        after.known.containers[0].started_at = Some(Timestamp::from_millis(1));
        after.starting = None;
        say.send_replace(after);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("\"KnownStatus\":\"RUNNING\""), "{answer}");
        serving.abort();
    }
}
