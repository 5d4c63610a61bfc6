//! The host's own resolvers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long one upstream has to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the configuration is believed without looking again.
const FRESH: Duration = Duration::from_secs(5);
/// As many as resolvers everywhere take from the file.
const MOST: usize = 3;

/// Where questions are passed on to.
#[derive(Debug)]
pub struct Upstreams {
    source: Source,
    known: Mutex<Option<(Instant, Vec<SocketAddr>)>>,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Fixed(Vec<SocketAddr>),
}

impl Upstreams {
    /// Those of `/etc/resolv.conf`, which is looked at again as it changes.
    pub fn of_host() -> Self {
        Self::of_file("/etc/resolv.conf")
    }

    pub fn of_file(path: impl Into<PathBuf>) -> Self {
        Self { source: Source::File(path.into()), known: Mutex::default() }
    }

    /// These; with none, every question that is not answered here fails.
    pub fn fixed(servers: Vec<SocketAddr>) -> Self {
        Self { source: Source::Fixed(servers), known: Mutex::default() }
    }

    fn servers(&self) -> Vec<SocketAddr> {
        let path = match &self.source {
            Source::Fixed(servers) => return servers.clone(),
            Source::File(path) => path,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, servers)) = &*known
            && at.elapsed() < FRESH
        {
            return servers.clone();
        }
        // Without a file a host has no resolver; the questions then fail, as they do on the host itself.
        let servers = servers_in(&std::fs::read_to_string(path).unwrap_or_default());
        *known = Some((Instant::now(), servers.clone()));
        servers
    }

    /// The first answer that an upstream gives over UDP. It may be cut short, and then says so.
    pub(crate) async fn ask_udp(&self, question: &[u8]) -> Option<Vec<u8>> {
        for server in self.servers() {
            match timeout(PATIENCE, over_udp(server, question)).await {
                Ok(Ok(answer)) => return Some(answer),
                Ok(Err(error)) => tracing::debug!(%server, %error, "upstream refused"),
                Err(_) => tracing::debug!(%server, "upstream is silent"),
            }
        }
        None
    }

    pub(crate) async fn ask_tcp(&self, question: &[u8]) -> Option<Vec<u8>> {
        for server in self.servers() {
            match timeout(PATIENCE, over_tcp(server, question)).await {
                Ok(Ok(answer)) => return Some(answer),
                Ok(Err(error)) => tracing::debug!(%server, %error, "upstream refused"),
                Err(_) => tracing::debug!(%server, "upstream is silent"),
            }
        }
        None
    }
}

async fn over_udp(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let local: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    // A port of its own for each question, so that an answer cannot be forged by guessing.
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut answer).await?;
        if answers(&answer[..length], question) {
            answer.truncate(length);
            return Ok(answer);
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(question).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    if answers(&answer, question) { Ok(answer) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// It has the question's id and is a response.
fn answers(answer: &[u8], question: &[u8]) -> bool {
    answer.len() >= 12 && answer[..2] == question[..2] && answer[2] & 0x80 != 0
}

fn servers_in(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            if words.next()? != "nameserver" {
                return None;
            }
            let ip: IpAddr = words.next()?.parse().ok()?;
            Some(SocketAddr::new(ip, 53))
        })
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_a_file() {
        let text = "# nameserver 9.9.9.9\nsearch a b\nnameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\n";
        let servers = servers_in(text);
        assert_eq!(servers, ["127.0.0.53:53", "[::1]:53"].map(|it| it.parse().unwrap()));
        assert!(servers_in("").is_empty());
    }
}
