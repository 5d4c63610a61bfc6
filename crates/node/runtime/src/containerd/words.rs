//! What containerd's and the runtime's words mean: which failure passes, and whose fault it is.

use tonic::{Code, Status};

use super::client;
use crate::engine::error::EngineError;

pub(super) fn is_missing_parent(error: &EngineError) -> bool {
    matches!(error, EngineError::Internal(words) if words.contains("parent snapshot"))
}

pub(super) fn is_half_made(status: &Status) -> bool {
    status.message().contains("io.containerd.runtime.v2.task") && status.message().contains("file exists")
}

pub(super) fn is_left_in_runtime(status: &Status) -> bool {
    status.message().contains("container with given ID already exists")
}

pub(super) fn is_running(status: &Status) -> bool {
    status.code() == Code::FailedPrecondition || status.message().contains("cannot delete a running process")
}

pub(super) fn is_over(words: &str) -> bool {
    words.contains("process already finished") || words.contains("container not running")
}

/// What a container's first process is doing.
#[derive(Debug, PartialEq)]
pub(super) enum Waiting {
    Yes,
    /// It is another program already.
    No(u32),
    Unknown,
}

/// `line` is the command line of process `pid`.
pub(super) fn waiting(pid: u32, line: &[u8]) -> Waiting {
    let mut words = line.split(|byte| *byte == 0);
    let program = words.next().unwrap_or_default().rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    match (program, words.next()) {
        ([], _) => Waiting::Unknown,
        (b"runc", Some(b"init")) => Waiting::Yes,
        // Other runtimes wait under names of their own.
        (program, _)
            if program.starts_with(b"crun") || program.starts_with(b"youki") || program.starts_with(b"[") =>
        {
            Waiting::Unknown
        }
        _ => Waiting::No(pid),
    }
}

/// A containerd that is started again may remove the folder of a container whose making or starting it does not know of.
/// The runtime was run, and could not even write its log there: it did nothing.
pub(super) fn is_bundle_lost(words: &str) -> bool {
    words.contains("unable to retrieve OCI runtime error")
        && words.contains("log.json: no such file or directory")
        && words.contains("did not terminate successfully")
}

/// The runtime's refusal in its own words, without the wrapping of each layer that it came through.
pub(super) fn refused(step: &'static str, status: &Status) -> EngineError {
    let words = status.message();
    if is_bundle_lost(words) {
        return EngineError::Unavailable(words.to_owned());
    }
    let runtime = ["OCI runtime create failed: ", "OCI runtime start failed: "]
        .iter()
        .find_map(|it| words.find(it).map(|at| &words[at + it.len()..]));
    match (runtime, status.code()) {
        (Some(words), _) => EngineError::Runtime(said(words.trim_start_matches("runc create failed: "))),
        (None, Code::Unavailable | Code::Cancelled) => client::failure(step, status),
        (None, Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument) => {
            EngineError::Runtime(said(words))
        }
        (None, _) => client::failure(step, status),
    }
}

/// The words without what follows them where a runtime or its shim was ended before it could say why: `unknown`, and
/// nothing.
fn said(words: &str) -> String {
    match words.trim_end_matches(": unknown").trim_end_matches([' ', ':']) {
        "" => "the runtime ended and did not say why".to_owned(),
        words => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_do_not_end_in_nothing() {
        let status = Status::unknown(
            "OCI runtime start failed: runc did not terminate successfully: signal: killed: : unknown",
        );
        let EngineError::Runtime(words) = refused("start", &status) else { panic!("{status}") };
        assert_eq!(words, "runc did not terminate successfully: signal: killed");
        let EngineError::Runtime(words) = refused("start", &Status::not_found("")) else {
            panic!("a refusal")
        };
        assert_eq!(words, "the runtime ended and did not say why");
    }

    #[test]
    fn a_folder_that_is_gone_is_not_the_containers_fault() {
        let lost = "OCI runtime start failed: unable to retrieve OCI runtime error (open /run/state/\
                    io.containerd.runtime.v2.task/gantry/c/log.json: no such file or directory): \
                    runc did not terminate successfully: exit status 1: unknown";
        let answer = refused("start", &Status::unknown(lost));
        assert!(matches!(answer, EngineError::Unavailable(_)), "{answer:?}");
        for other in [
            "OCI runtime create failed: runc create failed: unable to start container process: exec: \"/nope\": \
             stat /nope: no such file or directory: unknown",
            "OCI runtime create failed: unable to retrieve OCI runtime error (open /run/c/log.json: no such file or \
             directory): exec: \"runc\": executable file not found in $PATH: unknown",
        ] {
            let answer = refused("create", &Status::unknown(other));
            assert!(matches!(answer, EngineError::Runtime(_)), "{answer:?}");
        }
    }

    #[test]
    fn a_process_that_waits_is_told_from_one_that_runs() {
        assert_eq!(waiting(7, b"runc\0init\0"), Waiting::Yes);
        assert_eq!(waiting(7, b"/usr/bin/runc\0init\0"), Waiting::Yes);
        assert_eq!(waiting(7, b"sh\0-c\0runc init\0"), Waiting::No(7));
        assert_eq!(waiting(7, b""), Waiting::Unknown);
    }
}
