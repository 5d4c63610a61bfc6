//! The way to a service's instances: which one is next, and how it is reached.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use gantry_net::Label;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::balance::Balancer;
use super::counts::Count;
use super::requests::Pool;
use crate::network::Network;

/// An instance that does not take a connection for so long is passed over.
const DIAL: Duration = Duration::from_secs(2);
/// How many instances are tried for one connection: AWS's proxy tries again twice.
pub const TRIES: usize = 3;

/// What goes over the connections to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// Bytes, of which nothing is known.
    Bytes,
    /// Requests of HTTP/1, each with so much time.
    Http1(Option<Duration>),
    /// Requests of HTTP/2, as those of gRPC are.
    Http2(Option<Duration>),
}

/// From where instances are reached.
#[async_trait]
pub trait Reach: Send + Sync + 'static {
    /// A connection to one.
    async fn dial(&self, target: SocketAddr) -> std::io::Result<TcpStream>;
}

/// From the network of a task.
#[derive(Clone)]
pub struct FromTask {
    pub network: Arc<dyn Network>,
    pub label: Label,
}

#[async_trait]
impl Reach for FromTask {
    async fn dial(&self, target: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = self.network.socket(&self.label).await.map_err(std::io::Error::other)?;
        socket.connect(target).await
    }
}

/// The way to a service's instances.
pub struct Way {
    reach: Box<dyn Reach>,
    balancer: Mutex<Balancer>,
    /// After so long without anything a connection ends; none: never.
    pub idle: Option<Duration>,
    pub carries: Carries,
    /// Connections that wait for their next request.
    pub pool: Pool,
    /// What was asked of the service.
    pub count: Arc<Count>,
}

impl Way {
    /// A way without instances.
    pub fn new(reach: Box<dyn Reach>, idle: Option<Duration>, carries: Carries, count: Arc<Count>) -> Way {
        Way { reach, balancer: Mutex::default(), idle, carries, pool: Pool::default(), count }
    }

    /// Which instance is next, and how each has done.
    pub fn balancer(&self) -> MutexGuard<'_, Balancer> {
        self.balancer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to an instance: to another where one takes none.
    pub async fn connect(&self) -> Option<TcpStream> {
        let mut tried = Vec::new();
        while tried.len() < TRIES {
            let target = self.next(&mut tried)?;
            if let Some(stream) = self.dial(target).await {
                self.balancer().took(target);
                return Some(stream);
            }
        }
        None
    }

    /// The instance whose turn it is, of those that were not tried; it is one of them from then on.
    pub fn next(&self, tried: &mut Vec<SocketAddr>) -> Option<SocketAddr> {
        let target = self.balancer().pick(Instant::now(), tried)?;
        tried.push(target);
        Some(target)
    }

    /// A connection to this instance; one that takes none is noted.
    pub async fn dial(&self, target: SocketAddr) -> Option<TcpStream> {
        let dialled = match timeout(DIAL, self.reach.dial(target)).await {
            Ok(dialled) => dialled,
            Err(elapsed) => Err(elapsed.into()),
        };
        match dialled {
            Ok(stream) => Some(stream),
            Err(error) => {
                tracing::debug!(%target, %error, "an instance takes no connection");
                self.balancer().failed(target, Instant::now());
                None
            }
        }
    }
}
