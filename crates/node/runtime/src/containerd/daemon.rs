//! Keeps our containerd running: adopts the one that runs, starts it if none does, and again when it dies.
//!
//! It runs in a session of its own and outlives this process. It is ours if it was started with our
//! configuration file, which is found in its command line: there is no file that could be stale.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use super::client::Client;
use super::log;
use super::options::Options;
use super::process::Process;
use crate::engine::error::EngineError;

/// Containerd opens its database and reconnects to every shim before it answers.
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
const PING_EVERY: Duration = Duration::from_secs(15);
const PING_LIMIT: Duration = Duration::from_secs(10);
/// So many pings without an answer make a hung containerd.
const PINGS_MISSED: u32 = 3;
const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_MOST: Duration = Duration::from_secs(10);

/// How containerd is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It answers. The number grows with each start or adoption.
    Up { pid: u32, generation: u64 },
    /// It does not, and why as far as is known.
    Down { why: String },
    /// It was stopped because that was asked for.
    Stopped,
}

/// Asks the supervising task to stop containerd; it is answered when it has.
type Stop = oneshot::Sender<Result<(), EngineError>>;

pub(crate) struct Daemon {
    health: watch::Receiver<Health>,
    stop: mpsc::Sender<Stop>,
}

impl Daemon {
    /// Answers when containerd does. From then on it is kept running until [`Daemon::stop`].
    pub(crate) async fn start(options: Arc<Options>, client: Client) -> Result<Self, EngineError> {
        make_dir(&options.data_dir, 0o711)?;
        make_dir(&options.run_dir, 0o711)?;
        make_dir(&options.marks(), 0o700)?;
        make_dir(&options.runtime_root(), 0o711)?;
        let lock = lock(&options.lock_file())?;
        let process = begin(&options, &client).await?;
        let (health, seen) = watch::channel(Health::Up { pid: process.pid, generation: 1 });
        let (stop, stops) = mpsc::channel(1);
        let keeper = Keeper { options, client, health, stops, generation: 1, _lock: lock };
        tokio::spawn(keeper.keep(process));
        Ok(Self { health: seen, stop })
    }

    pub(crate) fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Ends containerd and leaves it so. Containers keep running under their shims.
    pub(crate) async fn stop(&self) -> Result<(), EngineError> {
        let (answer, stopped) = oneshot::channel();
        if self.stop.send(answer).await.is_err() {
            // Nobody keeps it any more: it was stopped before.
            return Ok(());
        }
        match stopped.await {
            Ok(result) => result,
            Err(_) => Ok(()),
        }
    }
}

struct Keeper {
    options: Arc<Options>,
    client: Client,
    health: watch::Sender<Health>,
    stops: mpsc::Receiver<Stop>,
    generation: u64,
    _lock: File,
}

impl Keeper {
    async fn keep(mut self, mut process: Process) {
        let mut backoff = BACKOFF_FIRST;
        loop {
            let since = Instant::now();
            let file = self.options.log_file();
            let why = tokio::select! {
                status = process.ended() => status,
                () = hung(&self.client, &file) => {
                    process.kill(Signal::SIGKILL);
                    process.ended().await;
                    "it did not answer any more".to_owned()
                }
                stop = self.stops.recv() => {
                    // Without a stop the engine itself is gone, and containerd stays.
                    let Some(answer) = stop else { return };
                    let result = finish(&mut process).await;
                    self.health.send_replace(Health::Stopped);
                    // Whoever asked may have stopped waiting.
                    let _ = answer.send(result);
                    return;
                }
            };
            if since.elapsed() > BACKOFF_MOST {
                backoff = BACKOFF_FIRST;
            }
            tracing::warn!(pid = process.pid, %why, "containerd ended; starting it again");
            self.health.send_replace(Health::Down { why });
            process = loop {
                tokio::select! {
                    () = sleep(backoff) => {}
                    stop = self.stops.recv() => {
                        let Some(answer) = stop else { return };
                        self.health.send_replace(Health::Stopped);
                        let _ = answer.send(Ok(()));
                        return;
                    }
                }
                match begin(&self.options, &self.client).await {
                    Ok(process) => break process,
                    Err(error) => {
                        tracing::error!(%error, "containerd does not start");
                        self.health.send_replace(Health::Down { why: error.to_string() });
                        backoff = (backoff * 2).min(BACKOFF_MOST);
                    }
                }
            };
            self.generation += 1;
            self.health.send_replace(Health::Up { pid: process.pid, generation: self.generation });
        }
    }
}

/// Ends when containerd has not answered for long. Meanwhile, keeps its log within bounds.
async fn hung(client: &Client, file: &Path) {
    let mut missed = 0;
    while missed < PINGS_MISSED {
        sleep(PING_EVERY).await;
        if let Err(error) = log::trim(file) {
            tracing::warn!(%error, "containerd's log cannot be trimmed");
        }
        missed = if answers(client, PING_LIMIT).await { 0 } else { missed + 1 };
    }
}

async fn answers(client: &Client, limit: Duration) -> bool {
    let mut version = client.version();
    matches!(timeout(limit, version.version(())).await, Ok(Ok(_)))
}

