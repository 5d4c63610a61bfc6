//! Segments: files of lines, named by the moment of their first one.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const OPEN: &str = "jsonl";
const CLOSED: &str = "jsonl.zst";
/// No segment that was ever written is larger than this when unpacked.
const LARGEST: u64 = 256 << 20;

/// One segment. Later ones have higher names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// Milliseconds since the epoch: when it was begun, or one more than the segment before.
    pub name: i64,
    pub closed: bool,
    pub bytes: u64,
}

impl Segment {
    pub fn path(folder: &Path, name: i64, closed: bool) -> PathBuf {
        folder.join(format!("{name:013}.{}", if closed { CLOSED } else { OPEN }))
    }

    /// All of its lines, without one that is only half there.
    pub fn read(&self, folder: &Path) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match File::open(Self::path(folder, self.name, self.closed)) {
            Ok(file) if self.closed => {
                zstd::stream::Decoder::new(file)?.take(LARGEST).read_to_end(&mut text)?;
            }
            Ok(file) => {
                file.take(LARGEST).read_to_end(&mut text)?;
            }
            // It was closed since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.closed => {
                return Segment { closed: true, ..self.clone() }.read(folder);
            }
            Err(error) => return Err(error),
        }
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        text.truncate(whole);
        Ok(text)
    }

    /// Packs it; a crash in between leaves it open, or closed and open with the same lines.
    pub fn close(&mut self, folder: &Path) -> io::Result<()> {
        let open = Self::path(folder, self.name, false);
        let closed = Self::path(folder, self.name, true);
        let half = closed.with_extension("tmp");
        let packed = zstd::stream::encode_all(File::open(&open)?, 3)?;
        let mut file = File::create(&half)?;
        file.write_all(&packed)?;
        file.sync_all()?;
        fs::rename(&half, &closed)?;
        fs::remove_file(&open)?;
        self.closed = true;
        self.bytes = packed.len() as u64;
        Ok(())
    }

    pub fn remove(&self, folder: &Path) -> io::Result<()> {
        fs::remove_file(Self::path(folder, self.name, self.closed))
    }
}

/// The segments in `folder`, oldest first. Where one is there open and closed, the closed one is taken.
pub fn list(folder: &Path) -> io::Result<Vec<Segment>> {
    let mut found: Vec<Segment> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name();
        let Some((name, kind)) = file.to_str().and_then(|file| file.split_once('.')) else { continue };
        let Ok(name) = name.parse() else { continue };
        let closed = match kind {
            OPEN => false,
            CLOSED => true,
            _ => continue,
        };
        // It may be removed while it is looked at.
        let Ok(metadata) = entry.metadata() else { continue };
        found.push(Segment { name, closed, bytes: metadata.len() });
    }
    found.sort_by_key(|segment| (segment.name, !segment.closed));
    found.dedup_by_key(|segment| segment.name);
    Ok(found)
}
