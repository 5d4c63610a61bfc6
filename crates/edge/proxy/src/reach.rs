//! How targets are reached. From the host for now; a VPC's own way can take this place.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::{TcpStream, UdpSocket};

/// How long a target has to take a connection, as AWS has it.
const CONNECT: Duration = Duration::from_secs(10);

/// Leads to targets.
#[async_trait]
pub trait Reach: Send + Sync + 'static {
    /// A connection to a target in a network.
    async fn connect(&self, vpc_id: &str, target: SocketAddr) -> io::Result<TcpStream>;
    /// A socket whose datagrams go to a target in a network, and which takes datagrams from nobody else.
    async fn datagrams(&self, vpc_id: &str, target: SocketAddr) -> io::Result<UdpSocket>;
}

/// By the host's own routes.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromHost;

#[async_trait]
impl Reach for FromHost {
    async fn connect(&self, _vpc_id: &str, target: SocketAddr) -> io::Result<TcpStream> {
        let connected = tokio::time::timeout(CONNECT, TcpStream::connect(target)).await;
        let stream = connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn datagrams(&self, _vpc_id: &str, target: SocketAddr) -> io::Result<UdpSocket> {
        let any: SocketAddr = match target {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(target).await?;
        Ok(socket)
    }
}
