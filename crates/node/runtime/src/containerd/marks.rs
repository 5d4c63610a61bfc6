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
    /// What ran before is being removed, and its process made anew.
    Renewing,
    Created,
    /// Its start was asked for.
    Starting,
    Started(SystemTime),
}

/// A mark, and how often the container's process was made anew before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marked {
    pub mark: Mark,
    pub attempt: u32,
}

impl Marks {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) fn get(&self, id: &ContainerId) -> Option<Mark> {
        self.marked(id).map(|it| it.mark)
    }

    pub(crate) fn marked(&self, id: &ContainerId) -> Option<Marked> {
        fs::read_to_string(self.dir.join(id.as_str())).ok().map(|text| parse(&text))
    }

    /// Leaves the number of the attempt as it is.
    pub(crate) fn set(&self, id: &ContainerId, mark: Mark) -> Result<(), EngineError> {
        let attempt = self.marked(id).map_or(0, |it| it.attempt);
        self.put(id, Marked { mark, attempt })
    }

    pub(crate) fn put(&self, id: &ContainerId, marked: Marked) -> Result<(), EngineError> {
        let word = match marked.mark {
            Mark::Renewing => "renewing".to_owned(),
            Mark::Created => "created".to_owned(),
            Mark::Starting => "starting".to_owned(),
            Mark::Started(at) => {
                let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                format!("started {}", since.as_millis())
            }
        };
        // Whole or not at all: one that is cut short could have a container run twice. No id begins with a dot.
        let staged = self.dir.join(format!(".{id}"));
        fs::write(&staged, format!("{word}\nattempt {}\n", marked.attempt))
            .and_then(|()| fs::rename(&staged, self.dir.join(id.as_str())))
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

fn parse(text: &str) -> Marked {
    let mut lines = text.lines();
    let word = lines.next().unwrap_or_default();
    let attempt = lines.find_map(|line| line.strip_prefix("attempt ")?.parse().ok()).unwrap_or(0);
    let started = word.strip_prefix("started ").and_then(|it| it.parse().ok());
    let mark = match (started, word) {
        (Some(ms), _) => Mark::Started(SystemTime::UNIX_EPOCH + Duration::from_millis(ms)),
        (None, "created") => Mark::Created,
        (None, "renewing") => Mark::Renewing,
        // One that was cut short may have been of a start.
        (None, _) => Mark::Starting,
    };
    Marked { mark, attempt }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let marks = Marks::new(dir.path().to_owned());
        let id = ContainerId::new("a-1").unwrap();
        assert_eq!(marks.marked(&id), None);
        marks.set(&id, Mark::Created).unwrap();
        assert_eq!(marks.marked(&id), Some(Marked { mark: Mark::Created, attempt: 0 }));
        marks.put(&id, Marked { mark: Mark::Renewing, attempt: 3 }).unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1234);
        marks.set(&id, Mark::Started(at)).unwrap();
        assert_eq!(marks.marked(&id), Some(Marked { mark: Mark::Started(at), attempt: 3 }));
        assert_eq!(marks.all(), std::slice::from_ref(&id));
        assert_eq!(parse("").mark, Mark::Starting);
        assert_eq!(
            parse("started 7\n"),
            Marked { mark: Mark::Started(SystemTime::UNIX_EPOCH + Duration::from_millis(7)), attempt: 0 }
        );
        marks.remove(&id).unwrap();
        assert_eq!(marks.get(&id), None);
    }
}
