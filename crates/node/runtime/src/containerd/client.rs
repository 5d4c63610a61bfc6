//! The connection to containerd: one channel, our namespace on every call.

use std::path::{Path, PathBuf};

use gantry_containerd_api::services;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tonic::metadata::MetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use crate::engine::error::EngineError;

/// The containerd namespace that everything of ours is in.
pub(crate) const NAMESPACE: &str = "gantry";

/// Specifications of many containers or long lists pass the default of 4 MiB.
const MESSAGE_BYTES: usize = 64 << 20;

type Connection = InterceptedService<Channel, InNamespace>;

#[derive(Clone)]
pub(crate) struct InNamespace;

impl Interceptor for InNamespace {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("containerd-namespace", MetadataValue::from_static(NAMESPACE));
        Ok(request)
    }
}

/// Makes clients of each service. It connects when it is first used and again whenever it must.
#[derive(Clone)]
pub(crate) struct Client {
    channel: Channel,
}

macro_rules! clients {
    ($($name:ident: $module:ident :: $inner:ident :: $client:ident;)*) => {
        impl Client {
            $(pub(crate) fn $name(&self) -> services::$module::$inner::$client<Connection> {
                services::$module::$inner::$client::with_interceptor(self.channel.clone(), InNamespace)
                    .max_decoding_message_size(MESSAGE_BYTES)
                    .max_encoding_message_size(MESSAGE_BYTES)
            })*
        }
    };
}

clients! {
    containers: containers::containers_client::ContainersClient;
    content: content::content_client::ContentClient;
    diff: diff::diff_client::DiffClient;
    events: events::events_client::EventsClient;
    images: images::images_client::ImagesClient;
    leases: leases::leases_client::LeasesClient;
    snapshots: snapshots::snapshots_client::SnapshotsClient;
    tasks: tasks::tasks_client::TasksClient;
    version: version::version_client::VersionClient;
}

impl Client {
    pub(crate) fn new(socket: &Path) -> Self {
        let socket: PathBuf = socket.to_path_buf();
        let channel = Endpoint::from_static("http://containerd.invalid")
            .initial_stream_window_size(4 << 20)
            .initial_connection_window_size(16 << 20)
            .connect_with_connector_lazy(tower::service_fn(move |_| {
                let socket = socket.clone();
                async move { UnixStream::connect(socket).await.map(TokioIo::new) }
            }));
        Self { channel }
    }
}

/// A request that makes its resources under a lease, so that they are not collected before they are used.
pub(crate) fn leased<T>(lease: &str, message: T) -> Result<Request<T>, EngineError> {
    let mut request = Request::new(message);
    let value = lease.parse().map_err(|error| EngineError::internal("name a lease", error))?;
    request.metadata_mut().insert("containerd-lease", value);
    Ok(request)
}

/// What a status of containerd means to the caller of an engine.
pub(crate) fn failure(doing: &str, status: &Status) -> EngineError {
    match status.code() {
        Code::Unavailable | Code::Cancelled => EngineError::Unavailable(status.message().to_owned()),
        // The transport's own errors come without a status from the other side.
        Code::Unknown if std::error::Error::source(status).is_some() => {
            EngineError::Unavailable(status.message().to_owned())
        }
        Code::DeadlineExceeded => EngineError::Unavailable(format!("{doing}: {}", status.message())),
        _ => EngineError::internal(doing, status.message()),
    }
}

/// Containerd's answer, or `None` if it says that there is no such thing.
pub(crate) fn found<T>(
    doing: &str,
    answer: Result<tonic::Response<T>, Status>,
) -> Result<Option<T>, EngineError> {
    match answer {
        Ok(response) => Ok(Some(response.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(failure(doing, &status)),
    }
}

/// Containerd's answer, or `None` if it says that there is such a thing already.
pub(crate) fn created<T>(
    doing: &str,
    answer: Result<tonic::Response<T>, Status>,
) -> Result<Option<T>, EngineError> {
    match answer {
        Ok(response) => Ok(Some(response.into_inner())),
        Err(status) if status.code() == Code::AlreadyExists => Ok(None),
        Err(status) => Err(failure(doing, &status)),
    }
}
