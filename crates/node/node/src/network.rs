//! What the agent needs of the network, so that it can run without one.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};
use std::path::PathBuf;

use async_trait::async_trait;
use gantry_net::{Attachment, Binding, Label, Net, NetError, Overlay, Publish, Vpc};
use tokio::net::TcpSocket;

/// The methods of [`Net`] that the agent uses, with their promises.
#[async_trait]
pub trait Network: Send + Sync + 'static {
    async fn expect(&self, tasks: Vec<Attachment>) -> Result<(), NetError>;
    async fn attach(&self, wanted: Attachment) -> Result<PathBuf, NetError>;
    async fn attach_lone(&self, task: &Label) -> Result<PathBuf, NetError>;
    /// Answers the address of the container.
    async fn attach_bridged(&self, container: &Label) -> Result<Ipv4Addr, NetError>;
    async fn publish(&self, container: &Label, wanted: &[Publish]) -> Result<Vec<Binding>, NetError>;
    /// Where the namespace of a task is, or would be.
    fn namespace_of(&self, task: &Label) -> PathBuf;
    async fn detach(&self, task: &Label) -> Result<(), NetError>;
    async fn retain(&self, tasks: &HashSet<Label>) -> Result<(), NetError>;
    async fn remove_idle_routers(&self) -> Result<(), NetError>;
    /// These VPCs are on other nodes as well, and no others.
    async fn spread(&self, overlays: Vec<Overlay>) -> Result<(), NetError>;
    /// `None` where nothing can be listened to.
    async fn listen(&self, task: &Label, at: SocketAddrV4) -> Result<Option<TcpListener>, NetError>;
    /// For a connection from the task's network to others.
    async fn socket(&self, task: &Label) -> Result<TcpSocket, NetError>;
    async fn resolver_sockets(&self, vpc: &Vpc) -> Result<(Vec<UdpSocket>, Vec<TcpListener>), NetError>;
}

#[async_trait]
impl Network for Net {
    async fn expect(&self, tasks: Vec<Attachment>) -> Result<(), NetError> {
        Net::expect(self, tasks).await
    }

    async fn attach(&self, wanted: Attachment) -> Result<PathBuf, NetError> {
        Net::attach(self, wanted).await
    }

    async fn attach_lone(&self, task: &Label) -> Result<PathBuf, NetError> {
        Net::attach_lone(self, task).await
    }

    async fn attach_bridged(&self, container: &Label) -> Result<Ipv4Addr, NetError> {
        Net::attach_bridged(self, container).await
    }

    async fn publish(&self, container: &Label, wanted: &[Publish]) -> Result<Vec<Binding>, NetError> {
        Net::publish(self, container, wanted).await
    }

    fn namespace_of(&self, task: &Label) -> PathBuf {
        Net::namespace_of(self, task)
    }

    async fn detach(&self, task: &Label) -> Result<(), NetError> {
        Net::detach(self, task).await
    }

    async fn retain(&self, tasks: &HashSet<Label>) -> Result<(), NetError> {
        Net::retain(self, tasks).await
    }

    async fn remove_idle_routers(&self) -> Result<(), NetError> {
        Net::remove_idle_routers(self).await
    }

    async fn spread(&self, overlays: Vec<Overlay>) -> Result<(), NetError> {
        Net::spread(self, overlays).await
    }

    async fn listen(&self, task: &Label, at: SocketAddrV4) -> Result<Option<TcpListener>, NetError> {
        Net::listen(self, task, at).await.map(Some)
    }

    async fn socket(&self, task: &Label) -> Result<TcpSocket, NetError> {
        Net::socket(self, task).await
    }

    async fn resolver_sockets(&self, vpc: &Vpc) -> Result<(Vec<UdpSocket>, Vec<TcpListener>), NetError> {
        Net::resolver_sockets(self, vpc).await
    }
}

/// A network in name only, for simulated engines.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNetwork;

#[async_trait]
impl Network for NoNetwork {
    async fn expect(&self, _: Vec<Attachment>) -> Result<(), NetError> {
        Ok(())
    }

    async fn attach(&self, wanted: Attachment) -> Result<PathBuf, NetError> {
        Ok(self.namespace_of(&wanted.task))
    }

    async fn attach_lone(&self, task: &Label) -> Result<PathBuf, NetError> {
        Ok(self.namespace_of(task))
    }

    async fn attach_bridged(&self, _: &Label) -> Result<Ipv4Addr, NetError> {
        Ok(Ipv4Addr::LOCALHOST)
    }

    async fn publish(&self, _: &Label, wanted: &[Publish]) -> Result<Vec<Binding>, NetError> {
        let bind = |one: &Publish| Binding {
            transport: one.transport,
            container_port: one.container_port,
            host_port: one.host_port.unwrap_or(one.container_port),
            count: one.count,
        };
        Ok(wanted.iter().map(bind).collect())
    }

    fn namespace_of(&self, task: &Label) -> PathBuf {
        PathBuf::from(format!("/nowhere/{task}"))
    }

    async fn detach(&self, _: &Label) -> Result<(), NetError> {
        Ok(())
    }

    async fn retain(&self, _: &HashSet<Label>) -> Result<(), NetError> {
        Ok(())
    }

    async fn remove_idle_routers(&self) -> Result<(), NetError> {
        Ok(())
    }

    async fn spread(&self, _: Vec<Overlay>) -> Result<(), NetError> {
        Ok(())
    }

    async fn listen(&self, _: &Label, _: SocketAddrV4) -> Result<Option<TcpListener>, NetError> {
        Ok(None)
    }

    async fn socket(&self, task: &Label) -> Result<TcpSocket, NetError> {
        Err(NetError::UnknownTask(task.clone()))
    }

    async fn resolver_sockets(&self, _: &Vpc) -> Result<(Vec<UdpSocket>, Vec<TcpListener>), NetError> {
        Ok((Vec::new(), Vec::new()))
    }
}
