//! The streams of processes in containers, which nodes open when they were asked to start one.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use gantry_node_proto::SILENCE;
use gantry_node_proto::v1::processes_server::Processes;
use gantry_node_proto::v1::{self, ProcessInput, ProcessOutput, process_input, process_output};
use gantry_service::processes::{FromProcess, RemoteProcess, ToProcess};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{Sessions, check_name, membership};

/// Pieces on their way to a process, and from it.
const PIECES: usize = 8;
const LOST: &str = "The connection to the container's machine was lost.";

type Outgoing = Pin<Box<dyn Stream<Item = Result<ProcessInput, Status>> + Send>>;

#[tonic::async_trait]
impl Processes for Sessions {
    type AttachStream = Outgoing;

    async fn attach(&self, request: Request<Streaming<ProcessOutput>>) -> Result<Response<Outgoing>, Status> {
        // The name is in the first message, so the request without its body is kept to check it.
        let (metadata, extensions, mut incoming) = request.into_parts();
        let first = tokio::time::timeout(SILENCE, incoming.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("the node did not say which process"))??;
        let Some(process_output::Message::Hello(hello)) = first.and_then(|one| one.message) else {
            return Err(Status::failed_precondition("the first message must be AttachHello"));
        };
        check_name(self.trust, &Request::from_parts(metadata, extensions, ()), &hello.node_id)?;
        membership::enrolled(&self.ecs, &hello.node_id).await?;
        let opened = self.ecs.execs().opened(&hello.session_id, &hello.node_id);
        let opened = opened.ok_or_else(|| Status::not_found("nobody waits for this process"))?;
        let (input, to_process) = mpsc::channel(PIECES);
        let (from_process, output) = mpsc::channel(PIECES);
        // Whoever waited may have gone meanwhile; then both ends are dropped here.
        opened
            .send(RemoteProcess { input, output })
            .map_err(|_| Status::not_found("nobody waits for this process"))?;
        tokio::spawn(carry(incoming, from_process));
        Ok(Response::new(Box::pin(ReceiverStream::new(to_process).map(|one| Ok(message(one))))))
    }
}

fn message(one: ToProcess) -> ProcessInput {
    let message = match one {
        ToProcess::Input(piece) => process_input::Message::Input(piece),
        ToProcess::EndOfInput => process_input::Message::EndOfInput(v1::EndOfInput {}),
        ToProcess::Size(size) => {
            process_input::Message::Size(v1::TerminalSize { columns: size.columns, rows: size.rows })
        }
    };
    ProcessInput { message: Some(message) }
}

/// Hands on what the process says, until its last word or until nobody listens.
async fn carry(mut incoming: Streaming<ProcessOutput>, to: mpsc::Sender<FromProcess>) {
    loop {
        let next = tokio::select! {
            next = incoming.message() => next,
            () = to.closed() => return,
        };
        let said = match next {
            Ok(Some(one)) => match one.message {
                Some(process_output::Message::Output(piece)) => FromProcess::Output(piece),
                Some(process_output::Message::Error(piece)) => FromProcess::Error(piece),
                Some(process_output::Message::ExitCode(code)) => FromProcess::Exited(code),
                Some(process_output::Message::Failed(why)) => FromProcess::Failed(why),
                Some(process_output::Message::Hello(_)) | None => continue,
            },
            Ok(None) | Err(_) => FromProcess::Failed(LOST.to_owned()),
        };
        let last = matches!(said, FromProcess::Exited(_) | FromProcess::Failed(_));
        if to.send(said).await.is_err() || last {
            return;
        }
    }
}
