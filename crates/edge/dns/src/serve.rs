//! Serving sockets.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::answer::{Answer, answer, failed, for_udp, joined};
use crate::{Names, Upstreams};

/// Questions that are being answered at once, over all sockets.
const IN_FLIGHT: usize = 512;
/// TCP connections at once.
const CONNECTIONS: usize = 64;
/// A connection without a question for so long is closed.
const IDLE: Duration = Duration::from_secs(10);
/// No question is longer: name, type and extensions.
const QUESTION_BYTES: usize = 4096;

/// Answers questions on the sockets it is given. Cheap to clone; clones share names and limits.
#[derive(Clone)]
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    names: RwLock<Arc<Names>>,
    upstreams: Upstreams,
    in_flight: Arc<Semaphore>,
    connections: Arc<Semaphore>,
}

impl Resolver {
    pub fn new(names: Names, upstreams: Upstreams) -> Self {
        Self {
            shared: Arc::new(Shared {
                names: RwLock::new(Arc::new(names)),
                upstreams,
                in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
                connections: Arc::new(Semaphore::new(CONNECTIONS)),
            }),
        }
    }

    /// From now on these are the names.
    pub fn set_names(&self, names: Names) {
        let mut current = self.shared.names.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(names);
    }

    fn names(&self) -> Arc<Names> {
        let names = self.shared.names.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&names)
    }

    /// Serves until the future is dropped; returns only when the socket is broken.
    pub async fn serve_udp(&self, socket: std::net::UdpSocket) -> io::Error {
        match self.udp(socket).await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn udp(&self, socket: std::net::UdpSocket) -> io::Result<std::convert::Infallible> {
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        let mut buffer = vec![0; QUESTION_BYTES];
        loop {
            let (length, peer) = match socket.recv_from(&mut buffer).await {
                Ok(got) => got,
                // An earlier answer could not be delivered; that is its client's loss alone.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) => return Err(error),
            };
            let Ok(turn) = Arc::clone(&self.shared.in_flight).try_acquire_owned() else {
                continue;
            };
            let question = buffer[..length].to_vec();
            let (this, socket) = (self.clone(), Arc::clone(&socket));
            tokio::spawn(async move {
                if let Some(bytes) = this.answer(&question, Over::Udp).await
                    && let Err(error) = socket.send_to(&bytes, peer).await
                {
                    tracing::debug!(%peer, %error, "an answer could not be sent");
                }
                drop(turn);
            });
        }
    }

    /// Serves until the future is dropped; returns only when the listener is broken.
    pub async fn serve_tcp(&self, listener: std::net::TcpListener) -> io::Error {
        match self.tcp(listener).await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn tcp(&self, listener: std::net::TcpListener) -> io::Result<std::convert::Infallible> {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let turn =
                Arc::clone(&self.shared.connections).acquire_owned().await.map_err(io::Error::other)?;
            let (stream, peer) = match listener.accept().await {
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            let this = self.clone();
            tokio::spawn(async move {
                if let Err(error) = this.connection(stream).await {
                    tracing::debug!(%peer, %error, "a connection broke off");
                }
                drop(turn);
            });
        }
    }

    async fn connection(&self, mut stream: TcpStream) -> io::Result<()> {
        loop {
            let length = match timeout(IDLE, stream.read_u16()).await {
                Ok(Ok(length)) => usize::from(length),
                Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => return Ok(()),
            };
            if length > QUESTION_BYTES {
                return Ok(());
            }
            let mut question = vec![0; length];
            timeout(IDLE, stream.read_exact(&mut question)).await??;
            let Some(bytes) = self.answer(&question, Over::Tcp).await else {
                return Ok(());
            };
            let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
            let mut framed = length.to_be_bytes().to_vec();
            framed.extend(bytes);
            timeout(IDLE, stream.write_all(&framed)).await??;
        }
    }

    async fn answer(&self, question: &[u8], over: Over) -> Option<Vec<u8>> {
        let found = match answer(&self.names(), question) {
            Answer::Elsewhere => {
                return match self.ask(question, over).await {
                    // It comes as the upstream cut it.
                    Some(bytes) => Some(bytes),
                    None => sent(failed(question)),
                };
            }
            Answer::Follow { question: next, before } => match self.ask(&next, over).await {
                Some(bytes) => joined(question, before, &bytes),
                None => failed(question),
            },
            found => found,
        };
        let bytes = sent(found)?;
        Some(match over {
            Over::Udp => for_udp(question, bytes),
            Over::Tcp => bytes,
        })
    }

    async fn ask(&self, question: &[u8], over: Over) -> Option<Vec<u8>> {
        let upstreams = &self.shared.upstreams;
        match over {
            Over::Udp => upstreams.ask_udp(question).await,
            Over::Tcp => upstreams.ask_tcp(question).await,
        }
    }
}

fn sent(answer: Answer) -> Option<Vec<u8>> {
    match answer {
        Answer::Here(bytes) => Some(bytes),
        Answer::Elsewhere | Answer::Follow { .. } | Answer::Nothing => None,
    }
}

#[derive(Clone, Copy)]
enum Over {
    Udp,
    Tcp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::{Message, Query, ResponseCode};
    use hickory_proto::rr::{Name, RecordType};
    use std::net::{Ipv4Addr, SocketAddr};

    /// A resolver on loopback; its address, for UDP and TCP.
    fn start(names: Names, upstreams: Upstreams) -> (SocketAddr, SocketAddr) {
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        udp.set_nonblocking(true).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let at = (udp.local_addr().unwrap(), tcp.local_addr().unwrap());
        let resolver = Resolver::new(names, upstreams);
        let other = resolver.clone();
        tokio::spawn(async move { resolver.serve_udp(udp).await });
        tokio::spawn(async move { other.serve_tcp(tcp).await });
        at
    }

    fn question(name: &str) -> Vec<u8> {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
        message.to_vec().unwrap()
    }

    async fn over_udp(at: SocketAddr, name: &str) -> Message {
        let asked = Upstreams::fixed(vec![at]).ask_udp(&question(name)).await;
        Message::from_vec(&asked.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn own_names_are_answered_and_others_passed_on() {
        let mut far = Names::default();
        far.add("far.test", [Ipv4Addr::new(10, 0, 0, 2)], 1);
        let (far_udp, far_tcp) = start(far, Upstreams::fixed(Vec::new()));
        let mut near = Names::default();
        near.add("near.test", [Ipv4Addr::new(10, 0, 0, 1)], 1);
        let (udp, _) = start(near.clone(), Upstreams::fixed(vec![far_udp]));
        let (_, tcp) = start(near, Upstreams::fixed(vec![far_tcp]));

        for (name, ip) in [("near.test.", "10.0.0.1"), ("far.test.", "10.0.0.2")] {
            let answer = over_udp(udp, name).await;
            assert_eq!(answer.answers[0].data.to_string(), ip);
            let asked = Upstreams::fixed(vec![tcp]).ask_tcp(&question(name)).await;
            let answer = Message::from_vec(&asked.unwrap()).unwrap();
            assert_eq!(answer.answers[0].data.to_string(), ip);
        }
        let nowhere = over_udp(udp, "nowhere.test.").await;
        assert_eq!(nowhere.metadata.response_code, ResponseCode::ServFail);
    }

    #[tokio::test]
    async fn an_upstream_that_is_not_there_is_passed_over() {
        let mut far = Names::default();
        far.add("far.test", [Ipv4Addr::new(10, 0, 0, 2)], 1);
        let (there, _) = start(far, Upstreams::fixed(Vec::new()));
        let closed = {
            let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.local_addr().unwrap()
        };
        let (udp, _) = start(Names::default(), Upstreams::fixed(vec![closed, there]));
        let answer = over_udp(udp, "far.test.").await;
        assert_eq!(answer.answers.len(), 1);
    }
}
