//! One Gantry for one test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

/// How long a start may take before the test gives up.
const START: Duration = Duration::from_secs(60);

/// A Gantry with its own directory and ports, running until it is dropped.
pub struct World {
    folder: TempDir,
    port: u16,
    tls_port: u16,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    process: Option<Child>,
}

impl World {
    /// Starts one.
    pub fn start() -> World {
        Self::start_with(&[])
    }

    /// Starts one with more arguments to `gantry up`.
    pub fn start_with(arguments: &[&str]) -> World {
        let mut world = Self::unstarted(arguments);
        world.up();
        world
    }

    /// One that has yet to be started, with more arguments to `gantry up`.
    pub fn unstarted(arguments: &[&str]) -> World {
        // Short, as the paths of sockets below it must fit 108 bytes.
        let folder =
            tempfile::Builder::new().prefix("gantry-e2e-").tempdir_in("/tmp").expect("/tmp takes a folder");
        let (port, tls_port) = (free_port(), free_port());
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        World { folder, port, tls_port, arguments, environment: Vec::new(), process: None }
    }

    /// With a variable in its environment from the next start on.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts it again, after [`World::kill`] or a stop.
    pub fn up(&mut self) {
        assert!(self.process.is_none(), "it is running");
        let log = std::fs::File::create(self.folder.path().join("up.out")).expect("the test's own folder");
        let process = self
            .gantry()
            .args(["up", "--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--listen-tls", &format!("127.0.0.1:{}", self.tls_port)])
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log)
            .spawn()
            .expect("the gantry binary is built");
        self.process = Some(process);
        self.wait_ready();
    }

    fn wait_ready(&mut self) {
        let deadline = Instant::now() + START;
        loop {
            if self.get("/_gantry/health").is_ok_and(|answer| answer.0 == 200) {
                return;
            }
            let process = self.process.as_mut().expect("it was just started");
            let ended = process.try_wait().expect("our own child");
            if ended.is_some() || Instant::now() > deadline {
                panic!("Gantry is not ready ({ended:?}):\n{}", self.said());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it printed.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("up.out")).unwrap_or_default()
    }

    /// `kill -9`, with no chance to tidy up.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("it is running");
        process.kill().expect("our own child");
        process.wait().expect("our own child");
    }

    /// Takes note that it has been told to end, and waits for it.
    pub fn ended(&mut self) {
        let mut process = self.process.take().expect("it was running");
        process.wait().expect("our own child");
    }

    /// Ends it as Ctrl-C would, and waits; tasks go on.
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("it is running");
        signal("-TERM", process.id());
        process.wait().expect("our own child");
    }

    /// Ends it with all its tasks, and waits: nothing of it is left on the machine but its folder.
    pub fn down(&mut self) {
        run(self.gantry().args(["down", "--stop-tasks"]));
        self.ended();
    }

    /// The folder of the test; `data` in it is the data directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it is running").id()
    }

    /// A world for another Gantry, which has not been started.
    pub fn sibling(&self, name: &str) -> World {
        let folder = tempfile::Builder::new().prefix(&format!("gantry-e2e-{name}-")).tempdir_in("/tmp");
        let (port, tls_port) = (free_port(), free_port());
        let folder = folder.expect("/tmp takes a folder");
        World {
            folder,
            port,
            tls_port,
            arguments: self.arguments.clone(),
            environment: Vec::new(),
            process: None,
        }
    }

    /// Where it listens with TLS.
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The endpoint's URL.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The gantry command on this world's data directory.
    pub fn gantry(&self) -> Command {
        let mut command = Command::new(binary());
        command.arg("--data-dir").arg(self.data());
        command
    }

    /// The process id of the containerd that Gantry started.
    pub fn containerd_pid(&self) -> Option<u32> {
        pids_naming(&self.data().to_string_lossy()).into_iter().find(|pid| name(*pid) == "containerd")
    }

    /// The six digits that all it has on this machine is named by; none before it had a containerd.
    pub fn instance(&self) -> Option<String> {
        let settings = std::fs::read_to_string(self.data().join("containerd/config.toml")).ok()?;
        let (_, rest) = settings.split_once("/run/gantry-")?;
        Some(rest.get(..6)?.to_owned())
    }

    /// Gantry's own process and those it started that name its folder: containerd, and shims of tasks.
    pub fn processes(&self) -> Vec<u32> {
        pids_naming(&self.folder.path().to_string_lossy())
    }

    /// The administrator's clients.
    pub fn aws(&self) -> Aws {
        let output = self.gantry().args(["--json", "env"]).output().expect("the gantry binary is built");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let values: Value = serde_json::from_slice(&output.stdout).expect("gantry env --json prints JSON");
        let values = values.as_object().expect("an object");
        let environment = values
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        Aws { environment, endpoint: self.endpoint(), home: self.folder.path().to_owned() }
    }

    /// A plain GET; status and body.
    pub fn get(&self, path: &str) -> Result<(u16, String)> {
        self.curl(&[&format!("{}{path}", self.endpoint())])
    }

    /// curl with these arguments; status and body.
    pub fn curl(&self, arguments: &[&str]) -> Result<(u16, String)> {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}"])
            .args(arguments)
            .output()
            .context("curl is installed")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').context("curl printed no status")?;
        let status = status.parse().context("curl printed no status")?;
        if status == 0 {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok((status, body.to_owned()))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- Gantry's log:\n{}", tail(&self.data().join("gantry.log")));
        }
        let mut left = self.process.is_none();
        if !left {
            let stopped = self.gantry().args(["down", "--stop-tasks", "--timeout", "30"]).output();
            left = !stopped.is_ok_and(|output| output.status.success());
            if left {
                eprintln!("gantry down did not stop everything; the rest is killed");
            }
        }
        if let Some(mut process) = self.process.take() {
            let deadline = Instant::now() + Duration::from_secs(5);
            while matches!(process.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        // Whatever still names our folder is ours: containerd that a failed test left.
        for pid in pids_naming(&self.folder.path().to_string_lossy()) {
            signal("-KILL", pid);
        }
        let instance = self.instance().filter(|_| left);
        unmount_below(self.folder.path());
        // Interfaces end with their namespaces, which were mounted there.
        if let Some(instance) = instance {
            remove_left(&instance);
        }
    }
}

