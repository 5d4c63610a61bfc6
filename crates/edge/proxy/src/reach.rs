//! How targets are reached, and where clients within networks find load balancers. From the host here; a network's own
//! way takes this place where there are networks.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use gantry_elb_core::configuration::{Interface, Way};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// How long a target has to take a connection, as AWS has it.
pub const CONNECT: Duration = Duration::from_secs(10);

/// Leads to targets, and into networks.
#[async_trait]
pub trait Reach: Send + Sync + 'static {
    /// A connection of a load balancer to a target.
    async fn connect(&self, way: &Way, target: SocketAddr) -> io::Result<TcpStream>;
    /// The same with a client's address, where answers to that would come back; elsewhere with the load balancer's own.
    async fn connect_as(&self, client: SocketAddr, way: &Way, target: SocketAddr) -> io::Result<TcpStream>;
    /// A socket whose datagrams go to a target, and which takes datagrams from nobody else. Its address is the client's
    /// where answers to that would come back.
    async fn datagrams(
        &self,
        client: Option<SocketAddr>,
        way: &Way,
        target: SocketAddr,
    ) -> io::Result<UdpSocket>;
    /// Listens at an interface of a load balancer.
    async fn listen(&self, interface: &Interface, port: u16) -> io::Result<TcpListener>;
    /// Takes datagrams at an interface of a load balancer.
    async fn bind(&self, interface: &Interface, port: u16) -> io::Result<UdpSocket>;
}

/// By the host's own routes. Load balancers are in no network.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromHost;

#[async_trait]
impl Reach for FromHost {
    async fn connect(&self, _way: &Way, target: SocketAddr) -> io::Result<TcpStream> {
        connected(TcpStream::connect(target)).await
    }

    async fn connect_as(&self, _client: SocketAddr, way: &Way, target: SocketAddr) -> io::Result<TcpStream> {
        self.connect(way, target).await
    }

    async fn datagrams(
        &self,
        _client: Option<SocketAddr>,
        _way: &Way,
        target: SocketAddr,
    ) -> io::Result<UdpSocket> {
        let any: SocketAddr = match target {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(target).await?;
        Ok(socket)
    }

    async fn listen(&self, _interface: &Interface, _port: u16) -> io::Result<TcpListener> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn bind(&self, _interface: &Interface, _port: u16) -> io::Result<UdpSocket> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A connection that is there within AWS's time, and sends what is written at once.
pub async fn connected(connecting: impl Future<Output = io::Result<TcpStream>>) -> io::Result<TcpStream> {
    let connected = tokio::time::timeout(CONNECT, connecting).await;
    let stream = connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
