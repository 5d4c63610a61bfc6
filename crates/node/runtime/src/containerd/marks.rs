//! What we remember of a container that containerd does not: that its process was made, that it may have begun, and
//! when it did.
//!
//! One small file for each container. What may have begun is never run again; what surely has not can be made anew
//! when containerd loses it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::engine::container::ContainerId;
use crate::engine::error::EngineError;

#[derive(Debug, Clone)]
pub(crate) struct Marks {
    dir: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Created,
    /// Its start was asked for.
    Starting,
    Started(SystemTime),
}

impl Marks {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) fn get(&self, id: &ContainerId) -> Option<Mark> {
        let text = fs::read_to_string(self.dir.join(id.as_str())).ok()?;
        let started = text.strip_prefix("started ").and_then(|it| it.trim().parse().ok());
        Some(match (started, text.as_str()) {
            (Some(ms), _) => Mark::Started(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)),
            (None, "created\n") => Mark::Created,
            // One that was cut short may have been of a start.
            (None, _) => Mark::Starting,
        })
    }

    pub(crate) fn set(&self, id: &ContainerId, mark: Mark) -> Result<(), EngineError> {
        let text = match mark {
            Mark::Created => "created\n".to_owned(),
            Mark::Starting => "starting\n".to_owned(),
            Mark::Started(at) => {
                let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                format!("started {}\n", since.as_millis())
            }
        };
        fs::write(self.dir.join(id.as_str()), text)
            .map_err(|error| EngineError::internal("mark a container", error))
    }

    pub(crate) fn remove(&self, id: &ContainerId) -> Result<(), EngineError> {
        match fs::remove_file(self.dir.join(id.as_str())) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(EngineError::internal("unmark a container", error))
            }
            _ => Ok(()),
        }
    }

    /// The containers that have one.
    pub(crate) fn all(&self) -> Vec<ContainerId> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        entries.filter_map(|it| ContainerId::new(it.file_name().to_str()?).ok()).collect()
    }
}
