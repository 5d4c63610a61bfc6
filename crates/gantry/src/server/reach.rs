//! How load balancers reach their targets: those in their VPC from the interfaces that they have there, and others, which
//! are machines or outside of it, from this host.

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use gantry_elb_core::configuration::{Interface, Way};
use gantry_net::{Label, Net};
use gantry_proxy::{FromHost, Reach, connected};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::SetOnce;

use super::node::source_towards;

/// How long after the start interfaces may still be missing that are there in the end.
const GRACE: Duration = Duration::from_secs(5);
/// How long until it is looked again.
const AGAIN: Duration = Duration::from_millis(20);

/// The networks of this machine, once it is known whether it can have any.
#[derive(Clone)]
pub struct Networks {
    known: Arc<SetOnce<Option<Arc<Net>>>>,
    began: Instant,
}

impl Default for Networks {
    fn default() -> Networks {
        Networks { known: Arc::default(), began: Instant::now() }
    }
}

impl Networks {
    /// These are the networks; without any, all targets are reached from the host.
    pub fn are(&self, networks: Option<Arc<Net>>) {
        let _ = self.known.set(networks);
    }

    /// None where the machine can't have networks.
    fn get(&self) -> io::Result<Option<&Arc<Net>>> {
        let known = self.known.get().ok_or(io::ErrorKind::NotConnected)?;
        Ok(known.as_ref())
    }

    fn must(&self) -> io::Result<&Arc<Net>> {
        Ok(self.get()?.ok_or(io::ErrorKind::Unsupported)?)
    }

    /// The interface from which a target is reached, and the target's address there. None for what is reached from here.
    fn from(&self, way: &Way, target: SocketAddr) -> io::Result<Option<(&Arc<Net>, Label, SocketAddr)>> {
        if !way.holds(target.ip()) {
            return Ok(None);
        }
        let Some(net) = self.get()? else { return Ok(None) };
        let interface = way.towards(target.ip()).ok_or(io::ErrorKind::NotConnected)?;
        Ok(Some((net, label(interface)?, target)))
    }

    async fn dial(
        &self,
        client: Option<SocketAddrV4>,
        way: &Way,
        target: SocketAddr,
    ) -> io::Result<TcpStream> {
        connected(async {
            // Right after the start clients are here before the networks are.
            self.known.wait().await;
            let Some((net, label, target)) = self.from(way, target)? else {
                return FromHost.connect(way, outward(target)).await;
            };
            let socket = loop {
                let made = match client {
                    Some(client) => net.socket_as(&label, client).await,
                    None => net.socket(&label).await,
                };
                match made {
                    Err(_) if self.began.elapsed() < GRACE => tokio::time::sleep(AGAIN).await,
                    made => break made.map_err(io::Error::other)?,
                }
            };
            match (socket.connect(target).await, client) {
                // A connection from the client's port has just ended: it is from another then.
                (Err(error), Some(client)) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                    let any = SocketAddrV4::new(*client.ip(), 0);
                    net.socket_as(&label, any).await.map_err(io::Error::other)?.connect(target).await
                }
                (tried, _) => tried,
            }
        })
        .await
    }
}

