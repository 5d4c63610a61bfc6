//! What a container says that no log driver takes away: it is in a file of this machine while the container is there.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gantry_base::Timestamp;
use serde_json::Value;

use super::source::Line;

/// No more of a file's end is searched for lines than this, in bytes.
const TAIL: u64 = 1024 * 1024;
/// A line that is longer is shown in parts.
const LINE: usize = 256 * 1024;

/// The files of one container, and how far they were read.
pub struct Files {
    files: Vec<Reading>,
}

struct Reading {
    path: PathBuf,
    /// Lines are JSON, as Docker's driver writes them.
    json: bool,
    stderr: bool,
    offset: Option<u64>,
    /// The beginning of a line that has no end yet.
    begun: Vec<u8>,
}

impl Files {
    /// Of a container by the name that its runtime has for it, below the folder of its task.
    pub fn of(folder: &Path, runtime_id: &str, json: bool) -> Files {
        let one = |ending: &str, stderr: bool| Reading {
            path: folder.join(format!("{runtime_id}{ending}")),
            json,
            stderr,
            offset: None,
            begun: Vec::new(),
        };
        let files = match json {
            true => vec![one("-json.log", false)],
            false => vec![one(".stdout", false), one(".stderr", true)],
        };
        Files { files }
    }

    /// Whether there is anything of it on this machine.
    pub fn are_here(&self) -> bool {
        self.files.iter().any(|one| one.path.exists())
    }

    /// What was added since the last time; the first time the last lines, at most so many of each file.
    pub fn read(&mut self, last: usize) -> Result<Vec<Line>> {
        let mut lines = Vec::new();
        for file in &mut self.files {
            let first = file.offset.is_none();
            let added = file.read().with_context(|| format!("{} can't be read", file.path.display()))?;
            let skipped = if first { added.len().saturating_sub(last) } else { 0 };
            lines.extend(added.into_iter().skip(skipped));
        }
        Ok(lines)
    }
}

impl Reading {
    fn read(&mut self) -> Result<Vec<Line>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            // Not begun yet, or over.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let length = file.metadata()?.len();
        let from = match self.offset {
            // It was put aside and begun anew.
            Some(offset) if offset > length => 0,
            Some(offset) => offset,
            None => length.saturating_sub(TAIL),
        };
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        file.take(TAIL).read_to_end(&mut text)?;
        self.offset = Some(from + text.len() as u64);
        // What was taken away before is a hole, which reads as zeros.
        let beginning = text.iter().position(|byte| *byte != 0).unwrap_or(text.len());
        self.begun.extend_from_slice(&text[beginning..]);
        let begun = std::mem::take(&mut self.begun);
        let (mut rest, mut lines) = (begun.as_slice(), Vec::new());
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            lines.extend(self.line(&rest[..end]));
            rest = &rest[end + 1..];
        }
        match rest.len() > LINE {
            true => lines.extend(self.line(rest)),
            false => self.begun = rest.to_vec(),
        }
        Ok(lines)
    }

    fn line(&self, bytes: &[u8]) -> Option<Line> {
        let text = String::from_utf8_lossy(bytes);
        if !self.json {
            let message = text.trim_end_matches('\r').to_owned();
            return Some(Line { at_ms: None, stderr: self.stderr, message });
        }
        let line: Value = serde_json::from_str(&text).ok()?;
        let at = line["time"].as_str().and_then(Timestamp::from_rfc3339);
        Some(Line {
            at_ms: at.map(Timestamp::as_millis),
            stderr: line["stream"] == "stderr",
            message: line["log"].as_str()?.trim_end_matches('\n').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn said(files: &mut Files, last: usize) -> Vec<String> {
        files.read(last).unwrap().into_iter().map(|line| line.message).collect()
    }

    #[test]
    fn the_last_lines_and_then_what_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::of(folder.path(), "1-0", false);
        assert!(!files.are_here());
        assert!(said(&mut files, 2).is_empty());
        let path = folder.path().join("1-0.stdout");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"\0\0one\ntwo\nthree\nfo").unwrap();
        assert!(files.are_here());
        assert_eq!(said(&mut files, 2), ["two", "three"]);
        file.write_all(b"ur\nfive\n").unwrap();
        assert_eq!(said(&mut files, 0), ["four", "five"]);
        std::fs::write(&path, "new\n").unwrap();
        assert_eq!(said(&mut files, 0), ["new"], "it was begun anew");
    }

    #[test]
    fn lines_of_docker_s_driver() {
        let folder = tempfile::tempdir().unwrap();
        let line = r#"{"log":"hello\n","stream":"stderr","time":"1970-01-01T00:00:01.000Z"}"#;
        std::fs::write(folder.path().join("1-0-json.log"), format!("{line}\nbroken\n")).unwrap();
        let mut files = Files::of(folder.path(), "1-0", true);
        let read = files.read(10).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].at_ms, read[0].stderr, read[0].message.as_str()), (Some(1000), true, "hello"));
    }
}
