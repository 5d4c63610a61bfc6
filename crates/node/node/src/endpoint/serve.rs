//! The HTTP server of one task, for its own containers.

use std::convert::Infallible;
use std::sync::Arc;
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

use super::{View, credentials, metadata, stats};

/// Connections of one task at once.
const CONNECTIONS: usize = 64;
const HEADERS: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(200);
/// How long an answer waits for the start of the container that asks to be known.
const START: Duration = Duration::from_secs(5);

pub async fn serve(listener: std::net::TcpListener, view: watch::Receiver<View>, engine: Arc<dyn Engine>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a listener cannot be used"),
    };
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
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
        let (view, engine) = (view.clone(), Arc::clone(&engine));
        open.spawn(async move {
            let service = service_fn(|request| {
                let (view, engine) = (view.clone(), Arc::clone(&engine));
                async move { Ok::<_, Infallible>(respond(request, view, engine).await) }
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
    engine: Arc<dyn Engine>,
) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return write(StatusCode::METHOD_NOT_ALLOWED, &json!("method not allowed"));
    }
    let view = newest.borrow().clone();
    let path: Vec<&str> = request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
    let (status, body) = match path.as_slice() {
        ["v2", "credentials", id] => credentials::answer(view.task.sent.task_role.as_ref(), id),
        ["v3" | "v4", id, rest @ ..] => match of(&view, id) {
            Some(index) => {
                let view = started(newest, index).await;
                metadata_of(&view, index, rest, &*engine).await
            }
            None => not_found("V4 metadata: unable to get container for this id"),
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

async fn metadata_of(view: &View, index: usize, rest: &[&str], engine: &dyn Engine) -> (StatusCode, Value) {
    match rest {
        [] => (StatusCode::OK, metadata::container(view, index)),
        ["task"] => (StatusCode::OK, metadata::task(view, false)),
        ["taskWithTags"] => (StatusCode::OK, metadata::task(view, true)),
        ["stats"] => match stats_of(view, index, engine).await {
            Some(stats) => (StatusCode::OK, stats),
            None => not_found("V4 stats: the container does not run"),
        },
        ["task", "stats"] => {
            let mut all = Map::new();
            for (index, container) in view.task.containers.iter().enumerate() {
                let stats = stats_of(view, index, engine).await;
                all.insert(container.id.to_string(), stats.unwrap_or(Value::Null));
            }
            (StatusCode::OK, Value::Object(all))
        }
        _ => not_found("page not found"),
    }
}

async fn stats_of(view: &View, index: usize, engine: &dyn Engine) -> Option<Value> {
    let container = &view.task.containers[index];
    match engine.stats(&container.id).await {
        Ok(found) => found.map(|found| {
            use gantry_base::{Clock, SystemClock};
            let now = SystemClock.now().to_rfc3339();
            stats::container(container.id.as_str(), &container.name, &now, &found)
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

fn write(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
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
        let serving = tokio::spawn(serve(listener, newest, Arc::new(Simulated::new())));

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