/// Removes what one that did not clear up has outside of its folder: shims with their containers, rules, sockets.
fn remove_left(instance: &str) {
    let run_dir = PathBuf::from(format!("/run/gantry-{instance}"));
    kill_tree(&format!("{}/", run_dir.display()));
    let table = format!("gantry_{instance}");
    let _ = Command::new("nft").args(["delete", "table", "ip", &table]).stderr(Stdio::null()).status();
    unmount_below(&run_dir);
    let _ = std::fs::remove_dir_all(run_dir);
}

/// The AWS CLI and boto3 with some credentials.
#[derive(Clone)]
pub struct Aws {
    environment: Vec<(String, String)>,
    endpoint: String,
    home: PathBuf,
}

impl Aws {
    /// The same clients with other credentials.
    pub fn with_keys(&self, access_key: &str, secret: &str, session_token: Option<&str>) -> Aws {
        let mut other = self.clone();
        other.set("AWS_ACCESS_KEY_ID", access_key);
        other.set("AWS_SECRET_ACCESS_KEY", secret);
        if let Some(token) = session_token {
            other.set("AWS_SESSION_TOKEN", token);
        }
        other
    }

    /// The same clients at another endpoint.
    pub fn at(&self, endpoint: &str) -> Aws {
        Aws { endpoint: endpoint.to_owned(), ..self.clone() }
    }

    /// The same clients in another region.
    pub fn in_region(&self, region: &str) -> Aws {
        let mut other = self.clone();
        other.set("AWS_REGION", region);
        other.set("AWS_DEFAULT_REGION", region);
        other
    }

    fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A variable of the clients' environment.
    pub fn variable(&self, name: &str) -> String {
        let found = self.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn prepare(&self, command: &mut Command) {
        // Nothing of the machine's own configuration may leak in.
        for (name, _) in std::env::vars() {
            if name.starts_with("AWS_") || name.starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        command.env("HOME", &self.home).env("AWS_PAGER", "").env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(self.environment.iter().cloned());
    }

    /// The AWS CLI with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        // Debian's, which is version 2; another one may stand before it in PATH.
        let mut command = Command::new("/usr/bin/aws");
        self.prepare(&mut command);
        command.args(["--endpoint-url", &self.endpoint, "--output", "json"]).args(arguments);
        command
    }

    /// What the AWS CLI answers, as JSON; panics with its complaint otherwise.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).output().expect("the AWS CLI is installed");
        if !output.status.success() {
            panic!("aws {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Value::Null;
        }
        serde_json::from_slice(&output.stdout).expect("the AWS CLI prints JSON")
    }

    /// What the AWS CLI prints.
    #[track_caller]
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the AWS CLI is installed");
        if !output.status.success() {
            panic!("aws {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What the AWS CLI complains of; panics if it does not.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the AWS CLI is installed");
        assert!(!output.status.success(), "aws {} was not refused", arguments.join(" "));
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }

    /// Runs a Python script with boto3 imported and `endpoint` set; what it prints.
    #[track_caller]
    pub fn boto3(&self, script: &str) -> String {
        let mut command = Command::new(python());
        self.prepare(&mut command);
        command.arg("-c").arg(format!("import boto3, json, sys\nendpoint = {:?}\n{script}", self.endpoint));
        let output = command.output().expect("Python is installed");
        if !output.status.success() {
            panic!("the script failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// Runs a command and fails with what it complained of.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    output
}

/// Waits until `look` sees something, and returns it.
#[track_caller]
pub fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what}: not within {within:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The gantry binary: GANTRY_BIN, or the workspace's debug build.
pub fn binary() -> PathBuf {
    std::env::var_os("GANTRY_BIN").map_or_else(|| workspace().join("target/debug/gantry"), PathBuf::from)
}

/// The Python that has AWS's clients: GANTRY_PYTHON, or the one that `cargo xtask test` made.
pub fn python() -> PathBuf {
    let python = std::env::var_os("GANTRY_PYTHON")
        .map_or_else(|| workspace().join(".cache/python/bin/python"), PathBuf::from);
    assert!(python.exists(), "{} is missing: run these tests with cargo xtask test", python.display());
    python
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("e2e lies in the workspace").to_owned()
}

/// A port that nobody has, below those that the kernel gives to connections: one of these may be gone before it is used.
pub fn free_port() -> u16 {
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let mut ports = std::iter::repeat_with(|| {
        let at = std::process::id().wrapping_mul(613).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        (PORTS.start + at % (PORTS.end - PORTS.start)) as u16
    });
    ports.find(|port| TcpListener::bind(("0.0.0.0", *port)).is_ok()).expect("there is always another port")
}

fn signal(signal: &str, pid: u32) {
    let _ = Command::new("kill").args([signal, &pid.to_string()]).status();
}

/// Processes, other than ours, that have `text` in their command line.
pub fn pids_naming(text: &str) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id())
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(text)
        })
        .collect()
}

/// Kills all processes that name the text, and all that they started.
pub fn kill_tree(text: &str) {
    let mut doomed = pids_naming(text);
    let mut at = 0;
    while let Some(pid) = doomed.get(at).copied() {
        // A child is listed with the thread that started it.
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            doomed.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        at += 1;
    }
    for pid in doomed {
        signal("-KILL", pid);
    }
}

/// The name of a process.
pub fn name(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

/// Takes away what is mounted in the folder.
pub fn unmount_below(folder: &Path) {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let below: Vec<&str> = points.filter(|point| Path::new(point).starts_with(folder)).collect();
    for point in below.into_iter().rev() {
        let _ = Command::new("umount").args(["--lazy", point]).status();
    }
}

fn tail(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
