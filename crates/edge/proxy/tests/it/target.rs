//! Targets that say to bytes what a test has them say, and clients that hear bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::world::World;

/// A target that does with each connection what a test says, once it has a head, and passes its checks.
pub struct Target {
    pub at: SocketAddr,
    /// Connections that were not of checks.
    pub taken: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Drop for Target {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Reads until there is a whole head; empty at the end.
pub async fn head(stream: &mut TcpStream) -> String {
    let mut held = Vec::new();
    while !held.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read_buf(&mut held).await {
            Ok(1..) => {}
            _ => return String::new(),
        }
    }
    String::from_utf8(held).unwrap()
}

impl Target {
    /// `talk` gets a connection and what was read of it: a head, and what came with it.
    pub async fn new<F>(talk: impl Fn(TcpStream, String) -> F + Send + Sync + 'static) -> Target
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (at, taken) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let (talk, count) = (Arc::new(talk), taken.clone());
        let serving = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (talk, count) = (talk.clone(), count.clone());
                tokio::spawn(async move {
                    let asked = head(&mut stream).await;
                    if asked.starts_with("GET /health ") {
                        let well = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                        stream.write_all(well).await.unwrap();
                    } else if !asked.is_empty() {
                        count.fetch_add(1, Ordering::Relaxed);
                        talk(stream, asked).await;
                    }
                });
            }
        });
        Target { at, taken, serving }
    }

    /// One that says the same to every request of a connection.
    pub async fn saying(answer: &'static str) -> Target {
        Self::new(move |mut stream, mut asked| async move {
            while !asked.is_empty() {
                stream.write_all(answer.as_bytes()).await.unwrap();
                asked = head(&mut stream).await;
            }
        })
        .await
    }
}

/// No answer ends so: it is read until its connection ends.
pub const ITS_END: &str = "\0";

/// What comes until it ends with `end`, or the connection ends.
pub async fn hear(stream: &mut TcpStream, end: &str) -> String {
    let mut held = Vec::new();
    let hearing = async {
        while !held.ends_with(end.as_bytes()) && matches!(stream.read_buf(&mut held).await, Ok(1..)) {}
    };
    let heard = tokio::time::timeout(Duration::from_secs(30), hearing).await;
    let held = String::from_utf8_lossy(&held).into_owned();
    assert!(heard.is_ok(), "{end:?} is not the end of {held}");
    held
}

/// The answer to a request, on a connection that is left open.
pub async fn ask(world: &World, request: &str, end: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(world.at).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = hear(&mut stream, end).await;
    (stream, answer)
}

/// A request.
pub const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
