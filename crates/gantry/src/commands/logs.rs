//! `gantry logs`: what containers say, or Gantry's own log.

mod files;
mod output;
mod source;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cli::Logs;
use crate::layout::Layout;

/// No more of the log's end is searched for lines than this, in bytes.
const TAIL: u64 = 8 * 1024 * 1024;

pub fn run(layout: &Layout, options: &Logs, json: bool) -> Result<()> {
    match &options.what {
        Some(what) => output::run(layout, options, what, json),
        None => own(layout, options, json),
    }
}

/// Gantry's own log.
fn own(layout: &Layout, options: &Logs, json: bool) -> Result<()> {
    let path = layout.log();
    let mut file = File::open(&path)
        .with_context(|| format!("there is no log at {}: has this Gantry been started?", path.display()))?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(options.lines)..] {
        print(line, json)?;
    }
    if options.follow { follow(file, &path, json) } else { Ok(()) }
}

/// Shows what is added, also when the log is put aside and begun anew. Ends with the process.
fn follow(mut file: File, path: &std::path::Path, json: bool) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    loop {
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            print(line.trim_end(), json)?;
            line.clear();
        }
        std::thread::sleep(Duration::from_millis(200));
        if std::fs::metadata(path).is_ok_and(|now| file.metadata().is_ok_and(|ours| ours.ino() != now.ino()))
        {
            file = File::open(path)?;
        }
    }
}

fn print(line: &str, json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::json!({ "line": line }))?;
    } else {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
