//! Where a container's output goes, and where its input comes from.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::Inner;
use crate::engine::container::{ContainerSpec, Output};
use crate::engine::error::EngineError;
use crate::output_writer::WrittenOutput;

/// What a shim's URL keeps as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

impl Inner {
    /// What the shim shall start to write the container's output, as it is told.
    pub(super) fn writer(&self, container: &ContainerSpec) -> Result<Option<String>, EngineError> {
        let (Some(program), Some(most_waiting)) = (&self.runner.output_writer, container.most_output_waiting)
        else {
            return Ok(None);
        };
        let Output { stdout, stderr } = container.output.clone();
        let told = serde_json::to_string(&WrittenOutput { stdout, stderr, most_waiting })
            .map_err(|error| EngineError::internal("tell where output goes", error))?;
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, PLAIN).to_string();
        let program = encoded(&program.to_string_lossy());
        Ok(Some(format!("binary://{program}?write-output={}", encoded(&told))))
    }
}

/// Where a container that wants its input open reads it: nobody ever writes there, and so nothing ends it.
pub(super) fn input(output: &Output) -> PathBuf {
    output.stdout.with_extension("stdin")
}

/// The shim adds to files that are there.
pub(super) fn open_output(container: &ContainerSpec) -> Result<(), EngineError> {
    let output = &container.output;
    for path in [&output.stdout, &output.stderr] {
        let plain = path.to_str().is_some_and(|it| it.starts_with('/') && !it.contains(['%', '?', '#']));
        if !plain {
            let why = format!("output cannot go to {}: not a plain absolute path", path.display());
            return Err(EngineError::Invalid(why));
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o640)
            .open(path)
            .map_err(|error| EngineError::internal(&format!("open {} for output", path.display()), error))?;
    }
    if container.interactive {
        let path = input(output);
        match nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR) {
            Ok(()) | Err(nix::Error::EEXIST) => {}
            Err(error) => {
                return Err(EngineError::internal(&format!("make {} for input", path.display()), error));
            }
        }
    }
    Ok(())
}
