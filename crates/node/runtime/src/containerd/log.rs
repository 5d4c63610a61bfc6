//! Containerd's own log, within bounds.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const LOG_BYTES: u64 = 16 << 20;

pub(super) fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Keeps one older part. Whoever writes appends, so the file can be emptied under it; what is written between
/// the copy and that is lost, which a log of this kind can bear.
pub(super) fn trim(path: &Path) -> std::io::Result<()> {
    if fs::metadata(path)?.len() > LOG_BYTES {
        fs::copy(path, path.with_extension("log.old"))?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
    }
    Ok(())
}

/// The last lines that containerd wrote.
pub(super) fn last_words(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(2000)..]).into_owned();
    let lines: Vec<&str> = text.trim_end().lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_log_is_emptied_under_its_writer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("containerd.log");
        let mut log = open(&path).unwrap();
        log.write_all(&vec![b'x'; LOG_BYTES as usize]).unwrap();
        trim(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), LOG_BYTES, "not too long yet");
        log.write_all(b"y").unwrap();
        trim(&path).unwrap();
        log.write_all(b"last words\n").unwrap();
        assert_eq!(last_words(&path), "last words");
        assert_eq!(fs::metadata(path.with_extension("log.old")).unwrap().len(), LOG_BYTES + 1);
    }
}
