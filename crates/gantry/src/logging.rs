//! Gantry's own log: lines of fields, to a file of bounded size and, in the foreground, to the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The size at which the log is put aside as `gantry.log.1`, in bytes.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Begins to log. `GANTRY_LOG` takes the filters of `tracing-subscriber`.
pub fn begin(file: &Path, terminal: bool) -> Result<()> {
    let filter = EnvFilter::try_from_env("GANTRY_LOG").unwrap_or_else(|_| {
        EnvFilter::new("info,hyper=warn,h2=warn,tonic=warn,hickory_server=warn,netlink_proto=warn,netlink_packet_route=error")
    });
    let log = Log(Arc::new(Mutex::new(Rotating::open(file)?)));
    // What takes how long is said at the level of debugging, as spans that close.
    let to_file = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_target(true)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(log);
    let to_terminal =
        terminal.then(|| tracing_subscriber::fmt::layer().with_target(false).with_writer(io::stderr));
    tracing_subscriber::registry().with(filter).with(to_file).with(to_terminal).init();
    Ok(())
}

#[derive(Clone)]
struct Log(Arc<Mutex<Rotating>>);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;
    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).write_line(line)?;
        Ok(line.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Rotating {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Rotating {
    fn open(path: &Path) -> Result<Self> {
        let opened =
            Self::append(path).with_context(|| format!("the log {} can't be opened", path.display()))?;
        Ok(Rotating { path: path.to_owned(), size: opened.1, file: opened.0 })
    }

    fn append(path: &Path) -> io::Result<(File, u64)> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }

    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.size + line.len() as u64 > LIMIT {
            let mut aside = self.path.as_os_str().to_owned();
            aside.push(".1");
            std::fs::rename(&self.path, aside)?;
            (self.file, self.size) = Self::append(&self.path)?;
        }
        self.file.write_all(line)?;
        self.size += line.len() as u64;
        Ok(())
    }
}
