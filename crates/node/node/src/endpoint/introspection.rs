//! What an instance tells programs on it of its tasks, as AWS's agent does:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-introspection.html>

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::serve::write;
use super::{View, metadata};

const CONNECTIONS: usize = 16;
const HEADERS: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(200);

/// The tasks of this node as they are, by their ARNs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Views(Arc<Mutex<HashMap<String, watch::Receiver<View>>>>);

impl Views {
    pub fn add(&self, view: watch::Receiver<View>) {
        let arn = view.borrow().task.arn.clone();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those whose loop has ended are gone.
        all.retain(|_, view| view.has_changed().is_ok());
        all.insert(arn, view);
    }

    /// Those that run on an instance: Fargate shows none.
    fn of_instances(&self) -> Vec<View> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let views = all.values().filter(|view| view.has_changed().is_ok()).map(|view| view.borrow().clone());
        let mut views: Vec<View> = views.filter(|view| instance(view).is_some()).collect();
        views.sort_by(|a, b| a.task.arn.cmp(&b.task.arn));
        views
    }
}

/// The container instance that a task is on.
fn instance(view: &View) -> Option<&str> {
    let metadata = view.task.sent.metadata.as_ref()?;
    Some(metadata.container_instance_arn.as_str()).filter(|arn| !arn.is_empty())
}

/// Answers at `at` for as long as it is polled; where somebody else listens there, nobody asks us.
pub async fn serve(at: SocketAddr, views: Views, version: String) {
    let listener = match TcpListener::bind(at).await {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!(%at, %error, "tasks can't be asked for at this address"),
    };
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (views, version) = (views.clone(), version.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let (status, body) = respond(&request, &views, &version);
                async move { Ok::<_, Infallible>(write(status, &body)) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(turn);
        });
    }
}

fn respond(request: &Request<Incoming>, views: &Views, version: &str) -> (StatusCode, Value) {
    if request.method() != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, json!("method not allowed"));
    }
    let all = views.of_instances();
    match request.uri().path() {
        "/v1/metadata" => {
            let first = all.first();
            let body = json!({
                "Cluster": first.map(|view| view.task.sent.cluster_name.clone()),
                "ContainerInstanceArn": first.and_then(instance),
                "Version": format!("Gantry - v{version}"),
            });
            (StatusCode::OK, body)
        }
        "/v1/tasks" => of_query(request.uri().query().unwrap_or_default(), &all),
        _ => (StatusCode::OK, json!({"AvailableCommands": ["/v1/metadata", "/v1/tasks"]})),
    }
}

/// All tasks, or the one that is asked for by its ARN or one of its containers.
fn of_query(query: &str, all: &[View]) -> (StatusCode, Value) {
    let given = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| {
            // An ARN in a query may come with its colons and slashes escaped.
            value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/")
        })
    };
    let found = match (given("taskarn"), given("dockerid")) {
        (None, None) => {
            return (StatusCode::OK, json!({"Tasks": all.iter().map(task).collect::<Vec<_>>()}));
        }
        (Some(arn), _) => all.iter().find(|view| view.task.arn == arn),
        (None, Some(id)) => all.iter().find(|view| {
            !id.is_empty() && view.task.containers.iter().any(|it| it.id.as_str().starts_with(&id))
        }),
    };
    match found {
        Some(view) => (StatusCode::OK, task(view)),
        None => (StatusCode::NOT_FOUND, json!({})),
    }
}

fn task(view: &View) -> Value {
    let whole = metadata::task(view, false, None);
    let text = |name: &str| whole[name].clone();
    let containers = whole["Containers"].as_array().into_iter().flatten().map(|container| {
        let mut out = Map::new();
        for name in ["DockerId", "DockerName", "Name", "Ports", "Networks"] {
            if !container[name].is_null() {
                out.insert(name.to_owned(), container[name].clone());
            }
        }
        Value::Object(out)
    });
    json!({
        "Arn": text("TaskARN"),
        "DesiredStatus": text("DesiredStatus"),
        "KnownStatus": text("KnownStatus"),
        "Family": text("Family"),
        "Version": text("Revision"),
        "Containers": containers.collect::<Vec<_>>(),
    })
}
