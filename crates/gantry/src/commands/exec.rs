//! `gantry exec`: a command in a running container, with this terminal or with pipes.

mod terminal;

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use gantry_exec::client::{Input, Outcome, Output, Ticket, converse};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use self::terminal::Raw;
use super::api::Api;
use super::find;
use crate::cli::{Exec, Whereabouts};
use crate::layout::Layout;

/// What is run where no command is named.
const SHELL: &str = "/bin/sh";
/// Pieces between threads and the session, and their size.
const PIECES: usize = 16;
const PIECE: usize = 16 * 1024;

pub fn run(layout: &Layout, options: &Exec) -> Result<ExitCode> {
    let Whereabouts { cluster: _, account, region } = &options.whereabouts;
    let api = Api::of(layout, *account, region.clone())?;
    let runtime = super::runtime()?;
    let with_terminal =
        !options.no_terminal && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let ticket = runtime.block_on(ticket(&api, options))?;
    let outcome = {
        let raw = with_terminal.then(Raw::enter).transpose()?;
        let outcome = runtime.block_on(attend(&api, &ticket, raw.as_ref()));
        // The terminal is as it was before anything is said.
        drop(raw);
        outcome
    };
    // A thread may wait for input that nobody types.
    runtime.shutdown_background();
    let outcome = outcome?;
    match outcome.exit_code {
        Some(code) => Ok(ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1))),
        None if outcome.words.is_empty() => bail!("the session has ended"),
        None => bail!("{}", outcome.words),
    }
}

/// Opens a session in the container that is meant.
async fn ticket(api: &Api, options: &Exec) -> Result<Ticket> {
    let found = find::task(api, &options.what, options.whereabouts.cluster.as_deref()).await?;
    let container = match (&options.container, found.containers.as_slice()) {
        (Some(name), _) => name.clone(),
        (None, [only]) => only.clone(),
        (None, several) => bail!(
            "the task has several containers; name one of them with --container: {}",
            several.join(", ")
        ),
    };
    let command = match options.command.as_slice() {
        [] => SHELL.to_owned(),
        words => shlex::try_join(words.iter().map(String::as_str))
            .map_err(|_| anyhow::anyhow!("the command has a character that no command can have"))?,
    };
    let asked = json!({
        "cluster": found.cluster, "task": found.arn, "container": container, "command": command, "interactive": true,
    });
    let answer = api.call("ExecuteCommand", &asked).await?;
    let text =
        |name: &str| answer["session"][name].as_str().map(str::to_owned).context("Gantry opened no session");
    Ok(Ticket { stream_url: text("streamUrl")?, token: text("tokenValue")? })
}

/// Has the session, from here to the container and back.
async fn attend(api: &Api, ticket: &Ticket, raw: Option<&Raw>) -> Result<Outcome> {
    let stream = TcpStream::connect(api.address()).await.context("the session's stream can't be reached")?;
    stream.set_nodelay(true)?;
    let (typed, input) = mpsc::channel(PIECES);
    let (output, said) = mpsc::channel(PIECES);
    if raw.is_some() {
        tokio::spawn(resize(typed.clone())?);
    }
    let ends = raw.is_none();
    std::thread::spawn(move || read(&typed, ends));
    let writing = std::thread::spawn(move || write(said));
    let outcome = converse(stream, ticket, raw.map(|_| terminal::size()), input, output).await;
    // What has come is shown before anything else is said.
    let _ = tokio::task::spawn_blocking(move || writing.join()).await;
    Ok(outcome?)
}

/// Tells of the terminal's size whenever it changes.
fn resize(to: mpsc::Sender<Input>) -> Result<impl Future<Output = ()>> {
    let mut changes =
        signal(SignalKind::window_change()).context("changes of the window can't be watched")?;
    Ok(async move {
        while changes.recv().await.is_some() {
            if to.send(Input::Size(terminal::size())).await.is_err() {
                return;
            }
        }
    })
}

/// Reads what is typed, or what a pipe brings.
fn read(to: &mpsc::Sender<Input>, ends: bool) {
    let mut input = std::io::stdin().lock();
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => {
                if ends {
                    // The session may have ended before.
                    let _ = to.blocking_send(Input::End);
                }
                return;
            }
            Ok(length) => {
                if to.blocking_send(Input::Bytes(Bytes::copy_from_slice(&piece[..length]))).is_err() {
                    return;
                }
            }
        }
    }
}

/// Writes what the container says, until there is no more or nobody reads.
fn write(mut from: mpsc::Receiver<Output>) {
    while let Some(piece) = from.blocking_recv() {
        let written = match &piece {
            Output::Output(bytes) => put(&mut std::io::stdout().lock(), bytes),
            Output::Error(bytes) => put(&mut std::io::stderr().lock(), bytes),
        };
        if written.is_err() {
            return;
        }
    }
}

fn put(to: &mut impl Write, bytes: &[u8]) -> std::io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}
