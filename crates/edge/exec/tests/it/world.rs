//! Sessions whose processes are made up.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use gantry_exec::DataChannels;
use gantry_service::processes::{
    EnteredSession, FromProcess, RemoteProcess, Sessions, TerminalSize, ToProcess,
};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

pub const TOKEN: &str = "the token";

/// What a process does with its two ways.
pub type Play = fn(mpsc::Receiver<ToProcess>, mpsc::Sender<FromProcess>, Option<TerminalSize>);

pub struct World {
    play: Play,
    entered: Mutex<HashSet<String>>,
    pub started: Mutex<Vec<Option<TerminalSize>>>,
}

impl World {
    pub fn new(play: Play) -> Arc<World> {
        Arc::new(World { play, entered: Mutex::default(), started: Mutex::default() })
    }

    /// One end of a connection whose other end is a data channel of that session.
    pub fn connect(self: &Arc<World>, session: &'static str) -> DuplexStream {
        self.connect_to(DataChannels::new(self.clone()), session)
    }

    pub fn connect_to(self: &Arc<World>, channels: DataChannels, session: &'static str) -> DuplexStream {
        let (client, server) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move { upgraded(channels, session, server).await });
        client
    }
}

/// What the gateway's HTTP does before: reads the request, and answers that it is a WebSocket from here on.
async fn upgraded(channels: DataChannels, session: &str, mut server: DuplexStream) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if server.read(&mut byte).await.unwrap() == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let key = head
        .lines()
        .find_map(|line| {
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        })
        .unwrap()
        .1;
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    server.write_all(answer.as_bytes()).await.unwrap();
    channels.converse(session, server).await;
}

#[async_trait::async_trait]
impl Sessions for World {
    fn enter(&self, session: &str, token: &str) -> Option<EnteredSession> {
        let fits = token == TOKEN && self.entered.lock().unwrap().insert(session.to_owned());
        fits.then(|| EnteredSession {
            id: session.to_owned(),
            target: "ecs:default_0a0b_0c0d".to_owned(),
            command: "/bin/sh".to_owned(),
        })
    }

    async fn start(
        &self,
        session: &EnteredSession,
        terminal: Option<TerminalSize>,
    ) -> Result<RemoteProcess, String> {
        if session.id == "broken" {
            return Err("no such file or directory".to_owned());
        }
        self.started.lock().unwrap().push(terminal);
        let (input, heard) = mpsc::channel(1);
        let (saying, output) = mpsc::channel(1);
        (self.play)(heard, saying, terminal);
        Ok(RemoteProcess { input, output })
    }
}

/// Says what it hears, and ends with 7 when its input ends or it hears `exit`.
pub fn echo(
    mut heard: mpsc::Receiver<ToProcess>,
    saying: mpsc::Sender<FromProcess>,
    _: Option<TerminalSize>,
) {
    tokio::spawn(async move {
        loop {
            match heard.recv().await {
                Some(ToProcess::Input(bytes)) if &*bytes == b"exit" => break,
                Some(ToProcess::Input(bytes)) => saying.send(FromProcess::Output(bytes)).await.unwrap(),
                Some(ToProcess::Size(size)) => {
                    let words = format!("{} {}\n", size.rows, size.columns);
                    saying.send(FromProcess::Error(words.into())).await.unwrap();
                }
                Some(ToProcess::EndOfInput) => break,
                // Nobody is there any more.
                None => return,
            }
        }
        saying.send(FromProcess::Exited(7)).await.unwrap();
    });
}
