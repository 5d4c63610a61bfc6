//! Docker's `json-file`: a line of JSON for each line, in files that rotate.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use serde_json::json;

use crate::logs::lines::Event;

/// No file grows for ever, whatever the options say.
const MAX_BYTES: u64 = 256 << 20;
/// What a file's name ends with.
pub const SUFFIX: &str = "-json.log";

pub struct JsonFile {
    path: PathBuf,
    max_bytes: u64,
    max_files: usize,
}

impl JsonFile {
    pub fn new(options: &HashMap<String, String>, beside: &Path) -> Result<Self, String> {
        let max_bytes = match options.get("max-size") {
            None => MAX_BYTES,
            Some(text) => {
                size(text).filter(|bytes| *bytes > 0).ok_or_else(|| format!("max-size {text:?}"))?
            }
        };
        let max_files = match options.get("max-file") {
            None => 1,
            Some(text) => {
                text.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("max-file {text:?}"))?
            }
        };
        // Both streams of a container go to one file.
        let path = beside.with_extension("");
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        Ok(Self {
            path: path.with_file_name(format!("{name}{SUFFIX}")),
            max_bytes: max_bytes.min(MAX_BYTES),
            max_files: usize::min(max_files, 100),
        })
    }

    pub fn take(&mut self, output: v1::Output, events: &[Event]) -> io::Result<()> {
        let stream = if output == v1::Output::Stderr { "stderr" } else { "stdout" };
        let mut text = Vec::new();
        for event in events {
            let line = json!({
                "log": format!("{}\n", event.message),
                "stream": stream,
                "time": Timestamp::from_millis(event.timestamp_ms).to_rfc3339(),
            });
            serde_json::to_writer(&mut text, &line).map_err(io::Error::other)?;
            text.push(b'\n');
        }
        let length = fs::metadata(&self.path).map_or(0, |it| it.len());
        if length > 0 && length + text.len() as u64 > self.max_bytes {
            self.rotate()?;
        }
        let mut file = OpenOptions::new().create(true).append(true).mode(0o640).open(&self.path)?;
        file.write_all(&text)
    }

    /// `x.log` becomes `x.log.1`, and so on; the last goes.
    fn rotate(&self) -> io::Result<()> {
        let numbered = |number: usize| match number {
            0 => self.path.clone(),
            _ => PathBuf::from(format!("{}.{number}", self.path.display())),
        };
        if self.max_files == 1 {
            return fs::remove_file(&self.path);
        }
        for number in (0..self.max_files - 1).rev() {
            match fs::rename(numbered(number), numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A number of bytes, with `k`, `m` or `g` behind it.
pub fn size(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (digits, unit) = match lower.as_bytes().last()? {
        b'k' => (&lower[..lower.len() - 1], 1 << 10),
        b'm' => (&lower[..lower.len() - 1], 1 << 20),
        b'g' => (&lower[..lower.len() - 1], 1 << 30),
        _ => (lower, 1),
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_rotate_at_their_size() {
        let dir = tempfile::tempdir().unwrap();
        let beside = dir.path().join("t-1.stdout");
        let options = HashMap::from([
            ("max-size".to_owned(), "1k".to_owned()),
            ("max-file".to_owned(), "2".to_owned()),
        ]);
        let mut driver = JsonFile::new(&options, &beside).unwrap();
        for at in 0..6 {
            let event = Event { timestamp_ms: at, message: "x".repeat(400), end_offset: 0 };
            driver.take(v1::Output::Stderr, &[event]).unwrap();
        }
        let mut names: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["t-1-json.log", "t-1-json.log.1"]);
        let text = fs::read_to_string(dir.path().join("t-1-json.log")).unwrap();
        assert!(text.len() <= 1024 && text.contains("\"stream\":\"stderr\""), "{text}");
        assert!(text.contains("1970-01-01T00:00:00.005Z"), "{text}");
    }
}