/// Adopts the containerd that runs or starts one, and waits until it answers.
async fn begin(options: &Options, client: &Client) -> Result<Process, EngineError> {
    let mut process = match running(&options.config_file())? {
        Some(pid) => {
            tracing::info!(pid, "adopting the containerd that runs");
            Process::adopt(pid)?
        }
        None => spawn(options)?,
    };
    let began = Instant::now();
    loop {
        tokio::select! {
            status = process.ended() => {
                return Err(EngineError::Unavailable(format!(
                    "containerd ended while starting ({status}): {}",
                    log::last_words(&options.log_file())
                )));
            }
            answered = answers(client, Duration::from_secs(2)) => if answered { return Ok(process) },
        }
        if began.elapsed() > START_LIMIT {
            process.kill(Signal::SIGKILL);
            process.ended().await;
            return Err(EngineError::Timeout { what: "containerd's start", limit: START_LIMIT });
        }
        sleep(Duration::from_millis(10)).await;
    }
}

async fn finish(process: &mut Process) -> Result<(), EngineError> {
    process.kill(Signal::SIGTERM);
    if timeout(STOP_LIMIT, process.ended()).await.is_err() {
        process.kill(Signal::SIGKILL);
        timeout(STOP_LIMIT, process.ended())
            .await
            .map_err(|_| EngineError::Timeout { what: "containerd's end", limit: STOP_LIMIT })?;
    }
    Ok(())
}

/// The process that was started with our configuration file.
fn running(config: &Path) -> Result<Option<u32>, EngineError> {
    let config = config.to_str().expect("checked to be UTF-8");
    let entries = fs::read_dir("/proc").map_err(|error| EngineError::internal("list /proc", error))?;
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
        let args: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        if args.len() >= 3 && args[1] == b"--config" && args[2] == config.as_bytes() {
            return Ok(Some(pid));
        }
    }
    Ok(None)
}

fn spawn(options: &Options) -> Result<Process, EngineError> {
    let internal = |doing: &str, error: std::io::Error| EngineError::internal(doing, error);
    let staged = options.config_file().with_extension("new");
    fs::write(&staged, options.config()).map_err(|e| internal("write containerd's settings", e))?;
    fs::rename(&staged, options.config_file()).map_err(|e| internal("write containerd's settings", e))?;
    let output = log::open(&options.log_file()).map_err(|e| internal("open containerd's log", e))?;
    let errors = output.try_clone().map_err(|e| internal("open containerd's log", e))?;
    let mut command = Command::new(&options.containerd);
    command
        .arg("--config")
        .arg(options.config_file())
        .current_dir(&options.data_dir)
        // What is ours alone (credentials, a service manager's socket) is nobody else's.
        .env_clear()
        .env("PATH", path())
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    // SAFETY: between fork and exec only setsid, getrlimit and setrlimit are called, which are
    // async-signal-safe and touch no memory of the parent.
    unsafe {
        command.pre_exec(|| {
            nix::unistd::setsid()?;
            raise_file_limit()
        });
    }
    let child = command.spawn().map_err(|error| {
        let program = options.containerd.display();
        match error.kind() {
            ErrorKind::NotFound => EngineError::Invalid(format!(
                "{program} is not installed: install containerd and runc (Debian's packages have these names)"
            )),
            _ => EngineError::Unavailable(format!("cannot run {program}: {error}")),
        }
    })?;
    tracing::info!(pid = child.id(), "started containerd");
    let pid = child.id();
    let process = Process::adopt(pid)?;
    // Its end is seen by the pidfd; this thread only takes the status, so that no zombie stays.
    std::thread::Builder::new()
        .name("containerd-reaper".into())
        .spawn(move || {
            let mut child = child;
            match child.wait() {
                Ok(status) => tracing::debug!(pid, %status, "containerd ended"),
                Err(error) => tracing::warn!(pid, %error, "containerd's status is lost"),
            }
        })
        .map_err(|e| internal("start a thread", e))?;
    Ok(process)
}

/// Where shims and runtimes are found too when a shell's path leaves out what is for root.
fn path() -> String {
    let given = std::env::var("PATH").unwrap_or_default();
    let usual = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let missing = usual.into_iter().filter(|dir| !given.split(':').any(|it| it == *dir));
    given.split(':').filter(|it| !it.is_empty()).chain(missing).collect::<Vec<_>>().join(":")
}

fn raise_file_limit() -> std::io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a pointer to a live rlimit of this stack frame.
    let result = unsafe {
        match libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) {
            0 => {
                limit.rlim_cur = limit.rlim_max;
                libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
            }
            failed => failed,
        }
    };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

fn make_dir(path: &Path, mode: u32) -> Result<(), EngineError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(|error| EngineError::internal(&format!("make {}", path.display()), error))
}

/// Two engines on one directory would stop each other's containers.
fn lock(path: &Path) -> Result<File, EngineError> {
    let open = |error| EngineError::internal(&format!("lock {}", path.display()), error);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(open)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(EngineError::Invalid(format!(
            "{} is held by another Gantry",
            path.parent().unwrap_or(path).display()
        ))),
        Err(fs::TryLockError::Error(error)) => Err(open(error)),
    }
}
