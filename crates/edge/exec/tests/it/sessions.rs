//! What Gantry's own client has of a session.

use std::time::Duration;

use bytes::Bytes;
use gantry_exec::DataChannels;
use gantry_exec::client::{ClientError, Input, Outcome, Output, Ticket, converse};
use gantry_exec::payload::Size;
use gantry_service::processes::{FromProcess, TerminalSize, ToProcess};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

use crate::world::{TOKEN, World, echo};

fn ticket(token: &str) -> Ticket {
    Ticket {
        stream_url: "ws://localhost:4566/v1/data-channel/s?role=publish_subscribe".to_owned(),
        token: token.to_owned(),
    }
}

struct Having {
    input: mpsc::Sender<Input>,
    output: mpsc::Receiver<Output>,
    ended: tokio::task::JoinHandle<Result<Outcome, ClientError>>,
}

fn have(stream: DuplexStream, token: &str, terminal: Option<Size>) -> Having {
    let (input, typed) = mpsc::channel(4);
    let (shown, output) = mpsc::channel(4);
    let ticket = ticket(token);
    let ended = tokio::spawn(async move { converse(stream, &ticket, terminal, typed, shown).await });
    Having { input, output, ended }
}

impl Having {
    async fn all_output(&mut self, length: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < length {
            match self.output.recv().await.expect("more output") {
                Output::Output(bytes) => all.extend_from_slice(&bytes),
                Output::Error(bytes) => panic!("{bytes:?}"),
            }
        }
        all
    }
}

#[tokio::test]
async fn a_session_without_a_terminal_has_errors_apart_an_end_and_a_code() {
    let world = World::new(echo);
    let mut having = have(world.connect("s"), TOKEN, None);
    having.input.send(Input::Bytes(Bytes::from_static(b"hello"))).await.unwrap();
    assert_eq!(having.all_output(5).await, b"hello");
    having.input.send(Input::Size(Size { cols: 9, rows: 3 })).await.unwrap();
    assert_eq!(having.output.recv().await, Some(Output::Error(Bytes::from_static(b"3 9\n"))));
    having.input.send(Input::End).await.unwrap();
    let outcome = having.ended.await.unwrap().unwrap();
    assert_eq!(outcome, Outcome { exit_code: Some(7), words: String::new() });
    assert_eq!(*world.started.lock().unwrap(), [None]);
}

#[tokio::test]
async fn a_process_begins_with_the_size_of_the_terminal() {
    let world = World::new(echo);
    let having = have(world.connect("s"), TOKEN, Some(Size { cols: 132, rows: 43 }));
    having.input.send(Input::Bytes(Bytes::from_static(b"exit"))).await.unwrap();
    assert_eq!(having.ended.await.unwrap().unwrap().exit_code, Some(7));
    assert_eq!(*world.started.lock().unwrap(), [Some(TerminalSize { columns: 132, rows: 43 })]);
}

#[tokio::test]
async fn much_goes_through_whole_and_in_order() {
    let world = World::new(echo);
    let mut having = have(world.connect("s"), TOKEN, None);
    let sent: Vec<u8> = (0..8u32 << 20).map(|number| (number % 251) as u8).collect();
    let (input, whole) = (having.input.clone(), Bytes::from(sent.clone()));
    tokio::spawn(async move {
        for at in (0..whole.len()).step_by(50_000) {
            let piece = whole.slice(at..(at + 50_000).min(whole.len()));
            input.send(Input::Bytes(piece)).await.unwrap();
        }
        input.send(Input::End).await.unwrap();
    });
    assert!(having.all_output(sent.len()).await == sent);
    assert_eq!(having.ended.await.unwrap().unwrap().exit_code, Some(7));
}

#[tokio::test]
async fn a_token_lets_in_once_and_another_never() {
    let world = World::new(echo);
    let wrong = have(world.connect("s"), "another", None);
    assert!(matches!(wrong.ended.await.unwrap(), Err(ClientError::Gone)));
    let first = have(world.connect("s"), TOKEN, None);
    first.input.send(Input::End).await.unwrap();
    assert!(first.ended.await.unwrap().is_ok());
    let second = have(world.connect("s"), TOKEN, None);
    assert!(matches!(second.ended.await.unwrap(), Err(ClientError::Gone)));
    assert_eq!(world.started.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_does_not_start_says_why() {
    let world = World::new(echo);
    let having = have(world.connect("broken"), TOKEN, None);
    let outcome = having.ended.await.unwrap().unwrap();
    assert_eq!(outcome.exit_code, None);
    assert_eq!(outcome.words, "----------ERROR-------\nUnable to start command: no such file or directory");
}

#[tokio::test]
async fn a_session_in_which_nothing_happens_ends() {
    let world = World::new(echo);
    let channels = DataChannels::new(world.clone()).with_idle_timeout(Duration::from_millis(50));
    let having = have(world.connect_to(channels, "s"), TOKEN, None);
    let outcome = having.ended.await.unwrap().unwrap();
    assert!(outcome.words.contains("idle"), "{outcome:?}");
}

#[tokio::test]
async fn the_end_of_gantry_is_told() {
    let world = World::new(echo);
    let channels = DataChannels::new(world.clone());
    let mut having = have(world.connect_to(channels.clone(), "s"), TOKEN, None);
    having.input.send(Input::Bytes(Bytes::from_static(b"here"))).await.unwrap();
    having.all_output(4).await;
    channels.end().await;
    assert_eq!(having.ended.await.unwrap().unwrap().words, "Gantry is ending.");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_process() {
    fn wait(
        mut heard: mpsc::Receiver<ToProcess>,
        saying: mpsc::Sender<FromProcess>,
        _: Option<TerminalSize>,
    ) {
        tokio::spawn(async move {
            saying.send(FromProcess::Output("ready".into())).await.unwrap();
            while heard.recv().await.is_some() {}
            GONE.add_permits(1);
        });
    }
    static GONE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(0);
    let world = World::new(wait);
    let mut having = have(world.connect("s"), TOKEN, None);
    having.all_output(5).await;
    having.ended.abort();
    let gone = tokio::time::timeout(Duration::from_secs(60), GONE.acquire()).await;
    assert!(gone.is_ok(), "its process was not ended");
}