fn label(interface: &Interface) -> io::Result<Label> {
    interface.id.parse().map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn at(interface: &Interface, port: u16) -> io::Result<SocketAddrV4> {
    match interface.address {
        IpAddr::V4(address) => Ok(SocketAddrV4::new(address, port)),
        IpAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// A machine that is this one is reached as others reach it: what listens for itself alone is nobody's target.
fn outward(target: SocketAddr) -> SocketAddr {
    if !target.ip().is_loopback() {
        return target;
    }
    // Documentation's own range: nothing is sent, the system only says from where it would be.
    let own = source_towards("192.0.2.1:9");
    SocketAddr::new(own.map_or(target.ip(), IpAddr::from), target.port())
}

/// The client's address if a target would answer to it: not one that each machine has for itself, nor its own.
fn answered(client: SocketAddr, target: SocketAddr) -> Option<SocketAddrV4> {
    let IpAddr::V4(address) = client.ip().to_canonical() else { return None };
    let nowhere = address.is_loopback() || address.is_unspecified() || address.is_link_local();
    (!nowhere && IpAddr::V4(address) != target.ip()).then(|| SocketAddrV4::new(address, client.port()))
}

#[async_trait]
impl Reach for Networks {
    async fn connect(&self, way: &Way, target: SocketAddr) -> io::Result<TcpStream> {
        self.dial(None, way, target).await
    }

    async fn connect_as(&self, client: SocketAddr, way: &Way, target: SocketAddr) -> io::Result<TcpStream> {
        self.dial(answered(client, target), way, target).await
    }

    async fn datagrams(
        &self,
        client: Option<SocketAddr>,
        way: &Way,
        target: SocketAddr,
    ) -> io::Result<UdpSocket> {
        let Some((net, label, target)) = self.from(way, target)? else {
            return FromHost.datagrams(client, way, outward(target)).await;
        };
        let any = SocketAddrV4::new(std::net::Ipv4Addr::UNSPECIFIED, 0);
        let socket = match client.and_then(|client| answered(client, target)) {
            Some(client) => match net.datagrams_as(&label, client).await {
                // It has another flow, as by another listener.
                Err(_) => net.datagrams_as(&label, SocketAddrV4::new(*client.ip(), 0)).await,
                made => made,
            },
            None => net.datagrams(&label, any).await,
        };
        let socket = UdpSocket::from_std(socket.map_err(io::Error::other)?)?;
        socket.connect(target).await?;
        Ok(socket)
    }

    async fn listen(&self, interface: &Interface, port: u16) -> io::Result<TcpListener> {
        let listener = self.must()?.listen(&label(interface)?, at(interface, port)?).await;
        TcpListener::from_std(listener.map_err(io::Error::other)?)
    }

    async fn bind(&self, interface: &Interface, port: u16) -> io::Result<UdpSocket> {
        let socket = self.must()?.datagrams(&label(interface)?, at(interface, port)?).await;
        UdpSocket::from_std(socket.map_err(io::Error::other)?)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    /// Leads into a network that all addresses are in.
    fn way() -> Way {
        let all = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let interface = Interface { id: "eni-1".into(), address: [10, 0, 0, 9].into(), block: all };
        Way { blocks: vec![all], interfaces: vec![interface] }
    }

    #[tokio::test]
    async fn who_comes_right_after_the_start_waits_for_the_networks() {
        // Wherever this host finds itself.
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let target = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), listener.local_addr().unwrap().port());
        let client = SocketAddr::new([203, 0, 113, 9].into(), 40_001);
        for client in [None, Some(client)] {
            let (networks, way) = (Networks::default(), way());
            let mut asked = pin!(async {
                match client {
                    None => networks.connect(&way, target).await,
                    Some(client) => networks.connect_as(client, &way, target).await,
                }
            });
            let answered = poll_fn(|cx| Poll::Ready(asked.as_mut().poll(cx))).await;
            assert!(answered.is_pending(), "it is answered before the networks are known: {answered:?}");

            // There are none on this machine, so the target is reached from the host.
            networks.are(None);
            let (stream, accepted) = tokio::join!(asked, listener.accept());
            assert_eq!(stream.unwrap().local_addr().unwrap(), accepted.unwrap().1);
        }
    }

    #[tokio::test]
    async fn what_can_t_wait_is_refused_until_the_networks_are_known() {
        let networks = Networks::default();
        let interface = way().interfaces.remove(0);
        let kind = |refused: io::Result<TcpListener>| refused.unwrap_err().kind();
        assert_eq!(kind(networks.listen(&interface, 0).await), io::ErrorKind::NotConnected, "tried again");
        networks.are(None);
        assert_eq!(kind(networks.listen(&interface, 0).await), io::ErrorKind::Unsupported, "never");
    }
}
